"""Programs of Debian that send mail, as their packages come: Postfix is replaced by waypost's package, nobody tells them,
and each one's mail arrives, with the exit status that it expects.

What they send to an address goes to that domain's server, what they send to root to whom /etc/aliases names.
"""

import re
import socket
import subprocess
from email.header import decode_header, make_header

from debian import ADMIN, Debian
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit

BOB = "bob@example.test"


def address(command):
    """Of a MAIL or RCPT line."""
    return re.search("<([^>]*)>", command)[1]


class Machine:
    """One that runs waypost in Postfix's place, and the server that gets what it sends."""

    def __init__(self, box):
        self.sink = Sink(Scenery(box).host("mx1").listen(25))
        self.debian = Debian(box).install_waypost().start_waypost()

    def one(self, recipient, *words, sender=None):
        """The one message that came, for that recipient, and with all of the words in it."""
        message = self.sink.wait_for(1, 30)[0]
        text = message.data.decode("utf-8", "replace")
        assert [address(line) for line in message.recipients] == [recipient], message.recipients
        assert sender is None or address(message.sender) == sender, message.sender
        for word in words:
            assert word in text, f"{word!r} is not in {text}"
        self.debian.wait_for_empty_queue()
        assert len(self.sink.messages) == 1, [m.data for m in self.sink.messages]
        return text


def field(text, name):
    """A header field's value, unfolded."""
    head = re.sub(r"\r\n[ \t]+", " ", text.partition("\r\n\r\n")[0])
    (value,) = re.findall(rf"(?mi)^{name}: ([^\r\n]*)", head)
    return value


def test_cron_mails_the_output_of_a_job(box):
    machine = Machine(box)
    machine.debian.write("/etc/cron.d/hello", "@reboot root echo what cron said\n")
    machine.debian.start(["/usr/sbin/cron", "-f"], "cron.log")
    text = machine.one(ADMIN, "what cron said")
    assert "echo what cron said" in field(text, "Subject")


def test_cron_mails_a_user_s_job_to_whom_mailto_names(box):
    machine = Machine(box)
    machine.debian.run(["crontab", "-"], "alice", f"MAILTO={BOB}\n@reboot echo of alice\n")
    machine.debian.start(["/usr/sbin/cron", "-f"], "cron.log")
    machine.one(BOB, "of alice", sender="alice@home.test")


def test_root_s_mail_lies_in_a_mailbox_where_no_alias_says_otherwise(box):
    machine = Machine(box)
    machine.debian.write("/etc/aliases", "postmaster: root\n")
    machine.debian.write("/etc/cron.d/hello", "@reboot root echo what cron said\n")
    machine.debian.start(["/usr/sbin/cron", "-f"], "cron.log")
    text = wait_until(lambda: machine.debian.mailbox("root"), 30, "root's mailbox")
    assert text.startswith("From ") and "what cron said" in text
    assert machine.debian.run(["stat", "-c", "%a", "/var/mail/root"]).strip() in ("600", "660")


def test_mailx_to_a_user_of_this_machine_and_back_into_mailx(box):
    machine = Machine(box)
    machine.debian.run(["mail", "-s", "to the neighbour", "alice"], "root", "From a line that begins so\n")
    wait_until(lambda: machine.debian.mailbox("alice"), 30, "alice's mailbox")
    machine.debian.wait_for_empty_queue()
    assert "to the neighbour" in machine.debian.run(["mail", "-f", "/var/mail/alice"], "alice", "print 1\nexit\n")
    assert not machine.sink.messages


def test_anacron_mails_the_output_of_a_job(box):
    machine = Machine(box)
    machine.debian.write("/etc/anacrontab", "SHELL=/bin/sh\nHOME=/root\n1 0 greeting echo what anacron said\n")
    machine.debian.run(["anacron", "-d", "-f", "-n", "-s"])
    machine.one(ADMIN, "what anacron said")


def test_bsd_mailx(box):
    machine = Machine(box)
    machine.debian.run(["mail", "-s", "from mailx", BOB], "alice", "a line\n.\nand more\n")
    text = machine.one(BOB, "a line", sender="alice@home.test")
    assert field(text, "Subject") == "from mailx"


def test_mutt(box):
    machine = Machine(box)
    machine.debian.write("/tmp/attached.txt", "what is attached\n")
    machine.debian.run(["mutt", "-s", "Grüße", "-a", "/tmp/attached.txt", "--", BOB], "alice", "a line\n.\nand more\n")
    text = machine.one(BOB, "a line", "and more", "what is attached", sender="alice@home.test")
    assert str(make_header(decode_header(field(text, "Subject")))) == "Grüße"


def test_git_send_email(box):
    machine = Machine(box)
    machine.debian.shell("cd && git init -q work && cd work && git config user.name Alice && git config user.email "
                         "alice@home.test && echo one > file && git add file && git commit -qm 'file: one' && "
                         f"git send-email --quiet --confirm=never --suppress-cc=all --to={BOB} -1", "alice")
    text = machine.one(BOB, "+one", "diff --git a/file b/file", sender="alice@home.test")
    assert field(text, "Subject") == "[PATCH] file: one"


def test_php_mail(box):
    machine = Machine(box)
    said = machine.debian.run(["php", "-r", f"var_dump(mail('{BOB}', 'from PHP', \"a line\\n.\\nand more\\n\", "
                                            "['From' => 'shop@home.test', 'Bcc' => 'carol@example.test']));"], "alice")
    assert "bool(true)" in said, said
    message = machine.sink.wait_for(1)[0]
    assert sorted(map(address, message.recipients)) == [BOB, "carol@example.test"] and b"and more" in message.data
    assert b"carol@" not in message.data, "Bcc stays here"


def test_php_mail_is_told_what_cannot_be_sent(box):
    machine = Machine(box)
    said = machine.debian.try_to(["php", "-r", "var_dump(mail('', 'to nobody', 'a line'));"], "alice").stdout
    assert "bool(false)" in said, said
    assert machine.debian.list() == [] and not machine.sink.messages


def test_perl_email_sender(box):
    machine = Machine(box)
    machine.debian.run(["perl", "-MEmail::Sender::Simple=sendmail", "-MEmail::Simple", "-e", f"""
        my $mail = Email::Simple->create(header => [From => 'alice@home.test', To => '{BOB}',
                                                    Subject => 'from Email::Sender'], body => "a line\\n.\\nand more\\n");
        sendmail($mail);"""], "alice")
    text = machine.one(BOB, "a line", "and more", sender="alice@home.test")
    assert field(text, "Subject") == "from Email::Sender"


def test_perl_mime_lite(box):
    machine = Machine(box)
    machine.debian.run(["perl", "-MMIME::Lite", "-e", f"""
        my $mail = MIME::Lite->new(From => 'alice@home.test', To => '{BOB}',
                                   Subject => 'from MIME::Lite', Data => "a line\\n.\\nand more\\n");
        $mail->send or die;"""], "alice")
    text = machine.one(BOB, "a line", "and more")
    assert field(text, "Subject") == "from MIME::Lite"


@time_limit(120)
def test_logwatch(box):
    machine = Machine(box)
    machine.debian.run(["logwatch", "--output", "mail", "--range", "all", "--service", "dpkg"], timeout=90)
    text = machine.one(ADMIN, "Logwatch")
    assert field(text, "Subject").startswith("Logwatch for ")


def test_mdadm_monitor_test(box):
    machine = Machine(box)
    machine.debian.run(["mdadm", "--monitor", "--oneshot", "--test", "--mail=root", "/dev/md99"])
    text = machine.one(ADMIN, "TestMessage")
    assert field(text, "Subject").startswith("TestMessage event on /dev/md99")


def test_sudo_mails_what_was_done(box):
    machine = Machine(box)
    machine.debian.write("/etc/hosts", f"127.0.0.1 localhost {socket.gethostname()}\n")
    machine.debian.write("/etc/sudoers.d/alice", "alice ALL = NOPASSWD: /bin/true\nDefaults mail_always\n", 0o440)
    machine.debian.run(["sudo", "-n", "/bin/true"], "alice")

    def told():  # by a process that sudo does not wait for, which may tell of other things before
        return [mail for mail in list(machine.sink.messages) if b"alice" in mail.data and b"COMMAND=/bin/true" in mail.data]

    wait_until(told, 30, "the mail of sudo")
    assert {address(line) for mail in list(machine.sink.messages) for line in mail.recipients} == {ADMIN}


def test_apt_listchanges_mails_what_is_new(box):
    machine = Machine(box)
    (package,) = (machine.debian.root / "tmp").glob("waypost_*.deb")
    machine.debian.run(["apt-listchanges", "--frontend=mail", "--email-address=root", "--show-all",
                        f"/tmp/{package.name}"])
    machine.one(ADMIN, "waypost (")


@time_limit(120)
def test_fail2ban_mails_whom_it_bans(box):
    machine = Machine(box)
    debian = machine.debian
    debian.write("/var/log/doors.log", "")
    debian.write("/etc/fail2ban/jail.d/defaults-debian.conf", "[doors]\nenabled = true\nfilter = sshd\nbackend = polling\n"
                 "logpath = /var/log/doors.log\naction = sendmail[name=doors, dest=root, sender=fail2ban@home.test]\n")
    (debian.root / "run/fail2ban").mkdir()
    debian.start(["/usr/bin/fail2ban-server", "-xf", "--logtarget=stdout", "start"], "fail2ban.log")
    wait_until(lambda: debian.try_to(["fail2ban-client", "status", "doors"]).returncode == 0, 60, "the jail")
    debian.run(["fail2ban-client", "set", "doors", "banip", "192.0.2.66"])

    def banned():
        return [message for message in list(machine.sink.messages) if b"192.0.2.66" in message.data]

    wait_until(banned, 30, "the mail of the ban")
    (message,) = banned()
    assert [address(line) for line in message.recipients] == [ADMIN] and address(message.sender) == "fail2ban@home.test"


def test_service_that_gains_no_privileges(box):
    """As under systemd's NoNewPrivileges=yes, where set-id bits have no effect."""
    machine = Machine(box)
    machine.debian.run(["setpriv", "--no-new-privs", "--", "/usr/sbin/sendmail", "-i", "-f", "alice@home.test", "--", BOB],
                       "alice", "Subject: without privileges\n\na line\n")
    machine.one(BOB, "a line", sender="alice@home.test")


def test_callers_are_told_when_no_mail_can_be_taken(box):
    """A full disk is the caller's to know: sysexits 75, and mailx's own 1, with the text on its terminal."""
    machine = Machine(box)
    machine.debian.stop_waypost()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "none", machine.debian.root / "var/spool/waypost"],
                   check=True)
    done = machine.debian.try_to(["/usr/sbin/sendmail", "-i", BOB], "alice", "Subject: x\n\nx\n")
    assert done.returncode == 75 and done.stdout, done
