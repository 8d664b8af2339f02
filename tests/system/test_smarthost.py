"""Transports of type smtp: a smarthost, in clear text and over TLS; trouble of our own making never bounces mail."""

import os
import signal

import certificates
from peers import Postfix
from scenery import Scenery
from sink import Sink
from waypost import RETRY_QUICKLY, Waypost, new_message, pause

ROUTE = """
[[route]]
transport = "relay"
"""


def relay(*lines):
    return '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n' + "\n".join(lines) + ROUTE


def refuse_starttls(session, verb, line):
    return "454 4.7.0 TLS not available" if verb == "STARTTLS" else None


def test_one_transaction_to_a_smarthost_carries_many_domains(box):
    sink = Sink(Scenery(box).host("relay").listen(25))
    waypost = Waypost(box, tables=relay()).start()
    waypost.send(new_message()[1], "a@example.test", "b@two.test", "c@nothing.test")
    message = sink.wait_for(1)[0]
    assert sorted(message.recipients) == [f"RCPT TO:<{r}>" for r in ("a@example.test", "b@two.test", "c@nothing.test")]
    assert not message.tls
    waypost.wait_for_empty_queue()
    assert len(sink.messages) == 1


def test_smarthost_on_another_port(box):
    sink = Sink(Scenery(box).host("relay").listen(2525))
    waypost = Waypost(box, tables=relay("port = 2525")).start()
    waypost.send(new_message()[1], "a@example.test")
    sink.wait_for(1)


def test_postfix_as_smarthost_with_starttls_when_offered(box):
    host = Scenery(box).host("relay")
    key, certificate = certificates.Authority(box.path("ca")).issue("relay.test")
    postfix = Postfix(box, host, "smtpd_tls_security_level = may\nsmtpd_tls_received_header = yes\n"
                      "smtpd_tls_chain_files = /etc/postfix/chain.pem\n",
                      {"chain.pem": key.read_text() + certificate.read_text()})
    waypost = Waypost(box, tables=relay()).start()
    _, message = new_message()
    waypost.send(message, "a@example.test")
    (stored,) = postfix.wait_for(1)
    assert b"(using TLSv1.3 with cipher" in stored and stored.endswith(message)


def test_required_tls_is_used(box):
    key, certificate = certificates.Authority(box.path("ca")).issue("another.test")
    sink = Sink(Scenery(box).host("relay").listen(25), tls=certificates.server_context(key, certificate))
    waypost = Waypost(box, tables=relay('tls = "required"')).start()
    waypost.send(new_message()[1], "a@example.test")
    assert sink.wait_for(1)[0].tls


def test_required_tls_that_is_refused_defers_and_sends_nothing_in_clear(box):
    sink = Sink(Scenery(box).host("relay").listen(25), refuse_starttls)
    waypost = Waypost(box, tables=relay('tls = "required"')).start()
    waypost.send(new_message()[1], "a@example.test")
    row = waypost.wait_for_attempts(2)
    assert row["recipients"][0]["state"] == "pending" and row["recipients"][0]["class"] == "tls"
    verbs = {line.split(" ")[0] for line in sink.commands()}
    assert "STARTTLS" in verbs, "STARTTLS is sent though it was not offered"
    assert not verbs & {"MAIL", "RCPT", "DATA"}, verbs


def test_verified_tls_takes_the_right_certificate(box):
    authority = certificates.Authority(box.path("ca"))
    key, certificate = authority.issue("relay.test")
    sink = Sink(Scenery(box).host("relay").listen(25), tls=certificates.server_context(key, certificate))
    waypost = Waypost(box, tables=relay('tls = "verified"', f'ca = "{authority.certificate}"')).start()
    waypost.send(new_message()[1], "a@example.test")
    assert sink.wait_for(1)[0].tls


def test_verified_tls_refuses_another_name_and_another_authority(box):
    trusted = certificates.Authority(box.path("trusted"))
    stranger = certificates.Authority(box.path("stranger"))
    scenery = Scenery(box)
    wrong_name = Sink(scenery.host("relay").listen(25), tls=certificates.server_context(*trusted.issue("another.test")))
    wrong_authority = Sink(scenery.host("other").listen(25), tls=certificates.server_context(*stranger.issue("other.test")))
    tables = f"""
[transport.relay]
type = "smtp"
host = "relay.test"
tls = "verified"
ca = "{trusted.certificate}"
[transport.other]
type = "smtp"
host = "other.test"
tls = "verified"
ca = "{trusted.certificate}"
[[route]]
to = ["example.test"]
transport = "relay"
[[route]]
transport = "other"
"""
    waypost = Waypost(box, tables=tables).start()
    waypost.send(new_message()[1], "a@example.test", "b@two.test")
    row = waypost.wait_for_attempts(2)
    assert {r["class"] for r in row["recipients"]} == {"tls"}
    assert {r["state"] for r in row["recipients"]} == {"pending"}
    assert wrong_name.sessions and wrong_authority.sessions
    assert not wrong_name.messages and not wrong_authority.messages


def test_text_behind_the_reply_to_starttls_ends_the_connection(box):
    def inject(session, verb, line):
        return "220 2.0.0 Go ahead\r\n250 2.0.0 injected" if verb == "STARTTLS" else None

    key, certificate = certificates.Authority(box.path("ca")).issue("relay.test")
    sink = Sink(Scenery(box).host("relay").listen(25), inject, tls=certificates.server_context(key, certificate))
    waypost = Waypost(box, tables=relay('tls = "required"')).start()
    waypost.send(new_message()[1], "a@example.test")
    waypost.wait_for_attempts(2)
    assert not sink.messages


def test_unknown_smarthost_name_defers(box):
    Scenery(box)
    tables = relay().replace("relay.test", "no-such-host.test")
    waypost = Waypost(box, tables=tables).start()
    waypost.send(new_message()[1], "a@example.test")
    row = waypost.wait_for_attempts(2)
    assert row["recipients"][0]["state"] == "pending"


def test_without_the_route_program_nothing_goes_direct(box):
    scenery = Scenery(box)
    direct, relayed = Sink(scenery.host("mx1").listen(25)), Sink(scenery.host("relay").listen(25))
    waypost = Waypost(box, tables=relay()).start()
    os.kill(waypost.pids_of("waypost-route")[0], signal.SIGKILL)
    for _ in range(10):
        waypost.send(new_message()[1], "a@example.test")
    relayed.wait_for(10)
    pause(1)
    assert not direct.sessions, "mail went past the mandatory smarthost"
    assert len(relayed.messages) == 10


def test_smarthost_that_is_down_is_tried_by_schedule(box):
    host = Scenery(box).host("relay")
    waypost = Waypost(box, settings=RETRY_QUICKLY, tables=relay()).start()
    waypost.send(new_message()[1], "a@example.test")
    row = waypost.wait_for_attempts(2)
    assert row["recipients"][0]["class"] == "unreachable"
    Sink(host.listen(25)).wait_for(1)
    waypost.wait_for_empty_queue()
