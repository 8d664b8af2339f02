"""Exim and OpenSMTPD as receivers, out of layers of the private Debian root (tests/peers/packages): each keeps what it
accepted for any address in one maildir. Postfix is in peers.py."""

import os

from peers import MAIL_UID, Machine
from sandbox import wait_until

EXIM_CONF = """
primary_hostname = {name}.test
{main}
domainlist local_domains = *
exim_user = Debian-exim
log_file_path = /var/log/exim4/%slog
log_selector = +tls_cipher +smtp_protocol_error +smtp_syntax_error
spool_directory = /var/spool/exim4
never_users =
# Every message is delivered at once, the eleventh of a connection too.
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = check_rcpt
begin acl
check_rcpt:
{rcpt}
  accept
begin routers
everybody:
  driver = accept
  transport = store
begin transports
store:
  driver = appendfile
  directory = /var/mail/in
  maildir_format
  user = stored
  group = stored
  delivery_date_add
  return_path_add
begin retry
* * F,1h,1m
{more}
"""

# Greylisting by the first call alone: the file says that somebody came before.
EXIM_GREYLISTING = """
  defer message = 4.7.1 Greylisted, please come back
        condition = ${if exists{/var/spool/exim4/seen}{no}{${run{/usr/bin/touch /var/spool/exim4/seen}{yes}{yes}}}}
"""

SMTPD_CONF = """
{main}
table everybody {{ "@" = stored }}
listen on 0.0.0.0 {listen}
action "store" maildir "/var/mail/in" virtual <everybody>
{rules}
match from any for any action "store"
"""


class Receiver:
    """A server with a maildir below /var/mail/in of its machine."""

    def __init__(self, box, host, layer, folders):
        self.host = host
        self.machine = Machine(box, host, layer)
        with open(self.machine.root / "etc/passwd", "a", encoding="ascii") as passwd:
            passwd.write(f"stored:x:{MAIL_UID}:{MAIL_UID}::/var/mail:/bin/false\n")
        with open(self.machine.root / "etc/group", "a", encoding="ascii") as group:
            group.write(f"stored:x:{MAIL_UID}:\n")
        self._maildir = self.machine.root / "var/mail/in"
        self._maildir.mkdir()
        os.chown(self._maildir, MAIL_UID, MAIL_UID)
        for folder, uid in folders:
            path = self.machine.root / folder
            path.mkdir(parents=True, exist_ok=True)
            os.chown(path, uid, uid)

    def messages(self):
        """Every message that arrived, in order, as the server stored it: with LF, and its own lines on top."""
        folder = self._maildir / "new"
        files = sorted(folder.iterdir(), key=lambda f: f.stat().st_mtime_ns) if folder.exists() else []
        return [file.read_bytes() for file in files]

    def wait_for(self, count, seconds=20):
        wait_until(lambda: len(self.messages()) >= count, seconds, f"{count} messages at {self.host.name}")
        return self.messages()


class Exim(Receiver):
    """main: lines of the main part of its configuration; rcpt: lines of its ACL for RCPT; more: further sections; files: name below
    /etc/exim4 to text."""

    def __init__(self, box, host, main="", rcpt="", files=None, more=""):
        super().__init__(box, host, "exim", [("etc/exim4", 0), ("var/spool/exim4", 901), ("var/log/exim4", 901)])
        for name, text in (files or {}).items():
            self.machine.write(f"etc/exim4/{name}", text)
        self.machine.write("etc/exim4/exim4.conf", EXIM_CONF.format(name=host.name, main=main, rcpt=rcpt, more=more))
        box.watch_log(self.machine.root / "var/log/exim4/mainlog")
        self.machine.start(["/usr/sbin/exim4", "-bdf", "-q1m", "-oX", "0.0.0.0 : 25"])
        self.machine.wait_for_listener(25)

    def log(self):
        return (self.machine.root / "var/log/exim4/mainlog").read_text(errors="replace")


class OpenSmtpd(Receiver):
    """main: lines on top of its configuration; listen: what follows "listen on"; rules: match lines before its own."""

    def __init__(self, box, host, main="", listen="", rules="", files=None):
        super().__init__(box, host, "opensmtpd", [("var/lib/opensmtpd/empty", 0)])
        for name, text in (files or {}).items():
            self.machine.write(f"etc/{name}", text)
            (self.machine.root / "etc" / name).chmod(0o600)
        self.machine.write("etc/smtpd.conf", SMTPD_CONF.format(main=main, listen=listen, rules=rules))
        self._log = box.folder / f"{host.name}-smtpd.log"
        self.machine.start(["/usr/sbin/smtpd", "-d"])
        self.machine.wait_for_listener(25)

    def log(self):
        return self._log.read_text(errors="replace")
