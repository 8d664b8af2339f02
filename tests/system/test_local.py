"""Mail that ends on this machine, on the installed, privilege-separated system."""

import os
import socket
import subprocess
import threading
from pathlib import Path

from confined import processes
from installed import ORDINARY, SENDMAIL, cover
from local_mail import ALIASES, NOBODY, LocalMail, letters_in, write_aliases
from sandbox import ORDINARY_UID, wait_until
from scenery import Scenery
from sink import Sink
from waypost import RETRY_QUICKLY, Waypost, new_message

WAYPOST = "/usr/local/bin/waypost"
LIBEXEC = "/usr/local/libexec/waypost"


def test_user_gets_mail_into_the_system_mailbox(box):
    Scenery(box)
    system = LocalMail(box).start()
    token, message = new_message(body="From the first line\n>From quoted\n.\n")
    system.send("bob", message, "alice+lists@localhost")
    (letter,) = system.wait_for_letters("/var/mail/alice")
    assert token.encode() in letter and letter.count(b"Return-Path: <bob@home.test>\n") == 1
    assert b"Delivered-To: alice+lists@localhost\n" in letter and b"\r" not in letter
    raw = Path("/var/mail/alice").read_bytes()
    assert raw.startswith(b"From bob@home.test ") and b"\n>From the first line\n>>From quoted\n.\n" in raw
    status = Path("/var/mail/alice").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (ORDINARY["alice"], 8, 0o660), status
    system.wait_for_empty_queue()
    assert sorted(os.listdir("/var/mail")) == ["alice"], "no lock is left behind"
    # Who did that is root with hardly any of root's rights: CAP_KILL, CAP_SETGID, CAP_SETUID.
    (lspawn,) = [pid for name, pid in processes().items() if name == "waypost-lspawn"]
    fields = dict(line.split(":\t", 1) for line in Path(f"/proc/{lspawn}/status").read_text().splitlines() if ":\t" in line)
    assert fields["CapEff"] == fields["CapPrm"] == fields["CapBnd"] == "00000000000000e0" and fields["NoNewPrivs"] == "1", fields


def test_roots_mail_finds_a_reader(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    system = LocalMail(box).start()
    token, message = new_message(to="root")
    system.send("alice", message, "root")  # no alias, no address: a mailbox, written by the user mail
    (letter,) = system.wait_for_letters("/var/mail/root")
    assert token.encode() in letter and Path("/var/mail/root").stat().st_uid == 8
    write_aliases("Postmaster: root\nroot: bob@example.test\n")  # holds at once
    token, message = new_message(to="root")
    system.send("alice", message, "postmaster@localhost")
    assert token.encode() in sink.wait_for(1)[0].data
    assert "RCPT TO:<bob@example.test>" in "\n".join(sink.commands())
    ALIASES.unlink()
    config = Path("/etc/waypost/waypost.toml")
    config.write_text('root_to = "carol@example.test"\n' + config.read_text())
    assert system.run("root", [WAYPOST, "reload"]).returncode == 0
    token, message = new_message(to="root")
    system.send("alice", message, "root@localhost")
    assert token.encode() in sink.wait_for(2)[1].data
    assert "RCPT TO:<carol@example.test>" in "\n".join(sink.commands())
    system.wait_for_empty_queue()
    assert len(system.letters("/var/mail/root")) == 1


def test_unknown_user_and_loop_come_back_and_a_mistake_waits(box):
    Scenery(box)
    system = LocalMail(box, aliases="one: two\ntwo: one\nbroken: |no-path\n").start()
    for wrong, text in (("nosuch", b"there is no user and no alias"), ("daemon", b"account of the system"),
                        ("one", b"one -> two -> one")):
        before = len(system.letters("/var/mail/alice"))
        system.must("alice", [SENDMAIL, "-i", "-f", "alice@localhost", f"{wrong}@localhost"], new_message()[1])
        notice = system.wait_for_letters("/var/mail/alice", before + 1)[-1]
        assert text in notice.replace(b"=\n", b"").replace(b"\n", b" "), notice
        assert (b"5.4.6" if wrong == "one" else b"5.1.1") in notice
        system.wait_for_empty_queue()
    system.send("alice", new_message()[1], "broken@localhost")
    (row,) = wait_until(system.list, 10, "the message that waits")
    wait_until(lambda: "the alias aliases:3 is wrong" in system.log_file.read_text(), 10, "the reason")
    story = system.must("alice", [WAYPOST, "route", "alice@localhost", "broken@localhost"])
    assert "no absolute path" in story, story
    write_aliases("broken: bob\n")
    system.run("root", [WAYPOST, "kick", row["id"]])  # unless it has just left: the routes are asked again and again
    system.wait_for_letters("/var/mail/bob")


WITNESS = """#!/bin/sh
{ id -u; id -g; id -G; umask; pwd; env | sort; ls /proc/self/fd | tr '\\n' ' '; echo; cat; } > /tmp/witness.tmp
mv /tmp/witness.tmp "/tmp/witness-$1"
"""
OUTSIDE = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "SENDER", "RECIPIENT", "LOCAL", "DOMAIN", "EXTENSION", "MESSAGE_ID", "PWD",
           "_", "OLDPWD", "SHLVL"}


def witness(box, system, name, uid, message_token):
    path = Path("/tmp/witness-" + name)
    wait_until(path.exists, 15, str(path))
    lines = path.read_text().splitlines()
    assert path.stat().st_uid == uid and lines[0] == lines[1] == lines[2] == str(uid), lines[:5]
    blank = next(i for i, line in enumerate(lines) if line.startswith("0 1 2"))
    names = {line.partition("=")[0] for line in lines[5:blank]}
    assert names <= OUTSIDE, names - OUTSIDE
    assert message_token in path.read_text()
    return dict(line.split("=", 1) for line in lines[5:blank])


def test_programs_run_as_the_recipient_and_those_of_aliases_as_nobody(box):
    Scenery(box)
    program = box.folder / "witness"
    program.write_text(WITNESS)
    program.chmod(0o755)
    box.folder.chmod(0o755)
    tables = f"""
[transport.prog]
type = "pipe"
command = ["{program}", "pipe"]
[[route]]
to = ["prog.test"]
transport = "prog"
"""
    box.path("tmp-of-test").chmod(0o1777)
    subprocess.run(["mount", "--bind", box.folder / "tmp-of-test", "/tmp"], check=True)
    system = LocalMail(box, RETRY_QUICKLY, tables, aliases=f'hook: "|{program} alias"\nlog: /tmp/log/box\n').start()
    Path("/tmp/log").mkdir(mode=0o777)
    Path("/tmp/log").chmod(0o777)
    tokens = [new_message() for _ in range(3)]
    system.send("bob", tokens[0][1], "alice+detail@prog.test")
    system.send("bob", tokens[1][1], "hook@localhost")
    system.send("bob", tokens[2][1], "log@localhost")
    environment = witness(box, system, "pipe", ORDINARY["alice"], tokens[0][0])
    assert environment["RECIPIENT"] == "alice+detail@prog.test" and environment["EXTENSION"] == "detail"
    assert environment["HOME"] == str(system.homes["alice"]) and environment["SENDER"] == "bob@home.test"
    witness(box, system, "alias", NOBODY, tokens[1][0])
    (letter,) = system.wait_for_letters("/tmp/log/box")
    assert tokens[2][0].encode() in letter and Path("/tmp/log/box").stat().st_uid == NOBODY
    # Whoever sends to a command's name reaches only what the alias file names.
    done = system.run("bob", [SENDMAIL, "-i", "-f", "bob@localhost", '"|/bin/touch /tmp/evil"@localhost'],
                      new_message()[1])
    assert done.returncode == 0, done.stderr
    (notice,) = system.wait_for_letters("/var/mail/bob")
    assert b"names no such command or file" in notice.replace(b"=\n", b"").replace(b"\n", b" ")
    assert not Path("/tmp/evil").exists()


def test_list_with_include_becomes_one_message_and_each_gets_it_once(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    system = LocalMail(box, aliases="team: alice, bob, :include:/etc/team\nmore: carol, alice\n").start()
    Path("/etc/team").write_text("dave@example.test # by smtp\nmore\nBob\n")
    token, message = new_message()
    system.send("alice", message, "team@localhost")
    for user in ORDINARY:
        letters = system.wait_for_letters(f"/var/mail/{user}")
        assert [token.encode() in letter for letter in letters] == [True]
        assert b"Delivered-To: team@localhost\n" in letters[0]
    assert token.encode() in sink.wait_for(1)[0].data
    system.wait_for_empty_queue()
    assert "RCPT TO:<dave@example.test>" in "\n".join(sink.commands())
    log = system.log_file.read_text()
    assert log.count("event=expanded") == 1 and "became message" in log


def test_tricks_in_a_home_gain_nothing(box):
    Scenery(box)
    tables = '[transport.local]\ntype = "maildir"\npath = "~/Maildir"\n'
    system = LocalMail(box, 'retry = ["1h"]\n', tables).start()
    alice, bob = system.homes["alice"], system.homes["bob"]
    (alice / "Maildir").symlink_to(bob / "Maildir")  # which alice may not write
    (bob / "real").mkdir()
    os.chown(bob / "real", ORDINARY["bob"], ORDINARY["bob"])
    (bob / "Maildir").symlink_to(bob / "real")  # a link of one's own within one's own home is fine
    system.send("carol", new_message()[1], "alice@localhost", "bob@localhost")
    system.wait_for_maildir(bob / "Maildir")

    def alice_waits():
        (row,) = system.list()
        waiting = [one for one in row["recipients"] if one["state"] == "pending"]
        return row if [one["address"] for one in waiting] == ["alice@localhost"] and waiting[0]["attempts"] >= 1 else None

    row = wait_until(alice_waits, 15, "bob to have it, and alice to wait for it")
    assert "Permission denied" in row["recipients"][0]["reply"], row
    assert len(os.listdir(bob / "real/new")) == 1
    (alice / "Maildir").unlink()
    system.must("root", [WAYPOST, "kick", row["id"]])
    (letter,) = system.wait_for_maildir(alice / "Maildir")
    assert b"Delivered-To: alice@localhost\n" in letter
    assert (alice / "Maildir").stat().st_uid == ORDINARY["alice"]


def test_home_of_ones_own_has_one_mailbox_and_its_own_aliases(box):
    Scenery(box)
    cover(box, "/etc")
    with open("/etc/passwd", "a", encoding="ascii") as passwd:
        passwd.write(f"me:x:{ORDINARY_UID}:{ORDINARY_UID}::/:/bin/sh\nother:x:1777:1777::/:/bin/sh\n")
    waypost = Waypost(box)
    (waypost.home / "etc/aliases").write_text(f'root: me\nhook: "|/bin/cp /dev/stdin {waypost.home}/taken"\n')
    waypost.start()
    tokens = [new_message() for _ in range(3)]
    waypost.send(tokens[0][1], "root@localhost")
    waypost.send(tokens[1][1], "hook@localhost")
    waypost.send(tokens[2][1], "other@localhost", sender="me@localhost")  # comes back to the only mailbox
    path = waypost.home / "mail/me"
    letters = wait_until(lambda: len(found := letters_in(path)) == 2 and found, 15, "root's mail and the notice")
    waypost.wait_for_empty_queue()
    (mine,) = [letter for letter in letters if tokens[0][0].encode() in letter]
    (notice,) = [letter for letter in letters if letter != mine]
    assert b"Delivered-To: me@localhost\n" in mine and b"there is no user and no alias" in notice.replace(b"=\n", b"").replace(b"\n", b" ")
    assert tokens[1][0] in (waypost.home / "taken").read_text()
    assert path.stat().st_uid == (waypost.home / "taken").stat().st_uid == ORDINARY_UID


class MailboxServer(threading.Thread):
    """LMTP on a local socket, or on TCP: takes one message after another, and knows one mailbox."""

    def __init__(self, place, known):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET if isinstance(place, tuple) else socket.AF_UNIX)
        self.socket.bind(place)
        if isinstance(place, str):
            os.chmod(place, 0o666)
        self.socket.listen()
        self.known, self.taken = known, []
        self.start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            with connection, connection.makefile("rwb") as file:
                self.serve(file)

    def serve(self, file):
        def say(line):
            file.write(line + b"\r\n")
            file.flush()

        say(b"220 mailboxes")
        for line in file:
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"RCPT":
                say(b"250 ok" if self.known in line else b"550 5.1.1 no such mailbox here")
            elif verb == b"DATA":
                say(b"354 go")
                self.taken.append(b"".join(iter(file.readline, b".\r\n")))
                say(b"250 2.1.5 Saved")
            elif verb == b"QUIT":
                return  # nobody waits for a farewell
            else:
                say(b"250 ok")


def test_mailbox_server_decides_who_exists(box):
    Scenery(box)
    box.folder.chmod(0o755)
    tables = f"""
[transport.boxes]
type = "lmtp"
socket = "{box.folder}/lmtp"
[transport.far]
type = "lmtp"
host = "127.0.0.1"
port = 2400
[[route]]
to = ["boxes.test"]
transport = "boxes"
[[route]]
to = ["far.test"]
transport = "far"
"""
    server = MailboxServer(str(box.folder / "lmtp"), b"<virtual@boxes.test>")
    far = MailboxServer(("127.0.0.1", 2400), b"<virtual@far.test>")
    system = LocalMail(box, tables=tables).start()
    token, message = new_message(body=".dot\n")
    system.must("alice", [SENDMAIL, "-i", "-f", "alice@localhost", "virtual@boxes.test", "other@boxes.test",
                          "virtual@far.test"], message)
    for one in (server, far):
        wait_until(lambda one=one: one.taken, 15, "the message")
        assert token.encode() in one.taken[0] and b"\r\n..dot\r\n" in one.taken[0]
    (notice,) = system.wait_for_letters("/var/mail/alice")
    assert b"other@boxes.test" in notice and b"no such mailbox here" in notice and b"virtual@boxes.test" not in notice


def test_nobody_but_the_tree_starts_deliveries(box):
    Scenery(box)
    system = LocalMail(box)
    for name in ("waypost-lspawn", "waypost-local"):
        mode = Path(LIBEXEC, name).stat()
        assert mode.st_uid == 0 and mode.st_mode & 0o6000 == 0, f"{name} has a set-id bit"
    done = system.run("alice", [f"{LIBEXEC}/waypost-lspawn"])
    assert done.returncode == 111 and b"not_confined" in done.stderr, done
    done = system.run("alice", [f"{LIBEXEC}/waypost-local", "mbox", "/var/mail/bob"])
    assert done.returncode == 64 and not Path("/var/mail/bob").exists()
    config = Path("/etc/waypost/waypost.toml")
    config.write_text(config.read_text() + '[transport.local]\ntype = "mbox"\nuser = "root"\n')
    done = system.run("root", [WAYPOST, "config", "check"])
    assert done.returncode == 100 and b"nothing is ever delivered as root" in done.stdout + done.stderr, done
