"""Direct delivery over DNS: what is handed in arrives, byte by byte, where the MX records say."""

import socket

import certificates
from bodies import ROWS, below_received
from peers import Postfix, SmtpSink
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import RETRY_QUICKLY, Waypost, new_message, pause


def envelope(sender, *recipients):
    return b"F" + sender.encode() + b"\0" + b"".join(b"T" + r.encode() + b"\0" for r in recipients) + b"\0"


def test_message_from_sendmail_lies_in_postfix_maildir(box):
    postfix = Postfix(box, Scenery(box).host("mx1"))
    waypost = Waypost(box).start()
    token, message = new_message(body="first\n.second\nthird")
    waypost.send(message, "bob@example.test")
    (stored,) = postfix.wait_for(1)
    assert stored.startswith(b"Return-Path: <alice@home.test>\nX-Original-To: bob@example.test\n")
    assert stored.endswith(message + b"\n")
    assert stored.count(token.encode()) == 1
    waypost.wait_for_empty_queue()


def test_torture_bodies_arrive_byte_by_byte(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    for name, handed_in, wire in ROWS:
        done = waypost.queue(handed_in, envelope("alice@home.test", "bob@example.test"))
        assert done.returncode == 0, f"{name}: exit {done.returncode}: {done.stderr}"
        message = sink.wait_for(1)[0]
        sink.messages.clear()
        assert below_received(message.data) == wire, f"{name}: {below_received(message.data)[:200]!r}"
        bare = message.wire.replace(b"\r\n", b"")
        assert b"\r" not in bare and b"\n" not in bare, f"{name}: a bare CR or LF left the machine"


def test_torture_bodies_pass_a_real_postfix(box):
    postfix = Postfix(box, Scenery(box).host("mx1"))
    waypost = Waypost(box).start()
    # Postfix itself ends a header where none is, and gives "no body" its empty line.
    rows = [row for row in ROWS if row[0] not in ("no header", "no body")]
    for name, handed_in, _ in rows:
        done = waypost.queue(handed_in, envelope("alice@home.test", "bob@example.test"))
        assert done.returncode == 0, f"{name}: exit {done.returncode}: {done.stderr}"
    stored = postfix.wait_for(len(rows), 30)
    assert len(stored) == len(rows)
    for name, _, wire in rows:
        text = wire.replace(b"\r\n", b"\n")
        assert any(message.endswith(b"\n" + text) for message in stored), f"{name} is not among what arrived"


def test_smtp_sink_gets_envelope_and_message(box):
    sink = SmtpSink(box, Scenery(box).host("mx1"))
    waypost = Waypost(box).start()
    _, message = new_message()
    waypost.send(message, "bob@example.test", "carol@example.test")
    (dump,) = sink.wait_for(1)
    for wanted in (b"X-Mail-Args: <alice@home.test>", b"X-Rcpt-Args: <bob@example.test>", b"X-Rcpt-Args: <carol@example.test>"):
        assert wanted in dump, dump
    assert message.strip().replace(b"\r\n", b"\n") in dump.replace(b"\r\n", b"\n")


@time_limit(120)
def test_message_of_100_megabytes_arrives_whole(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    line = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\n"
    message = b"Subject: large\n\n" + line * (95_000_000 // len(line))
    done = waypost.queue(message, envelope("alice@home.test", "bob@example.test"))
    assert done.returncode == 0, done.stderr
    (arrived,) = sink.wait_for(1, 60)
    assert below_received(arrived.data) == message.replace(b"\n", b"\r\n")


def test_recipients_of_one_domain_share_a_transaction(box):
    scenery = Scenery(box)
    first, second = Sink(scenery.host("mx1").listen(25)), Sink(scenery.host("mx2").listen(25))
    waypost = Waypost(box).start()
    _, message = new_message()
    waypost.send(message, "a@example.test", "b@two.test", "c@example.test")
    assert sorted(first.wait_for(1)[0].recipients) == ["RCPT TO:<a@example.test>", "RCPT TO:<c@example.test>"]
    assert second.wait_for(1)[0].recipients == ["RCPT TO:<b@two.test>"]
    waypost.wait_for_empty_queue()


def test_messages_for_one_destination_share_a_connection(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box, tables="[defaults]\nconnections = 1\n")
    for _ in range(20):
        waypost.send(new_message()[1], "bob@example.test")
    waypost.start()
    sink.wait_for(20)
    waypost.wait_for_empty_queue()
    assert len(sink.messages) == 20
    # It is given up when five seconds bring no message, as they may where everything is slow.
    assert len(sink.sessions) <= 3, f"{len(sink.sessions)} connections for 20 messages"


def test_second_mx_is_tried_when_the_first_refuses_connections(box):
    scenery = Scenery(box)
    scenery.host("mx1")
    sink = Sink(scenery.host("mx2").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@both.test")
    sink.wait_for(1)


def test_second_mx_is_tried_when_the_first_says_421(box):
    scenery = Scenery(box)
    first = Sink(scenery.host("mx1").listen(25), lambda session, verb, line: "421 busy" if verb == "CONNECT" else None)
    second = Sink(scenery.host("mx2").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@both.test")
    second.wait_for(1)
    assert first.sessions and not first.messages


def test_domain_without_mx_is_reached_at_its_address(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@plain.test")
    sink.wait_for(1)


def test_ipv6_mx_is_reached(box):
    sink = Sink(Scenery(box).host("mx1").listen(25, "fd77::11"))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@six.test")
    assert sink.wait_for(1)[0].sender.startswith("MAIL FROM:<alice@home.test>")
    assert sink.sessions[0].peer == "fd77::1"


def test_address_literals_are_connected_to(box):
    host = Scenery(box).host("mx1")
    four, six = Sink(host.listen(25)), Sink(host.listen(25, "fd77::11"))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@[10.77.0.11]", "bob@[IPv6:fd77::11]")
    four.wait_for(1)
    six.wait_for(1)


def test_names_that_cannot_work_bounce_with_their_codes(box):
    scenery = Scenery(box)
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    for domain, status in (("null.test", b"5.1.10"), ("nothing.test", b"5.1.2"), ("ghost.test", b"5.4.4")):
        waypost.send(new_message()[1], f"bob@{domain}")
        notice = home.wait_for(1)[0]
        home.messages.clear()
        assert b"Status: " + status in notice.data, f"{domain}: {notice.data.decode()}"
        assert notice.sender.startswith("MAIL FROM:<>")
        assert notice.recipients == ["RCPT TO:<alice@home.test>"]


def test_failed_lookup_defers(box):
    Scenery(box)
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@broken.test")
    row = waypost.wait_for_attempts(2, 30)
    assert row["recipients"][0]["state"] == "pending" and row["recipients"][0]["class"] == "dns"


def test_mx_that_is_loopback_is_not_connected_to(box):
    Scenery(box)
    # Our own machine listens, and must not be asked.
    sink = Sink(socket.create_server(("127.0.0.1", 25)))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@loop.test")
    pause(3)
    assert not sink.sessions


def test_opportunistic_tls_takes_any_certificate(box):
    key, certificate = certificates.Authority(box.path("ca")).issue("somebody.else.test")
    sink = Sink(Scenery(box).host("mx1").listen(25), tls=certificates.server_context(key, certificate))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    assert sink.wait_for(1)[0].tls
    commands = [line.split(" ")[0] for line in sink.commands()]
    assert commands.count("EHLO") == 2, commands
    assert commands.index("STARTTLS") < commands.index("MAIL")


def test_broken_tls_falls_back_to_clear_text_in_the_same_attempt(box):
    def answer(session, verb, line):
        return "454 4.7.0 TLS not available" if verb == "STARTTLS" else None

    sink = Sink(Scenery(box).host("mx1").listen(25), answer, extensions=("PIPELINING", "STARTTLS"))
    waypost = Waypost(box, settings='retry = ["1h"]\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    assert not sink.wait_for(1)[0].tls


def test_server_without_extensions_is_spoken_to_plainly(box):
    def answer(session, verb, line):
        return "502 5.5.1 what is EHLO" if verb == "EHLO" else None

    sink = Sink(Scenery(box).host("mx1").listen(25), answer)
    waypost = Waypost(box, settings=RETRY_QUICKLY).start()
    waypost.send(new_message()[1], "bob@example.test")
    message = sink.wait_for(1)[0]
    assert message.sender == "MAIL FROM:<alice@home.test>", "no ESMTP parameter without EHLO"
    assert any(line.startswith("HELO ") for line in sink.commands())
