"""What is rewritten and signed leaves with the same bytes by every way, whatever the message is and the server lacks."""

import email
import os
import re
from pathlib import Path

import certificates
from bodies import ROWS
from dkim_peers import by_opendkim, by_python
from installed import ORDINARY
from local_mail import LocalMail
from proxies import Microsocks
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from logins import route, submission
from test_overlays import sender_of
from testing import time_limit
from waypost import RETRY_QUICKLY

PASSWORD = b"a secret\n"
REWRITING = 'local_domains = ["localhost", "home.test"]\nfrom_rewrite = "me@signed.test"\n'
SIGNED = '[domain."signed.test"]\ndkim_sign = ["rsa", "ed"]\n'
WAYS = """
[transport.smarthost]
type = "smtp"
host = "relay.test"

[transport.otherip]
type = "socks"
proxy = "10.77.0.40:1080"
remote_ips = ["10.77.0.40"]

[transport.program]
type = "pipe"
user = "alice"
command = ["/bin/sh", "-c", "cat > $HOME/piped/$$"]
"""
UTF8 = ("names and addresses in UTF-8", "From: J\u00fcrgen <root@out.home.test>\nTo: \u00e4@example.test\nSubject: \u00e4\n\n\u00e4\n".encode(), None)


class Scene:
    """An installed system with five ways out: what each got, by its server or its program."""

    def __init__(self, box):
        authority = certificates.Authority(box.path("ca"))
        tables = SIGNED + WAYS + submission("service", authority, 'mechanisms = ["PLAIN"]', host="other.test")
        for transport, domain in (("smarthost", "two.test"), ("service", "other.test"), ("otherip", "plain.test"),
                                  ("program", "piped.test")):
            tables += route(transport, f'to = ["{domain}"]')
        system = self.system = LocalMail(box, RETRY_QUICKLY + REWRITING, tables)
        zone, self.records = "signed.test. IN MX 10 mail.home.test.\n", {}
        for selector, options in {"rsa": (), "ed": ("--type", "ed25519")}.items():
            printed = system.must("root", ["/usr/local/bin/waypost", "dkimsign", "keygen", "signed.test", selector, *options])
            zone += printed
            self.records[f"{selector}._domainkey.signed.test"] = "".join(re.findall(r'"([^"]*)"', printed))
        self.scenery = scenery = Scenery(box, zone)
        Microsocks(box, scenery.network.host("proxy", 40)).start()
        system.must("root", ["/usr/local/bin/waypost", "credential", "add", "secret"], PASSWORD)
        taken = lambda _, verb, __: "235 2.7.0 Welcome" if verb == "AUTH" else None  # noqa: E731
        self.sinks = {
            "direct and by a proxy": Sink(scenery.host("mx1").listen(25), extensions=("PIPELINING", "8BITMIME", "SMTPUTF8")),
            "smarthost": Sink(scenery.host("relay").listen(25), extensions=("SIZE",)),  # neither 8BITMIME nor SMTPUTF8
            "submission": Sink(scenery.host("other").listen(25), taken, extensions=("PIPELINING", "8BITMIME", "AUTH PLAIN"),
                               tls=certificates.server_context(*authority.issue("other.test")))}
        self.piped = system.homes["alice"] / "piped"
        self.piped.mkdir()
        os.chown(self.piped, ORDINARY["alice"], -1)
        system.start()

    def expect_verified(self, data, name):
        assert by_python(data, self.records) == {"rsa": True, "ed": True}, name
        if b"\0" not in data:  # which OpenDKIM takes for an end
            said = by_opendkim(data, self.scenery.dns.address)
            assert said is None, (name, said)


@time_limit(300)
def test_every_way_carries_the_same_signed_bytes_of_every_message(box):
    scene = Scene(box)
    system = scene.system
    recipients = ["bob@example.test", "bob@two.test", "bob@other.test", "bob@plain.test", "bob@piped.test"]
    for number, (name, message, _) in enumerate([*ROWS, UTF8], 1):
        system.send("alice", message, *recipients)
        first, second = scene.sinks["direct and by a proxy"].wait_for(2 * number)[-2:]
        letters = [first, second, *(scene.sinks[way].wait_for(number)[-1] for way in ("smarthost", "submission"))]
        assert {sender_of(letter) for letter in letters} == {"me@signed.test"}, name
        assert len({letter.data for letter in letters}) == 1, name
        scene.expect_verified(first.data, name)
        author = str(email.message_from_bytes(first.data)["From"])
        assert "me@signed.test" in author and "out.home.test" not in author, (name, author)
        system.wait_for_empty_queue()
        (piped,) = (path for path in scene.piped.iterdir())
        stored = piped.read_bytes()
        piped.unlink()
        assert b"DKIM-Signature" not in stored and b"me@signed.test" in stored, name
    assert {session.peer for session in scene.sinks["direct and by a proxy"].sessions} == {"10.77.0.1", "10.77.0.40"}
    assert all(session.tls for session in scene.sinks["submission"].sessions)


@time_limit(120)
def test_mail_for_this_machine_is_rewritten_and_not_signed(box):
    scene = Scene(box)
    scene.system.send("bob", b"Subject: x\n\nbody\n", "alice@localhost", "carol@example.test")
    letter = scene.sinks["direct and by a proxy"].wait_for(1)[0]
    scene.expect_verified(letter.data, "to another host")
    (stored,) = scene.system.wait_for_letters("/var/mail/alice")
    assert b"Return-Path: <me@signed.test>\n" in stored and b"<me@signed.test>" in stored and b"DKIM" not in stored, stored
    wait_until(lambda: not scene.system.list(), 15, "an empty queue")
    assert Path("/var/mail/alice").stat().st_uid == ORDINARY["alice"]
