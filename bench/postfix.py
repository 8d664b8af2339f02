"""Postfix, out of the private Debian root of the peers, tuned as a good administrator would for throughput on two cores.

What the tuning is, and what it saves:
- in_flow_delay=0                     no pause of a second a message when mail comes in faster than it goes out
- no chroot in master.cf              no copies of libraries and resolver files
- no maps but the one that W3 and W5 need (texthash: in memory), no aliases, no canonical, no milters, no header checks
- no DNS anywhere                     smtp_dns_support_level=disabled, next hops are addresses
- smtp_destination_concurrency_limit, initial_destination_concurrency=20   full speed at once to one next hop
- default_process_limit=250           W5 has 200 slow hops in 200 processes
- connection cache on demand          the default; with time limits that a bench does not reach. On loopback, where a
                                      connection costs next to nothing, Postfix is faster without it: W2n shows that too
- qmgr_message_active_limit=20000     the default; all 5,000 are in memory at once
- inet_protocols=ipv4, one anvil, no smtpd restrictions
- syslog goes to a trivial logger whose CPU time is not charged
"""

import os
import shutil
import socket
import subprocess
import threading
import time

from machine import ControlGroup, aside, wait_until

SMTPD_PORT = 2500
QUEUES = ("maildrop", "incoming", "active", "deferred", "defer", "bounce")
SERVICES = """\
127.0.0.1:2500 inet n - n - - smtpd
pickup   unix n - n 60 1 pickup
cleanup  unix n - n - 0 cleanup
{qmgr}qmgr     unix n - n 300 1 qmgr
tlsmgr   unix - - n 1000? 1 tlsmgr
tlsproxy unix - - n - 0 tlsproxy
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
smtp     unix - - n - - smtp
error    unix - - n - - error
retry    unix - - n - - error
anvil    unix - - n - 1 anvil
scache   unix - - n - 1 scache
showq    unix n - n - - showq
"""
SETTINGS = """\
compatibility_level = 3.6
myhostname = bench.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtpd_client_connection_count_limit = 0
smtp_dns_support_level = disabled
smtp_host_lookup = native
in_flow_delay = 0
default_process_limit = 250
default_destination_concurrency_limit = 20
smtp_destination_concurrency_limit = 20
initial_destination_concurrency = 20
smtp_connection_cache_time_limit = 10s
smtp_connection_reuse_time_limit = 600s
"""


class Postfix:
    name = "postfix"
    says_ready = False  # the sockets are there before the queue is read

    def __init__(self, root, programs, stage, disk, message):
        self.group = ControlGroup("postfix")
        self._root, self._disk = stage / "postfix", disk
        self._mount(root, stage)
        shutil.copy(programs / "bench/bin/load", self._root / "load")
        (self._root / "message").write_text(message)
        self._logger_group = ControlGroup("logger")
        self._logger = subprocess.Popen([programs / "bench/bin/logger", self._root / "dev/log", disk.path / "maillog"],
                                        preexec_fn=self._logger_group.join)
        self.inside = ["chroot", str(self._root)]
        self.load_program, self.message_file = "/load", "/message"
        self.sendmail = ["/usr/sbin/sendmail", "-i", "-f", "bench@example.org"]
        self.hold_all = None
        self.list_command = ["/usr/sbin/postqueue", "-p"]
        self.environment = {"PATH": "/usr/sbin:/usr/bin", "LC_ALL": "C"}
        self._master = None

    def _mount(self, root, stage):
        """An overlay over the root, which stays as it was made; the queue on the bench's disk."""
        for name in ("postfix", "upper", "work"):
            (stage / name).mkdir()
        subprocess.run(["mount", "-t", "overlay", "-o", f"lowerdir={root},upperdir={stage}/upper,workdir={stage}/work",
                        "none", self._root], check=True)
        queue = self._root / "var/spool/postfix"
        subprocess.run(["cp", "-a", queue, self._disk.path / "postfix"], check=True)
        subprocess.run(["mount", "--bind", self._disk.path / "postfix", queue], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", self._root / "dev"], check=True)
        for device in ("null", "zero", "urandom", "random"):
            (self._root / "dev" / device).touch()
            subprocess.run(["mount", "--bind", f"/dev/{device}", self._root / "dev" / device], check=True)
        subprocess.run(["mount", "--rbind", "/proc", self._root / "proc"], check=True)
        self._queue = queue

    # ---- What every system of the bench can do --------------------------------------------------

    def configure(self, port, hops=1, tls=False, reuse=True, login=None):
        """All mail to 127.0.0.1:port; with several hops, domain hopN.example to 127.0.HIGH.LOW:port.

        login: a Login; by submission to its host, verified.
        """
        text = SETTINGS + f"smtp_connection_cache_on_demand = {'yes' if reuse else 'no'}\n"
        if login:
            folder = self._root / "etc/postfix"
            shutil.copy(login.authority, folder / "authority.pem")
            (folder / "passwords").write_text(f"[{login.host}]:{port} {login.user}:{login.password}\n")
            (self._root / "etc/hosts").write_text(f"127.0.0.1 localhost {login.host}\n")
            text += (f"relayhost = [{login.host}]:{port}\nsmtp_tls_security_level = verify\n"
                     "smtp_tls_connection_reuse = yes\nsmtp_tls_CAfile = /etc/postfix/authority.pem\n"
                     "smtp_sasl_auth_enable = yes\nsmtp_sasl_security_options = noanonymous\n"
                     "smtp_sasl_password_maps = texthash:/etc/postfix/passwords\n")
        elif hops == 1:
            text += f"relayhost = [127.0.0.1]:{port}\n"
        else:
            lines = "".join(f"hop{n}.example smtp:[{address_of(n)}]:{port}\n" for n in range(hops))
            (self._root / "etc/postfix/transport").write_text(lines)
            text += "transport_maps = texthash:/etc/postfix/transport\n"
        if tls:
            text += "smtp_tls_security_level = may\nsmtp_tls_connection_reuse = yes\n"
        (self._root / "etc/postfix/main.cf").write_text(text)

    def start(self, deliver=True):
        """With deliver=False pickup and cleanup run, and nothing takes mail out of incoming/."""
        services = SERVICES.format(qmgr="" if deliver else "#")
        (self._root / "etc/postfix/master.cf").write_text(services)
        for folder in ("public", "private", "pid"):
            for entry in os.scandir(self._queue / folder):
                os.unlink(entry.path)
        self._master = subprocess.Popen([*self.inside, "/usr/lib/postfix/sbin/master", "-d"], env=self.environment,
                                        stdin=subprocess.DEVNULL, preexec_fn=self.group.join)
        ready = self._queue / "public" / ("qmgr" if deliver else "pickup")
        wait_until(lambda: ready.exists(), 20, "Postfix to start")

    def take_smtp(self):
        """Its smtpd has been there from the start."""
        wait_until(lambda: listens(SMTPD_PORT), 20, "smtpd to listen")
        return SMTPD_PORT

    def stop(self):
        if self._master is not None:
            self._master.terminate()
            self._master.wait()
            self._master = None
        self.group.end()

    def accepted(self, count):
        """Waits until `count` messages are in the queue proper: postdrop's part alone is not acceptance."""
        if self._master is not None:
            wait_until(lambda: self._count("incoming") >= count and self._count("maildrop") == 0, 120,
                       "Postfix to take its mail in")

    def queued(self):
        return sum(self._count(name) for name in ("maildrop", "incoming", "active", "deferred"))

    def empty(self):
        self.stop()
        for name in QUEUES:
            for folder, _, files in os.walk(self._queue / name):
                for file in files:
                    os.unlink(os.path.join(folder, file))

    def fill(self, count, hops=1):
        """Queues messages quickly, over SMTP in four sessions: what lies in the queue is the same."""
        self.start(deliver=False)
        wait_until(lambda: listens(SMTPD_PORT), 20, "smtpd")
        message = (self._root / "message").read_bytes().replace(b"\n", b"\r\n")
        threads = [threading.Thread(target=submit, args=(message, range(i, count, 4), hops)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.accepted(count)
        self.stop()

    def backlog(self, count):
        """So many messages in deferred/, due in a day: copies of one that Postfix itself queued."""
        self.fill(1)
        original = next(os.scandir(self._queue / "incoming"))
        bytes_, status, tomorrow = open(original.path, "rb").read(), original.stat(), time.time() + 86400
        for n in range(count):
            # A queue id is microseconds and an inode in hexadecimal; its first digit is the folder.
            name = f"{n * 7919 % 1_000_000:05X}{status.st_ino + n:X}"
            path = self._queue / "deferred" / name[0] / name
            path.parent.mkdir(exist_ok=True)
            write_queue_file(path, bytes_, status, tomorrow)
        os.unlink(original.path)

    def backlog_aside(self):
        return aside(self._queue / "deferred")

    def close(self):
        self.stop()
        self._logger.kill()
        self._logger.wait()
        self._logger_group.remove()
        self.group.remove()

    def _count(self, name):
        return sum(len(files) for _, _, files in os.walk(self._queue / name))


def write_queue_file(path, content, like, due):
    """Postfix reads the time of the next attempt from mtime, and completeness from the mode."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, like.st_mode & 0o777)
    os.write(fd, content)
    os.fchmod(fd, like.st_mode & 0o777)
    os.fchown(fd, like.st_uid, like.st_gid)
    os.close(fd)
    os.utime(path, (due, due))


def address_of(hop):
    return f"127.0.{1 + hop // 250}.{1 + hop % 250}"


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def submit(message, numbers, hops):
    with socket.create_connection(("127.0.0.1", SMTPD_PORT)) as s:
        replies = s.makefile("rb")
        expect(replies, b"220")
        s.sendall(b"HELO bench\r\n")
        expect(replies, b"250")
        for number in numbers:
            s.sendall(b"MAIL FROM:<bench@example.org>\r\nRCPT TO:<someone@hop%d.example>\r\nDATA\r\n" % (number % hops))
            for code in (b"250", b"250", b"354"):
                expect(replies, code)
            s.sendall(message + b".\r\n")
            expect(replies, b"250")
        s.sendall(b"QUIT\r\n")
        expect(replies, b"221")


def expect(replies, code):
    line = replies.readline()
    if not line.startswith(code):
        raise RuntimeError(f"Postfix said {line!r}, where {code!r} was expected")
