"""Changing a message that is under way: in a job, at a server that does not answer the final dot yet."""

import os
import signal
import threading

from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from test_changes import LATER, RELAY, kinds
from testing import PATIENCE
from waypost import Waypost, new_message


class UnderWay:
    def __init__(self, box, answer="250 2.0.0 taken", recipients=("bob@example.test",), tables=""):
        scenery = Scenery(box)
        self.scenery = scenery
        self.home = Sink(scenery.host("home").listen(25))
        gate = threading.Event()
        self.sink = Sink(scenery.host("mx1").listen(25),
                         lambda session, verb, line: answer if verb == "BODY" and gate.wait(60 * PATIENCE) else None)
        self.waypost = Waypost(box, settings=LATER, tables=tables).start()
        self.token, message = new_message()
        self.waypost.send(message, *recipients)
        wait_until(lambda: "DATA" in self.sink.commands(), 10, "the transaction")
        (row,) = self.waypost.list()
        self.id = row["id"]
        self.answer_now = gate.set


def test_drop_under_way_what_was_sent_was_sent(box):
    at_work = UnderWay(box)
    assert at_work.waypost.command("drop", at_work.id) == "1 message dropped.\n"
    (row,) = at_work.waypost.list()
    assert kinds(at_work.waypost, row["id"])[-1] == "drop", "the file goes when the job has come back"
    at_work.answer_now()
    at_work.waypost.wait_for_empty_queue()
    assert len(at_work.sink.messages) == 1 and not at_work.home.messages
    assert at_work.waypost.events(event="delivered") and at_work.waypost.events(event="drop")


def test_drop_under_way_and_deferred_is_never_tried_again(box):
    at_work = UnderWay(box, "451 4.3.0 later")
    at_work.waypost.command("drop", at_work.id)
    at_work.answer_now()
    at_work.waypost.wait_for_empty_queue()
    assert at_work.sink.commands().count("DATA") == 1 and not at_work.home.messages


def test_drop_under_way_outlives_a_crash(box):
    at_work = UnderWay(box)
    at_work.waypost.command("drop", at_work.id)
    for pid in at_work.waypost.pids_of("waypost-qmgr"):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: at_work.waypost.log().count("event=ready") == 2, 10, "the tree to be there again")
    at_work.waypost.wait_for_empty_queue()
    assert not at_work.home.messages and at_work.sink.commands().count("DATA") == 1


def test_hold_under_way_keeps_what_the_job_did_not_settle(box):
    at_work = UnderWay(box, "451 4.3.0 later")
    at_work.waypost.command("hold", at_work.id)
    assert at_work.waypost.list()[0]["held"] is True
    at_work.answer_now()
    row = at_work.waypost.wait_for_attempts(1)
    assert row["held"] is True and "4.3.0 later" in row["recipients"][0]["reply"]
    assert at_work.waypost.list("--held") == [row]


def test_hold_under_way_and_delivered_is_gone(box):
    at_work = UnderWay(box)
    at_work.waypost.command("hold", at_work.id)
    at_work.answer_now()
    at_work.waypost.wait_for_empty_queue()
    assert len(at_work.sink.messages) == 1


def test_bounce_under_way_counts_a_delivery(box):
    at_work = UnderWay(box, recipients=("bob@example.test", "carol@two.test"))
    at_work.waypost.command("bounce", at_work.id)
    at_work.answer_now()
    notice = at_work.home.wait_for(1)[0].data
    assert b"carol@two.test" in notice and b"bob@example.test" not in notice.split(b"Return-Path")[0].split(b"Subject: hello")[0]
    at_work.waypost.wait_for_empty_queue()
    assert len(at_work.sink.messages) == 1


def test_bounce_under_way_fails_what_comes_back(box):
    at_work = UnderWay(box, "451 4.3.0 later")
    at_work.waypost.command("bounce", at_work.id)
    at_work.answer_now()
    notice = at_work.home.wait_for(1)[0].data
    assert b"returned to its sender by the administrator" in notice and b"4.3.0 later" in notice.replace(b"\r\n ", b" ")
    at_work.waypost.wait_for_empty_queue()


def test_kick_by_hand_under_way_goes_the_new_way_next(box):
    at_work = UnderWay(box, "451 4.3.0 later", tables=RELAY)
    relay = Sink(at_work.scenery.host("relay").listen(25))
    at_work.waypost.command("kick", at_work.id, "--transport", "relay")
    at_work.answer_now()
    assert at_work.token.encode() in relay.wait_for(1)[0].data


def test_requeue_under_way_counts_from_the_next_attempt(box):
    at_work = UnderWay(box, "451 4.3.0 later")
    at_work.waypost.command("requeue", at_work.id)
    at_work.answer_now()
    wait_until(lambda: kinds(at_work.waypost, at_work.id) == ["attempt", "requeue", "attempt"], 10, "another attempt")
    assert at_work.waypost.list()[0]["recipients"][0]["attempts"] == 1
