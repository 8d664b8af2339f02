"""Mail as it leaves: senders rewritten, and signed; verified by python3-dkim, OpenDKIM and by what DMARC asks."""

import email
import email.utils
import re

from dkim_peers import by_opendkim, by_python
from installed import Installed
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import RETRY_QUICKLY, Waypost, new_message

REWRITING = 'from_rewrite = "me@signed.test"\n'
TABLES = """
[domain."signed.test"]
dkim_sign = ["rsa", "ed"]

[transport.service]
type = "smtp"
host = "relay.test"
dkim = false

[[route]]
to = ["two.test"]
transport = "service"
"""
# Its date and its last line without an end are its own.
CRON = (b"From: \"Cron Daemon\" <root@out.home.test>\nTo: bob@example.test\nDate: Sun, 22 Nov 2026 10:00:00 +0000\n"
        b"Message-ID: <1@x>\nSubject: \xc3\xa4\n\nroot@out.home.test  \n.\n" + b"x" * 2000 + b"\n\n \nend")


class Scene:
    """A home that rewrites and signs, its keys in the zone, and a server that refuses for the time being while told to."""

    def __init__(self, box, zone=""):
        self.waypost = Waypost(box, settings=REWRITING + RETRY_QUICKLY, tables=TABLES)
        self.records = {}
        for selector, options in {"rsa": (), "ed": ("--type", "ed25519")}.items():
            printed = self.waypost.command("dkimsign", "keygen", "signed.test", selector, *options)
            zone += printed
            self.records[f"{selector}._domainkey.signed.test"] = "".join(re.findall(r'"([^"]*)"', printed))
        self.scenery = Scenery(box, zone)
        self.refuses, self.refuses_for_good = False, None
        self.sink = Sink(self.scenery.host("mx1").listen(25), self._answer)

    def _answer(self, _, verb, line):
        if verb == "RCPT" and self.refuses_for_good and self.refuses_for_good in line:
            return "550 5.1.1 Nobody of that name"
        return "450 4.7.1 Come back" if self.refuses and verb == "RCPT" else None

    def expect_verified(self, letter):
        assert by_python(letter.data, self.records) == {"rsa": True, "ed": True}
        said = by_opendkim(letter.data, self.scenery.dns.address)
        assert said is None, said

    def expect_signed(self, letter):
        self.expect_verified(letter)
        assert aligned(letter)


def sender_of(letter):
    """The address of its MAIL command."""
    return re.search(r"<([^>]*)>", letter.sender)[1]


def aligned(letter):
    """RFC 7489 3.1, strict: the author, every d= and the envelope's sender are of one domain."""
    header = email.message_from_bytes(letter.data)
    author = email.utils.parseaddr(header["From"])[1].rpartition("@")[2]
    signers = {d for field in header.get_all("DKIM-Signature") for d in re.findall(r"\bd=([^;\s]+);", field)}
    return signers == {author} and sender_of(letter).rpartition("@")[2] == author


@time_limit(90)
def test_rewritten_mail_is_signed_and_the_same_after_retry_reload_and_restart(box):
    scene = Scene(box)
    waypost = scene.waypost
    waypost.start()
    scene.refuses = True
    waypost.send(CRON, "bob@example.test", sender="root")
    row = waypost.wait_for_attempts(1)
    waypost.command("reload")
    waypost.stop()
    (waypost.home / "etc/dkim/signed.test/ed.pem").unlink()  # signed is signed
    waypost.start()
    story = waypost.command("why", row["id"])
    assert "leaves as from me@signed.test" in story and "signed for signed.test with rsa, ed" in story, story
    scene.refuses = False
    letter = scene.sink.wait_for(1)[0]
    assert sender_of(letter) == "me@signed.test"
    assert b'From: "Cron Daemon" <me@signed.test>\r\n' in letter.data and b"\r\nroot@out.home.test  \r\n" in letter.data
    scene.expect_signed(letter)
    waypost.wait_for_empty_queue()


def test_mail_that_cannot_be_signed_waits_but_not_for_a_service_that_signs(box):
    scene = Scene(box)
    waypost = scene.waypost
    relay = Sink(scene.scenery.host("relay").listen(25))
    key = waypost.home / "etc/dkim/signed.test/ed.pem"
    key.chmod(0o644)
    waypost.start()
    waypost.send(CRON, "bob@example.test", "carol@two.test", sender="root")
    letter = relay.wait_for(1)[0]
    assert sender_of(letter) == "me@signed.test" and b"DKIM-Signature" not in letter.data and b"<me@signed.test>" in letter.data
    row = waypost.list()[0]
    wait_until(lambda: "not tried: it cannot be signed" in waypost.command("why", row["id"]), 10, "bob's attempt")
    story = waypost.command("why", row["id"])
    assert "ed.pem: others may read it (mode 0644)" in story, story
    wait_until(lambda: waypost.events(event="unsigned"), 10, "the reason in the log")
    assert not scene.sink.messages
    key.chmod(0o600)
    scene.expect_signed(scene.sink.wait_for(1)[0])
    waypost.wait_for_empty_queue()


def test_notices_and_what_an_alias_becomes_are_rewritten_and_signed_too(box):
    scene = Scene(box, "signed.test. IN MX 10 mx1.example.test.\n")
    (scene.waypost.home / "etc/aliases").write_text("team: bob@example.test, carol@example.test\n")
    scene.refuses_for_good = "deny@"
    scene.waypost.start()
    scene.waypost.send(CRON, "deny@example.test", "team@localhost", sender="root")
    letters = {sender_of(letter): letter for letter in scene.sink.wait_for(2)}
    assert set(letters) == {"", "me@signed.test"}, letters
    notice, child = letters[""], letters["me@signed.test"]
    assert notice.recipients == ["RCPT TO:<me@signed.test>"] and len(child.recipients) == 2
    assert email.message_from_bytes(notice.data)["From"].endswith("<me@signed.test>"), notice.data
    scene.expect_verified(notice)
    assert b"Delivered-To: team@" in child.data and b'"Cron Daemon" <me@signed.test>' in child.data
    scene.expect_signed(child)
    scene.waypost.wait_for_empty_queue()


def test_what_is_said_of_rewriting_before_mail_is_sent(box):
    waypost = Waypost(box, settings=REWRITING, tables=TABLES + '[account.bob]\nfrom_rewrite = "@b.test"\n')
    said = waypost.command("route", "--account", "alice", "root@out.home.test", "x@example.test")
    assert "leaves as from me@signed.test, by from_rewrite" in said, said
    assert "leaves as from bob@b.test" in waypost.command("route", "--account", "bob", "bob@localhost", "x@example.test")
    assert "leaves as" not in waypost.command("route", "--account", "bob", "x@else.test", "x@example.test")
    (waypost.home / "etc/waypost.toml").write_text('from_rewrite = "me"\n[account.bob]\nfrom_rewrite = 1\ndkim_sign = "x"\n')
    wrong = waypost.config("check").stderr
    for line in ('toml:1: from_rewrite: "me" is neither a mail address nor @ and a domain', "toml:3: from_rewrite: 1",
                 'toml:4: unknown key "dkim_sign"'):
        assert line in wrong, wrong


def test_the_installed_system_signs_as_a_user_who_has_the_keys_and_nothing_else(box):
    mx1 = Sink(Scenery(box).host("mx1").listen(25))
    system = Installed(box, tables='[domain."home.test"]\ndkim_sign = "s"\n')
    printed = system.must("root", ["/usr/local/bin/waypost", "dkimsign", "keygen", "home.test", "s", "--type", "ed25519"])
    record = "".join(re.findall(r'"([^"]*)"', printed))
    system.start()
    system.send("alice", new_message()[1], "bob@example.test")
    letter = mx1.wait_for(1)[0]
    assert by_python(letter.data, {"s._domainkey.home.test": record}) == {"s": True}
    assert system.users_of_members()["waypost-overlay"] == {"waydkim"}
