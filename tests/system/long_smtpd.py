"""waypost-smtpd under what runs it on a Debian machine with the package, and the SMTP clients of its packages."""

import os
import pwd
import re
import socket
import subprocess

from confined import Scene
from debian import Debian
from installed import Installed
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from smtp_service import Client, processes_named
from test_confinement import wrongs
from testing import time_limit

SMTPD = "/usr/libexec/waypost/waypost-smtpd"
EXAMPLES = "/usr/share/doc/waypost/examples"
BOB = "bob@example.test"


class Machine:
    def __init__(self, box, layer=None):
        self.sink = Sink(Scenery(box).host("mx1").listen(25))
        self.debian = Debian(box, layer=layer).install_waypost()

    def serve(self, argv, log="server.log"):
        """argv listens on port 25 of loopback and runs waypost-smtpd."""
        self.server = self.debian.start(argv, log)
        wait_until(listens, 20, f"{argv[0]} to listen")

    def arrived(self, word):
        return wait_until(lambda: [m for m in list(self.sink.messages) if word.encode() in m.data], 30, f"{word} at the sink")[0]


def listens():
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", 25)) == 0


def uid_of(debian, name):
    return int(debian.run(["id", "-u", name]))


def check_service(machine, fields, processes=2):
    """A message through it, as waysmtpd, in so many processes, the talking one without privileges; the trace names the client once."""
    debian = machine.debian
    client = Client(socket.create_connection(("127.0.0.1", 25)))
    client.expect(("EHLO client.test", "250"))
    pids = wait_until(lambda: len(found := processes_named("waypost-smtpd")) == processes and found, 10, "all of its processes")
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            (uids,) = re.findall(r"(?m)^Uid:\t(.*)$", status.read())
        assert set(map(int, uids.split())) == {uid_of(debian, "waysmtpd")}, uids
    (talker,) = wait_until(lambda: len(found := [pid for pid in pids if talks(pid)]) == 1 and found, 10, "one of them to have the client")
    with open(f"/proc/{talker}/status", encoding="ascii") as status:
        text = status.read()
    assert "Seccomp:\t2" in text and "NoNewPrivs:\t1" in text, text
    client.begin_message(BOB)
    client.expect(("Subject: x\r\n\r\nby hand\r\n.", "250 2.0.0"))
    debian.start_waypost()
    client.begin_message(BOB)
    client.expect(("Subject: x\r\n\r\nby foot\r\n.", "250 2.0.0"), ("QUIT", "221"))
    client.close()
    for word in ("by hand", "by foot"):
        trace = machine.arrived(word).data.decode().partition("Subject:")[0]
        assert trace.count("Received: from") == 1 and fields in trace, trace
        assert f"from uid {uid_of(debian, 'waysmtpd')})" in trace, trace
    debian.wait_for_empty_queue()
    rest = 0 if processes == 2 else processes - 1
    wait_until(lambda: len(processes_named("waypost-smtpd")) == rest, 10, "the talking one to end")


def talks(pid):
    return os.readlink(f"/proc/{pid}/fd/0").startswith("socket:")


def check_supervised(machine, supervisor):
    machine.serve(supervisor)
    check_service(machine, "from client.test ([127.0.0.1])", processes=3)
    log = machine.debian.root / "var/log/waypost/smtpd/current"
    wait_until(lambda: "event=taken client=127.0.0.1" in log.read_text(errors="replace"), 20, "a line in the log")


@time_limit(150)
def test_under_runsvdir(box):
    machine = Machine(box)
    machine.debian.shell(f"mkdir -p /etc/sv && cp -a {EXAMPLES}/runit/waypost-smtpd /etc/sv/ && ln -s /etc/sv/waypost-smtpd /etc/service/")
    check_supervised(machine, ["/usr/bin/runsvdir", "-P", "/etc/service"])


@time_limit(150)
def test_under_s6_svscan(box):
    machine = Machine(box)
    machine.debian.shell(f"mkdir -p /run/service && cp -a {EXAMPLES}/s6/waypost-smtpd /run/service/")
    check_supervised(machine, ["s6-svscan", "/run/service"])


@time_limit(150)
def test_under_tcpsvd(box):
    machine = Machine(box)
    machine.serve(["env", "RELAYCLIENT=", "tcpsvd", "-u", "waysmtpd", "-l", "localhost", "-c", "40", "127.0.0.1", "25", SMTPD])
    check_service(machine, "from client.test ([127.0.0.1])")


@time_limit(150)
def test_under_tcpserver(box):
    machine = Machine(box)
    machine.serve(["env", "RELAYCLIENT=", "s6-envuidgid", "waysmtpd", "tcpserver", "-v", "-U", "-HRl0", "-c", "40", "127.0.0.1", "25", SMTPD])
    check_service(machine, "from client.test ([127.0.0.1])")


@time_limit(150)
def test_under_inetd(box):
    """inetd sets no RELAYCLIENT, but env(1) may."""
    machine = Machine(box)
    line = "127.0.0.1:25 stream tcp nowait waysmtpd /usr/bin/env env RELAYCLIENT= " + SMTPD
    machine.debian.write("/etc/inetd.conf", line + "\n")
    machine.serve(["/usr/sbin/inetd", "-i"])
    check_service(machine, "from client.test ([127.0.0.1])")


@time_limit(150)
def test_sendmail_bs_under_inetd_as_root_serves_nobody(box):
    machine = Machine(box)
    machine.debian.write("/etc/inetd.conf", "127.0.0.1:25 stream tcp nowait root /usr/sbin/sendmail sendmail -bs\n")
    machine.serve(["/usr/sbin/inetd", "-i"])
    with socket.create_connection(("127.0.0.1", 25)) as connection:
        said = connection.makefile("rb").read()
    assert said.startswith(b"421 4.3.5") and said.count(b"\r\n") == 1, said


@time_limit(150)
def test_under_inetd_with_wait(box):
    """The socket that listens is standard input, output and error."""
    machine = Machine(box)
    line = "127.0.0.1:25 stream tcp wait waysmtpd /usr/bin/env env RELAYCLIENT= " + SMTPD
    machine.debian.write("/etc/inetd.conf", line + "\n")
    machine.serve(["/usr/sbin/inetd", "-i"])
    check_service(machine, "from client.test ([127.0.0.1])", processes=3)


XINETD_CONF = """service smtp
{{
    type = UNLISTED
    port = 25
    bind = 127.0.0.1
    socket_type = stream
    protocol = tcp
    wait = {wait}
    user = waysmtpd
    env = RELAYCLIENT=
    server = {server}
}}
"""


@time_limit(150)
def test_under_xinetd(box):
    """A process for each connection, whose standard error is the connection."""
    machine = Machine(box, "xinetd")
    machine.debian.write("/etc/xinetd.conf", XINETD_CONF.format(wait="no", server=SMTPD))
    machine.serve(["/usr/sbin/xinetd", "-dontfork", "-f", "/etc/xinetd.conf"])
    check_service(machine, "from client.test ([127.0.0.1])")


@time_limit(150)
def test_under_xinetd_with_wait(box):
    machine = Machine(box, "xinetd")
    machine.debian.write("/etc/xinetd.conf", XINETD_CONF.format(wait="yes", server=SMTPD))
    machine.serve(["/usr/sbin/xinetd", "-dontfork", "-f", "/etc/xinetd.conf"])
    check_service(machine, "from client.test ([127.0.0.1])", processes=3)


def systemd_activates(machine, *options):
    """systemd-socket-activate does for a command what systemd does for a unit."""
    machine.serve(["setpriv", "--reuid=waysmtpd", "--regid=waysmtpd", "--clear-groups", "--ambient-caps=+net_bind_service",
                   "--inh-caps=+net_bind_service", "systemd-socket-activate", *options, "-E", "RELAYCLIENT=", "-l", "127.0.0.1:25",
                   machine.command])


@time_limit(150)
def test_with_the_systemd_units_command_line(box):
    machine = Machine(box)
    units = machine.debian.root / "lib/systemd/system"
    unit = (units / "waypost-smtpd.service").read_text()
    (machine.command,) = re.findall(r"(?m)^ExecStart=(.*)$", unit)
    assert "User=waysmtpd\n" in unit and "Environment=RELAYCLIENT=\n" in unit and "StandardInput" not in unit
    assert "Accept" not in (units / "waypost-smtpd.socket").read_text()
    systemd_activates(machine)
    check_service(machine, "from client.test ([127.0.0.1])", processes=3)


@time_limit(150)
def test_with_a_systemd_unit_for_each_connection(box):
    """Accept=yes and StandardInput=socket."""
    machine = Machine(box)
    machine.command = SMTPD
    systemd_activates(machine, "--accept", "--inetd")
    check_service(machine, "from client.test ([127.0.0.1])")


PHP = r"""<?php
require '/usr/share/php/libphp-phpmailer/autoload.php';
$mail = new PHPMailer\PHPMailer\PHPMailer(true);
$mail->isSMTP(); $mail->Host = '127.0.0.1'; $mail->Port = 25;
$mail->setFrom('alice@home.test'); $mail->addAddress('bob@example.test');
$mail->Subject = 'by php'; $mail->Body = "hello from php\n.\nend";
$mail->send();
"""


@time_limit(200)
def test_clients_of_debian(box):
    machine = Machine(box)
    debian = machine.debian
    debian.start_waypost()
    machine.serve(["env", "RELAYCLIENT=", "/usr/bin/tcpserver", "-HRl0", "-u", str(uid_of(debian, "waysmtpd")), "-g",
                   debian.run(["id", "-g", "waysmtpd"]).strip(), "127.0.0.1", "25", SMTPD])
    debian.run(["swaks", "--server", "127.0.0.1", "--from", "alice@home.test", "--to", BOB, "--body", "hello from swaks"])
    machine.arrived("hello from swaks")
    debian.run(["swaks", "--server", "127.0.0.1", "--pipeline", "--from", "<>", "--to", BOB, "--body", "pipelined by swaks"])
    assert machine.arrived("pipelined by swaks").sender.startswith("MAIL FROM:<>")
    debian.write("/tmp/letter", "Subject: by curl\n\nhello from curl\n.\n..\nend\n")
    debian.run(["curl", "--silent", "--show-error", "smtp://127.0.0.1/client.test", "--mail-from", "alice@home.test", "--mail-rcpt", BOB,
                "--upload-file", "/tmp/letter"])
    assert b"hello from curl\r\n.\r\n" in machine.arrived("hello from curl").data
    debian.write("/tmp/send.php", PHP)
    debian.run(["php", "/tmp/send.php"])
    assert b"hello from php\r\n.\r\nend" in machine.arrived("hello from php").data
    debian.run(["python3", "-c", "import smtplib; s = smtplib.SMTP('127.0.0.1'); s.sendmail('a@home.test', 'bob@example.test', "
                "'Subject: x\\n\\nhello from python')"])
    machine.arrived("hello from python")
    debian.wait_for_empty_queue()


@time_limit(150)
def test_a_filter_before_the_queue(box):
    """The one that the manual shows."""
    machine = Machine(box)
    debian = machine.debian
    manual = debian.run(["sh", "-c", "zcat -f /usr/share/man/man8/waypost-smtpd.8*"])
    (script,) = re.findall(r"(?s)\.Bd -literal -offset indent\n(#!/bin/sh\n.*?)\.Ed", manual)
    debian.write("/usr/local/bin/filter", script, mode=0o755)
    debian.start_waypost()
    machine.serve(["env", "RELAYCLIENT=", "/usr/bin/tcpserver", "-HRl0", "-u", str(uid_of(debian, "waysmtpd")), "127.0.0.1", "25",
                   SMTPD, "--queue", "/usr/local/bin/filter"])
    client = Client(socket.create_connection(("127.0.0.1", 25)))
    client.expect(("EHLO client.test", "250"))
    client.begin_message(BOB)
    client.expect(("Subject: x\r\n\r\nnever this\r\n.", "554 5.3.0"))
    client.begin_message(BOB)
    client.expect(("Subject: x\r\n\r\nrather that\r\n.", "250 2.0.0"), ("QUIT", "221"))
    machine.arrived("rather that")
    debian.wait_for_empty_queue()
    assert len(machine.sink.messages) == 1


def test_who_talks_may_do_nothing(box):
    """Each forbidden act, done in its place."""
    Installed(box)
    scene = Scene(box)
    entry = pwd.getpwnam("waysmtpd")
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(["/usr/local/libexec/waypost/waypost-smtpd"], stdin=theirs, stdout=theirs, cwd="/",
                                   env=box.environment(TCPREMOTEIP="192.0.2.1"), user=entry.pw_uid, group=entry.pw_gid,
                                   extra_groups=[])
    client = Client(ours)
    (talker,) = [pid for pid in processes_named("waypost-smtpd") if pid != process.pid]
    wrong = wrongs("waypost-smtpd", scene.attempt(talker, "waysmtpd"), set())
    assert not wrong, "\n".join(wrong)
    client.close()
    process.wait()
