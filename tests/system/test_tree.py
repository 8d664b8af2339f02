"""The tree of processes: it drains, it starts again, and it never outlives waypost-start."""

import os
import signal
import time
from datetime import datetime, timedelta

from ledger import Ledger
from sandbox import wait_until
from scenery import Scenery
from sink import Sink, refuse
from testing import time_limit
from waypost import RETRY_QUICKLY, Waypost, new_message, pause

MEMBERS = ("waypost-qmgr", "waypost-route", "waypost-bounce", "waypost-deliver", "waypost-sender")


def slow_body(seconds):
    def answer(session, verb, line):
        if verb == "BODY":
            time.sleep(seconds)

    return answer


def send_many(waypost, ledger, count, recipient="bob@example.test"):
    for _ in range(count):
        token, message = new_message()
        waypost.send(message, recipient)
        ledger.accepted.add(token)


def test_mail_that_waits_is_delivered_when_the_tree_starts(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost, ledger = Waypost(box), Ledger()
    send_many(waypost, ledger, 5)
    assert len(waypost.list()) == 5, "with no manager running, list reads the spool itself"
    waypost.start()
    ledger.check([m.data for m in sink.wait_for(5)])


def test_deferred_mail_and_its_count_of_attempts_survive_a_restart(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), refuse("MAIL", "451 4.3.0 not now"))
    waypost = Waypost(box, settings='retry = ["1s", "1s", "1h", "2s", "1h"]\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    before = waypost.wait_for_attempts(3)
    waypost.stop()
    waypost.start()
    (after,) = waypost.list()
    # The time of the next attempt is kept in whole seconds.
    times = [datetime.fromisoformat(row["recipients"][0].pop("next_attempt")) for row in (before, after)]
    assert after == before and abs(times[0] - times[1]) <= timedelta(seconds=2), f"{before} became {after}; {times}"
    assert len(waypost.why(after["id"])) >= 3
    waypost.command("kick", after["id"])
    wait_until(lambda: len(sink.sessions) >= 4, 10, "the attempt by hand")
    waypost.stop()
    waypost.start()
    wait_until(lambda: len(sink.sessions) >= 5, 15, "the next attempt, in its time")


def test_sigterm_drains_what_is_under_way(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), slow_body(1.0))
    waypost, ledger = Waypost(box, tables="[defaults]\nconnections = 2\n"), Ledger()
    send_many(waypost, ledger, 30)
    waypost.start()
    wait_until(lambda: any(line == "DATA" for line in sink.commands()), 10, "a transaction under way")
    waypost.stop(10)
    at_stop = len(sink.messages)
    waypost.start()
    wait_until(lambda: not waypost.list(), 40, "an empty queue")
    assert at_stop < 30, "the test must stop the tree while mail is waiting"
    ledger.check([m.data for m in sink.messages])


def test_no_member_is_missed_when_it_dies(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost, ledger = Waypost(box).start(), Ledger()

    def arrived():
        return [message.data for message in sink.messages]

    for name in MEMBERS:
        victim = min(waypost.pids_of(name))  # of the senders, the prepared process
        os.kill(victim, signal.SIGKILL)
        send_many(waypost, ledger, 3)
        wait_until(lambda: victim not in sum(waypost.members().values(), []), 10, f"{name} to be gone")
        # Not a count of messages: one that came twice would stand for one that is still to come.
        wait_until(lambda: not ledger.balance(arrived())[0], 20, f"mail to move again after {name} died")
        wait_until(lambda: set(MEMBERS) <= waypost.members().keys(), 20, "every member to live again")
        assert waypost.tree.poll() is None, "waypost-start itself stays"
    waypost.wait_for_empty_queue()
    ledger.check(arrived(), duplicates_allowed=len(MEMBERS))


def test_killed_sender_costs_an_attempt_not_the_message(box):
    def slow_at_first(session, verb, line):
        if verb == "MAIL" and session.number == 1:
            time.sleep(60)  # its sender is killed long before

    sink = Sink(Scenery(box).host("mx1").listen(25), slow_at_first)
    waypost, ledger = Waypost(box).start(), Ledger()
    send_many(waypost, ledger, 1)
    wait_until(lambda: sink.sessions and sink.sessions[0].commands, 10, "the sender at work")
    # The first is the prepared process; the others are forked from it, one a destination in use.
    _, sender = sorted(waypost.pids_of("waypost-sender"))
    os.kill(sender, signal.SIGKILL)
    sink.wait_for(1)
    waypost.wait_for_empty_queue()
    ledger.check([m.data for m in sink.messages])


def test_death_of_waypost_start_ends_all(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), slow_body(2.0))
    waypost, ledger = Waypost(box).start(), Ledger()
    send_many(waypost, ledger, 10)
    wait_until(lambda: any(line == "DATA" for line in sink.commands()), 10, "a transaction under way")
    waypost.tree.kill()
    waypost.tree.wait()
    wait_until(lambda: not waypost.members(), 10, f"all members to end, of {waypost.members()}")
    waypost.start()
    waypost.wait_for_empty_queue(30)
    # What was past its final dot may come twice.
    ledger.check([m.data for m in sink.messages], duplicates_allowed=10)


def test_second_tree_on_the_same_spool_is_refused(box):
    Scenery(box)
    waypost = Waypost(box).start()
    first = waypost.tree
    try:
        waypost.start()
    except AssertionError as refusal:
        assert "was not ready" in str(refusal)
    assert waypost.tree is first, "two managers work on one spool"
    waypost.stop()


@time_limit(90)
def test_idle_tree_does_nothing(box):
    """No polling: after a quiet while not one of the members runs on a processor."""
    Scenery(box)
    waypost = Waypost(box).start()
    pause(5)

    def switches():
        total = 0
        for pid in sum(waypost.members().values(), []):
            with open(f"/proc/{pid}/status", encoding="ascii") as status:
                total += sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
        return total

    def woken():
        before = switches()
        pause(10)
        return switches() - before

    # What polls does so in every stretch of ten seconds; what only starts slowly is done with it.
    wait_until(lambda: woken() <= 2, 20, "ten seconds with no more than two wake-ups")


def test_reload_moves_new_mail_to_the_new_route(box):
    scenery = Scenery(box)
    first, second = Sink(scenery.host("relay").listen(25)), Sink(scenery.host("other").listen(25))

    def tables(host):
        return f'[transport.relay]\ntype = "smtp"\nhost = "{host}"\n[[route]]\ntransport = "relay"\n'

    waypost = Waypost(box, tables=tables("relay.test")).start()
    waypost.send(new_message()[1], "bob@example.test")
    first.wait_for(1)
    waypost.write_config(RETRY_QUICKLY, tables("other.test"))
    waypost.command("reload")
    waypost.send(new_message()[1], "bob@example.test")
    second.wait_for(1)
    waypost.write_config(RETRY_QUICKLY, tables("relay.test"))
    waypost.tree.send_signal(signal.SIGHUP)
    wait_until(lambda: len(waypost.events(event="reloaded", program="waypost-qmgr")) == 2, 10, "the reload")  # a signal has no answer
    waypost.send(new_message()[1], "bob@example.test")
    first.wait_for(2)
    assert len(second.messages) == 1


def test_reload_of_a_bad_file_changes_nothing_and_says_so(box):
    relay = Sink(Scenery(box).host("relay").listen(25))
    good = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n[[route]]\ntransport = "relay"\n'
    waypost = Waypost(box, tables=good).start()
    waypost.write_config(RETRY_QUICKLY, good + '[[route]]\ntransport = "realy"\n')
    done = waypost.run(["waypost", "reload"])
    said = (done.stderr + done.stdout).decode()
    assert done.returncode == 100, f"exit {done.returncode}: {said}"
    line = (waypost.home / "etc/waypost.toml").read_text().splitlines().index('transport = "realy"') + 1
    assert f"waypost.toml:{line}:" in said, said
    waypost.send(new_message()[1], "bob@example.test")
    relay.wait_for(1)


def test_deferred_mail_takes_the_new_route_after_a_reload(box):
    scenery = Scenery(box)
    scenery.host("mx1")  # which refuses connections
    relay = Sink(scenery.host("relay").listen(25))
    settings = 'retry = ["1s"]\nexpire_after = "1h"\n'
    waypost = Waypost(box, settings=settings).start()
    waypost.send(new_message()[1], "bob@example.test")
    row = waypost.wait_for_attempts(1)
    waypost.write_config(settings,
                         '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n[[route]]\ntransport = "relay"\n')
    waypost.command("reload")
    relay.wait_for(1)
    assert row["recipients"][0]["transport"] == "direct"
