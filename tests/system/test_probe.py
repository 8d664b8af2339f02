"""waypost-probe: what it finds at servers of every kind, and what it says of it."""

import json
import os

import certificates
from sandbox import wait_until
from scenery import Scenery
from sink import Sink, refuse
from waypost import Waypost


def probe(waypost, *words, status=0):
    """The object, and its findings: (step, level, found) of each."""
    done = waypost.run(["waypost", "probe", "--json", *words])
    assert done.returncode == status, (words, done)
    told = json.loads(done.stdout)
    assert told["ready"] == (status == 0)
    for one in told["findings"]:
        assert one["level"] == "ok" or (one["means"] and one["act"]), one
    return told, [(one["step"], one["level"], one["found"]) for one in told["findings"]]


def found(findings, step, level, words):
    assert any(one[:2] == (step, level) and words in one[2] for one in findings), (step, level, words, findings)


def test_the_names_of_a_domain_are_judged(box):
    scenery = Scenery(box)
    scenery.host("mx1")  # where nobody listens
    waypost = Waypost(box)
    for domain, status, step, words in (("null.test", 100, "dns", "5.1.10"), ("ghost.test", 100, "dns", "5.4.4"),
                                        ("loop.test", 100, "dns", "5.4.6"), ("nobody.test", 100, "dns", "5.1.2"),
                                        ("broken.test", 111, "dns", "broken.test"), ("example.test", 111, "connect", "refused")):
        _, findings = probe(waypost, domain, status=status)
        found(findings, step, "trouble", words)


def test_a_server_is_gone_through_up_to_where_mail_would_come(box):
    scenery = Scenery(box)
    authority = certificates.Authority(box.path("ca"))
    tls = certificates.server_context(*authority.issue("mx2.two.test"))
    blocked = Sink(scenery.host("mx1").listen(25), refuse("CONNECT", "554 5.7.1 Your address is on the block list bl.test"))
    good = Sink(scenery.host("mx2").listen(25), tls=tls)
    waypost = Waypost(box)
    told, findings = probe(waypost, "two.test")
    found(findings, "dns", "ok", "mx2.two.test [10.77.0.12] (preference 10)")
    found(findings, "greeting", "ok", "220 sink.test ESMTP")
    found(findings, "ehlo", "ok", "PIPELINING, 8BITMIME")
    found(findings, "tls", "note", "unverified")
    wait_until(lambda: "QUIT" in good.commands(), 10, "its farewell")
    assert good.commands() == ["EHLO out.home.test", "STARTTLS", "EHLO out.home.test", "QUIT"], good.commands()
    assert told["tries"][0]["offered"]["pipelining"] and told["tries"][0]["steps"]
    told, findings = probe(waypost, "both.test")
    found(findings, "greeting", "trouble", "554 5.7.1 Your address is on the block list")
    assert [one["ready"] for one in told["tries"]] == [False, True] and told["tries"][0]["class"] == "blocked"
    assert not any(line.startswith("MAIL") for line in blocked.commands() + good.commands())
    text = waypost.run(["waypost", "probe", "plain.test", "--dialogue"])
    assert text.returncode == 111 and b"no MX" in text.stdout and b"means: the host refuses" in text.stdout, text
    assert b" < 554 5.7.1 Your address" in text.stdout


def test_a_transport_is_tried_with_its_login_only_when_asked(box):
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    tls = certificates.server_context(*authority.issue("relay.test"))
    replies = iter(("535 5.7.8 Wrong password", "235 2.7.0 Welcome"))
    sink = Sink(Scenery(box).host("relay").listen(587), lambda _s, verb, _l: next(replies) if verb == "AUTH" else None,
                ("AUTH PLAIN",), tls)
    tables = "".join(f'[transport.{name}]\ntype = "submission"\nhost = "{host}"\nca = "{authority.certificate}"\n'
                     'user = "user"\ncredential = "secret"\n' for name, host in (("ses", "relay.test"), ("wrong", "other.test")))
    waypost = Waypost(box, tables=tables)
    assert waypost.run(["waypost", "credential", "add", "secret"], stdin=b"pencil\n").returncode == 0
    _, findings = probe(waypost, "--transport", "ses")
    found(findings, "tls", "ok", " verified")
    found(findings, "auth", "note", "not tried")
    assert not any(line.startswith("AUTH") for line in sink.commands())
    _, findings = probe(waypost, "--transport", "ses", "--auth", status=100)
    found(findings, "auth", "trouble", "535 5.7.8 Wrong password")
    told, findings = probe(waypost, "--transport", "ses", "--auth")
    found(findings, "auth", "ok", "logged in by PLAIN")
    assert "cGVuY2ls" not in json.dumps(told) and "pencil" not in json.dumps(told)
    for words in ((), ("--transport", "none"), ("--transport", "ses", "example.test"), ("--transport", "direct"), ("a b",), ("--x",)):
        assert waypost.run(["waypost", "probe", *words]).returncode == 100, words
