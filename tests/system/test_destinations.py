"""Destinations: failures that are known, connections that grow and shrink, and who waits for whom."""

import os
import signal
import threading
import time

from scenery import Scenery
from sandbox import wait_until
from sink import Sink, refuse
from testing import PATIENCE
from waypost import RETRY_QUICKLY, Waypost, new_message


def send(waypost, count, *recipients):
    for _ in range(count):
        waypost.send(new_message()[1], *recipients)


def not_tried(waypost):
    return [line for line in waypost.events(event="deferred") if line["reply"].startswith("not tried: ")]


def slow(verb, seconds):
    """An answer for a Sink: the usual one to that verb, late."""

    def answer(session, said, line):
        if said == verb:
            time.sleep(seconds)

    return answer


# ---- Failures that are known

def test_failure_of_a_destination_is_known_to_later_messages(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), refuse("CONNECT", "421 4.3.2 down for repair"))
    waypost = Waypost(box, settings='retry = ["1h"]\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    waypost.wait_for_attempts(1)
    assert len(sink.sessions) == 1
    send(waypost, 9, "bob@example.test")
    wait_until(lambda: len(not_tried(waypost)) == 9, 10, "nine answers without an attempt")
    assert len(sink.sessions) == 1, "one connection found it out for all"
    for line in not_tried(waypost):
        assert line["class"] == "other" and line["code"] == "421" and line["attempt"] == "1", line
    rows = waypost.list()
    assert [row["recipients"][0]["attempts"] for row in rows] == [1] * 10, "each has had its attempt"
    assert len(waypost.events(event="destination_down")) == 1


def test_destination_that_comes_back_is_found_by_one_probe(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), refuse("CONNECT", "421 4.3.2 down for repair", 2))
    waypost = Waypost(box, settings='retry = ["2s"]\nexpire_after = "1h"\n')
    send(waypost, 50, "bob@example.test")
    waypost.start()
    sink.wait_for(50, 30)
    waypost.wait_for_empty_queue()
    assert waypost.events(event="destination_up")
    assert len(sink.messages) == 50
    assert len(sink.sessions) < 25, f"{len(sink.sessions)} connections"


def test_held_smarthost_is_told_once_and_by_whom_it_is_put_right(box):
    sink = Sink(Scenery(box).host("relay").listen(25), refuse("STARTTLS", "454 4.7.0 TLS not available"))
    tables = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\ntls = "required"\n[[route]]\ntransport = "relay"\n'
    waypost = Waypost(box, settings='retry = ["1h"]\n', tables=tables).start()
    waypost.send(new_message()[1], "bob@example.test")
    waypost.wait_for_attempts(1)
    send(waypost, 4, "carol@two.test")
    wait_until(lambda: len(not_tried(waypost)) == 4, 10, "four answers without an attempt")
    assert len(sink.sessions) == 1, "the transport is held back for all domains"
    (line,) = waypost.events(event="transport_held")
    assert line["transport"] == "relay" and line["class"] == "tls" and "certificate" in line["act"], line
    story = waypost.why(waypost.list("--to", "carol@two.test")[0]["id"])
    assert any(entry.get("reply", "").startswith("not tried: ") for entry in story), story


def test_reload_tries_a_held_transport_at_once(box):
    scenery = Scenery(box)
    sink = Sink(scenery.host("relay").listen(2525))
    table = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\nport = {}\n[[route]]\ntransport = "relay"\n'
    settings = 'retry = ["1h", "1h"]\n'
    waypost = Waypost(box, settings=settings, tables=table.format(25)).start()
    waypost.send(new_message()[1], "bob@example.test")
    waypost.wait_for_attempts(1)
    waypost.write_config(settings, table.format(2525))
    waypost.command("reload")
    waypost.send(new_message()[1], "carol@example.test")
    assert sink.wait_for(1)[0].recipients == ["RCPT TO:<carol@example.test>"]


# ---- How many connections

def test_connection_too_many_is_no_failure(box):
    def answer(session, verb, line):
        return "421 4.7.0 Too many connections from you" if verb == "CONNECT" and sink.open > 3 else late(session, verb, line)

    late = slow("BODY", 0.05)
    sink = Sink(Scenery(box).host("mx1").listen(25), answer)
    waypost = Waypost(box, tables="[defaults]\nconnections = 8\n")
    send(waypost, 120, "bob@example.test")
    waypost.start()
    sink.wait_for(120, 40)
    waypost.wait_for_empty_queue()
    assert sink.most_open > 3, "the limit of the server was met"
    # Several may be under way when the first is refused. From then on as many as are left are enough for a minute.
    assert len(sink.sessions) <= 8 + 2, f"{len(sink.sessions)} connections"
    assert not waypost.events(event="deferred"), "no message paid for it"


def test_few_messages_do_not_get_a_connection_each(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), slow("BODY", 0.02))
    waypost = Waypost(box)
    send(waypost, 10, "bob@example.test")
    waypost.start()
    sink.wait_for(10)
    waypost.wait_for_empty_queue()
    assert len(sink.sessions) <= 4, f"{len(sink.sessions)} connections for 10 messages"


def test_many_messages_get_all_the_connections_that_are_allowed(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), slow("BODY", 0.1))
    waypost = Waypost(box, settings=RETRY_QUICKLY, tables="[defaults]\nconnections = 6\n")
    send(waypost, 100, "bob@example.test")
    waypost.start()
    sink.wait_for(100, 30)
    assert sink.most_open == 6, f"{sink.most_open} connections at once"


# ---- Rates

def test_rate_of_a_transport_is_honoured_and_costs_no_attempt(box):
    moments = []

    def note(session, verb, line):
        if verb == "MAIL":
            moments.append(time.monotonic())

    scenery = Scenery(box)
    relay, direct = Sink(scenery.host("relay").listen(25), note), Sink(scenery.host("mx1").listen(25))
    settings = 'retry = ["1s", "1h"]\n'

    def tables(rate):
        return (f'[transport.relay]\ntype = "smtp"\nhost = "relay.test"\nrate = "{rate}"\n'
                '[[route]]\nto = ["two.test"]\ntransport = "relay"\n')

    waypost = Waypost(box, settings=settings, tables=tables("4/h"))
    send(waypost, 14, "bob@two.test")
    waypost.start()
    relay.wait_for(4)
    send(waypost, 5, "bob@example.test")
    direct.wait_for(5)
    assert len(relay.messages) == 4, "mail by another transport overtakes what waits for a rate"
    waypost.write_config(settings, tables("4/2s"))
    began = time.monotonic()
    waypost.command("reload")
    relay.wait_for(14, 20)
    # Four may go at once, and four more with every two seconds: whatever comes late, none comes sooner.
    early = [n for n, moment in enumerate(moments[4:]) if n >= 4 * (1 + int((moment - began) / 2))]
    assert not early, moments
    assert not waypost.events(event="deferred"), "waiting is no attempt"
    waypost.wait_for_empty_queue()
    assert len(relay.messages) == 14


# ---- Limits over several domains

SHARED_ZONE = """
east.test. IN MX 10 mx1.example.test.
west.test. IN MX 10 mx1.example.test.
north.test. IN MX 10 mx.north.test.
mx.north.test. IN A 10.77.0.11
south.test. IN MX 10 mx.south.test.
mx.south.test. IN A 10.77.0.11
"""


def drain_two_domains(box, first, second, also=""):
    """(sink, waypost) after 40 messages for each, through at most 3 connections."""
    both_at_work = threading.Event()

    def answer(session, verb, line):
        if verb == "BODY":
            both_at_work.wait(60 * PATIENCE)
            time.sleep(0.05)

    sink = Sink(Scenery(box, SHARED_ZONE).host("mx1").listen(25), answer)
    waypost = Waypost(box, tables=f"[defaults]\nconnections = 3\n{also}")
    send(waypost, 40, f"bob@{first}")
    send(waypost, 40, f"bob@{second}")
    waypost.start()
    # The one shall not be done before the other has begun: it has looked up its hosts soon after it was started.
    wait_until(lambda: len(waypost.senders()) == 2, 20, "a sender for each")
    time.sleep(1)
    both_at_work.set()
    sink.wait_for(80, 30)
    waypost.wait_for_empty_queue()
    assert len(sink.messages) == 80
    assert not waypost.events(event="deferred"), "waiting for a connection is no attempt"
    return sink


def order_of(sink, domain):
    return [n for n, message in enumerate(sink.messages) if domain in message.recipients[0]]


def test_domains_with_the_same_best_mx_share_its_connections(box):
    sink = drain_two_domains(box, "east.test", "west.test")
    assert sink.most_open == 3, f"{sink.most_open} connections at once"
    assert min(order_of(sink, "west.test")) < 40, "the second domain has its share"


def test_domains_whose_hosts_have_the_same_address_share_its_connections(box):
    sink = drain_two_domains(box, "north.test", "south.test")
    assert sink.most_open == 3, f"{sink.most_open} connections at once"


def test_sender_that_dies_returns_its_connections(box):
    hung = []

    def answer(session, verb, line):
        if verb == "MAIL" and len(hung) < 2:
            hung.append(session.number)
            time.sleep(60)

    sink = Sink(Scenery(box, SHARED_ZONE).host("mx1").listen(25), answer)
    waypost = Waypost(box, settings='retry = ["1h"]\n', tables="[defaults]\nconnections = 1\n").start()
    waypost.send(new_message()[1], "bob@east.test")
    wait_until(lambda: len(hung) == 1, 10, "the first sender to hang")
    hung.append(0)
    waypost.send(new_message()[1], "bob@west.test")
    time.sleep(1)
    assert len(sink.sessions) == 1, "the one connection is taken"
    kill_senders(waypost, 1)
    assert sink.wait_for(1)[0].recipients == ["RCPT TO:<bob@west.test>"]


def kill_senders(waypost, count):
    """kill -9 of the oldest ones."""
    for pid in waypost.senders()[:count]:
        os.kill(pid, signal.SIGKILL)
