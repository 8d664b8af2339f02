"""Real servers for the tests, out of the private Debian root: Postfix, its smtp-sink, nsd and unbound.

Each runs in the network namespace of its host, with an overlay of its own over the root, so that it may be
configured and may write as on a machine of its own. The root itself is never changed.
"""

import os
import signal
import socket
import subprocess
from pathlib import Path

from sandbox import wait_until
from testing import PATIENCE

MAIL_UID = 5000

RESOLVER_CONF = """
server:
  interface: {address}
  access-control: 10.77.0.0/24 allow
  do-daemonize: no
  use-syslog: no
  chroot: ""
  pidfile: ""
  username: unbound
  # The zone of the test is the root of all names, unsigned.
  module-config: "iterator"
  unblock-lan-zones: yes
  insecure-lan-zones: yes
  local-zone: "test." nodefault
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
stub-zone:
  name: "."
  stub-addr: {address}@5353
stub-zone:
  name: "broken.test"
  stub-addr: {address}@5353
"""

AUTHORITY_CONF = """
server:
  ip-address: {address}@5353
  database: ""
  pidfile: ""
  username: nsd
zone:
  name: "."
  zonefile: /etc/nsd/root.zone
zone:
  name: "broken.test"
  zonefile: /etc/nsd/there-is-none
"""

ZONE_HEAD = """$ORIGIN .
$TTL 60
@ IN SOA ns.root-zone.test. hostmaster.root-zone.test. {serial} 3600 600 86400 60
@ IN NS ns.root-zone.test.
ns.root-zone.test. IN A {address}
"""

POSTFIX_MAIN = """
compatibility_level = 3.6
maillog_file = /var/log/postfix.log
myhostname = {name}
mydestination =
inet_protocols = all
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
# Every address is a mailbox here, and what arrived lies in files.
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:in/
virtual_mailbox_base = /var/mail
virtual_uid_maps = static:5000
virtual_gid_maps = static:5000
virtual_mailbox_limit = 0
mailbox_size_limit = 0
message_size_limit = 0
local_header_rewrite_clients =
# Nothing about a client is remembered from test to test, and nobody is slowed down.
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
"""


def debian_root(which="peers"):
    """A private Debian root, made when it is missing."""
    command = Path(__file__).parent.parent / "peers" / "root"
    return Path(subprocess.run([command, which], check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


class Machine:
    """A host with a Debian of its own; layer: what of tests/peers/packages lies over it."""

    def __init__(self, box, host, layer=None):
        self.box, self.host = box, host
        base = box.path(f"machine-{host.name}")
        self.root = base / "root"
        for part in ("upper", "work", "root"):
            (base / part).mkdir()
        debian = debian_root()
        lower = f"{debian}.layers/{layer}:{debian}" if layer else debian
        overlay = f"lowerdir={lower},upperdir={base}/upper,workdir={base}/work"
        subprocess.run(["mount", "-t", "overlay", "-o", overlay, "none", self.root], check=True)
        for kernel in ("proc", "dev"):
            subprocess.run(["mount", "--rbind", f"/{kernel}", self.root / kernel], check=True)

    def write(self, path, text):
        (self.root / path).write_text(text)

    def command(self, argv):
        return self.host.command(["chroot", str(self.root), *argv])

    def start(self, argv):
        return self.box.start(self.command(argv), f"{self.host.name}-{Path(argv[0]).name}.log")

    def run(self, argv):
        done = subprocess.run(self.command(argv), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        assert done.returncode == 0, f"{argv} on {self.host.name}: {done.stdout}"
        return done.stdout

    def wait_for_listener(self, port):
        wait_until(lambda: f":{port} " in self.run(["ss", "-Hltn", f"sport = {port}"]), 15,
                   f"{self.host.name} to listen on port {port}")


class NameServer:
    """unbound, which resolves through nsd, which serves the one zone the test writes: the root of all names.

    Lookups of broken.test and below always end in SERVFAIL.
    """

    def __init__(self, box, network, zone):
        host = network.host("dns", 2)
        self.address = host.ipv4
        self._serial = 0
        self._machine = Machine(box, host)
        self._machine.write("etc/nsd/nsd.conf", AUTHORITY_CONF.format(address=self.address))
        self._machine.write("etc/unbound/test.conf", RESOLVER_CONF.format(address=self.address))
        self._write_zone(zone)
        self._nsd = self._machine.start(["/usr/sbin/nsd", "-d", "-c", "/etc/nsd/nsd.conf"])
        self._wait_for_answer(5353)
        self._unbound = self._machine.start(["/usr/sbin/unbound", "-d", "-c", "/etc/unbound/test.conf"])
        self._wait_for_answer(53)

    def _wait_for_answer(self, port):
        # A listening socket is not enough: a query that comes before the server reads it may stay without answer.
        query = bytes.fromhex("1234 0100 0001 0000 0000 0000 00 0006 0001")  # . SOA
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.1)
            client.connect((self.address, port))

            def answered():
                try:
                    client.send(query)
                    return client.recv(512)
                except OSError:
                    return None

            wait_until(answered, 15, f"an answer of the name server on port {port}")

    def _write_zone(self, zone):
        self._serial += 1
        head = ZONE_HEAD.format(serial=self._serial, address=self.address)
        self._machine.write("etc/nsd/root.zone", head + zone)
        self._machine.run(["/usr/sbin/nsd-checkzone", ".", "/etc/nsd/root.zone"])

    def change(self, zone):
        """Another zone from now on: returns once it is served. Nothing of the old one was kept (cache-max-ttl)."""
        self._write_zone(zone)
        self._nsd.send_signal(signal.SIGHUP)
        ask = ["chroot", self._machine.root, "drill", "-p", "5353", f"@{self.address}", ".", "SOA"]

        def served():
            answer = subprocess.run(ask, stdout=subprocess.PIPE, text=True, check=False).stdout
            return f" {self._serial} 3600 " in answer

        # More than once: a process of nsd's that has the old zone may live on for a moment.
        wait_until(lambda: all(served() for _ in range(5)), 15, "the changed zone to be served")

    def query(self, name, kind):
        """The lines of the answer section, as the test's own machine sees them, and the response code first."""
        argv = ["chroot", self._machine.root, "drill", f"@{self.address}", name, kind]
        text = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
        code = text.split("rcode: ")[1].split(",")[0]
        answer = text.split(";; ANSWER SECTION:\n")[1].split("\n;;")[0]
        return [code, *(line for line in answer.splitlines() if line.strip())]


class Postfix:
    """Postfix's smtpd, with a maildir for what it accepted.

    `settings` are lines of main.cf; `files` are further files of /etc/postfix, name to text.
    """

    def __init__(self, box, host, settings="", files=None):
        self.host = host
        self._machine = Machine(box, host)
        self._machine.write("etc/postfix/main.cf", POSTFIX_MAIN.format(name=f"{host.name}.test") + settings)
        for name, text in (files or {}).items():
            self._machine.write(f"etc/postfix/{name}", text)
        self._maildir = self._machine.root / "var/mail/in"
        self._maildir.mkdir()
        os.chown(self._maildir, MAIL_UID, MAIL_UID)
        self.log_file = self._machine.root / "var/log/postfix.log"
        box.watch_log(self.log_file)
        self.start()

    def start(self):
        self._process = self._machine.start(["/usr/sbin/postfix", "start-fg"])
        self._machine.wait_for_listener(25)

    def stop(self):
        self._machine.run(["/usr/sbin/postfix", "stop"])
        self._process.wait(20 * PATIENCE)

    def log(self):
        return self.log_file.read_text(errors="replace")

    def wait_for_log(self, text, seconds=15):
        """A process of its own writes the log: a line may come after what it tells of, even after the mail."""
        wait_until(lambda: text in self.log(), seconds, f"{text!r} in the log of {self.host.name}")
        return self.log()

    def messages(self):
        """Every message that arrived, in order, as Postfix stored it: with LF, and its own lines on top."""
        folder = self._maildir / "new"
        files = sorted(folder.iterdir(), key=lambda f: f.stat().st_mtime_ns) if folder.exists() else []
        return [file.read_bytes() for file in files]

    def wait_for(self, count, seconds=15):
        wait_until(lambda: len(self.messages()) >= count, seconds, f"{count} messages at {self.host.name}")
        return self.messages()


class SmtpSink:
    """Postfix's smtp-sink, which dumps each transaction into a file. `options` go on its command line."""

    def __init__(self, box, host, *options, port=25):
        machine = Machine(box, host)
        self._dumps = machine.root / "var/mail/sink"
        self._dumps.mkdir()
        os.chown(self._dumps, MAIL_UID, MAIL_UID)
        # smtp-sink gives up root for this user once it has bound its port.
        with open(machine.root / "etc/passwd", "a", encoding="ascii") as passwd:
            passwd.write(f"sink:x:{MAIL_UID}:{MAIL_UID}::/:/bin/false\n")
        machine.start(["/usr/sbin/smtp-sink", "-u", "sink", "-d", "/var/mail/sink/m.", *options,
                       f"inet:{host.ipv4}:{port}", "100"])
        machine.wait_for_listener(port)

    def messages(self):
        """The dumps: smtp-sink's own X- and Received lines, an empty line's end of header being the client's."""
        dumps = [file.read_bytes() for file in sorted(self._dumps.iterdir(), key=lambda f: f.stat().st_mtime_ns)]
        return [dump for dump in dumps if dump]  # a small one is written at the end of its transaction

    def wait_for(self, count, seconds=15):
        wait_until(lambda: len(self.messages()) >= count, seconds, f"{count} messages at the smtp-sink")
        return self.messages()
