"""Whose turn it is within a destination; and the addresses that mail leaves from."""

import json
import threading

from installed import Installed
from network import SENDER_IPV4, ip
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import PATIENCE
from waypost import RETRY_QUICKLY, Waypost, new_message


def position(sink, wanted):
    """How many messages arrived before the first with the wanted sender or recipient."""
    lines = [" ".join([message.sender, *message.recipients]) for message in sink.messages]
    return next(n for n, line in enumerate(lines) if wanted in line)


def gated():
    """(an answer for a Sink: none to a message before the gate is open, the gate)."""
    gate = threading.Event()

    def answer(session, verb, line):
        if verb == "BODY":
            gate.wait(60 * PATIENCE)

    return answer, gate


def all_wait(top, count):
    """Until so many jobs are there, by what `waypost top --json` prints: whose turn it is can be seen only then."""
    def there():
        destinations = json.loads(top())["destinations"]  # none before the manager has read the queue
        return sum(one["jobs_waiting"] + one["jobs_under_way"] for one in destinations) == count

    wait_until(there, 20, f"{count} jobs")


def test_one_message_of_an_account_does_not_wait_for_sixty_of_another(box):
    answer, gate = gated()
    sink = Sink(Scenery(box).host("mx1").listen(25), answer)
    machine = Installed(box, tables="[defaults]\nconnections = 1\n")
    for _ in range(60):
        machine.send("alice", new_message()[1], "x@example.test")
    machine.send("bob", new_message()[1], "x@example.test")
    machine.start()
    all_wait(lambda: machine.must("root", ["/usr/local/bin/waypost", "top", "--json"]), 61)
    gate.set()
    sink.wait_for(61, 30)
    # Some of alice's are under way when the queue is first read.
    assert position(sink, "<bob@home.test>") < 20, position(sink, "<bob@home.test>")


def test_short_message_does_not_wait_for_a_long_list_of_the_same_account(box):
    answer, gate = gated()
    sink = Sink(Scenery(box).host("mx1").listen(25), answer)
    waypost = Waypost(box, tables="[defaults]\nconnections = 1\nrecipients_per_message = 1\n")
    waypost.send(new_message()[1], *[f"member{n}@example.test" for n in range(150)])
    waypost.send(new_message()[1], "friend@example.test")
    waypost.start()
    all_wait(lambda: waypost.command("top", "--json"), 151)
    gate.set()
    sink.wait_for(151, 40)
    assert position(sink, "<friend@example.test>") < 20, position(sink, "<friend@example.test>")


def test_mail_leaves_from_the_configured_address_of_each_family(box):
    scenery = Scenery(box)
    host = scenery.host("mx1")
    four, six = Sink(host.listen(25)), Sink(host.listen(25, "fd77::11"))
    ip("address", "add", "10.77.0.9/24", "dev", "bridge")
    ip("address", "add", "fd77::9/64", "dev", "bridge", "nodad")
    tables = '[transport.direct]\nsource = ["10.77.0.9", "fd77::9"]\n'
    waypost = Waypost(box, tables=tables).start()
    waypost.send(new_message()[1], "a@example.test", "b@six.test")
    four.wait_for(1)
    six.wait_for(1)
    assert [four.sessions[0].peer, six.sessions[0].peer] == ["10.77.0.9", "fd77::9"]
    assert SENDER_IPV4 not in {session.peer for session in four.sessions}


def test_host_of_a_family_without_a_source_address_is_passed_over(box):
    scenery = Scenery(box, "dual.test. IN MX 10 mx.dual.test.\nmx.dual.test. IN A 10.77.0.11\nmx.dual.test. IN AAAA fd77::11\n")
    host = scenery.host("mx1")
    four, six = Sink(host.listen(25)), Sink(host.listen(25, "fd77::11"))
    tables = f'[transport.direct]\nsource = ["{SENDER_IPV4}"]\n'
    waypost = Waypost(box, settings=RETRY_QUICKLY, tables=tables).start()
    waypost.send(new_message()[1], "a@dual.test")
    four.wait_for(1)
    assert not six.sessions
