"""`waypost why --transcript`: the dialogue of an attempt that did not deliver, who may see it, and what outlives what."""

import json
import os
import stat

from installed import SPOOL, Installed
from sandbox import wait_until
from scenery import Scenery
from sink import Sink, refuse
from waypost import Waypost, new_message

LATER = 'retry = ["1h", "1h", "1h"]\n'
HOSTILE = "550 5.7.1 \x1b[2Jnot \x9b you"
WAYPOST = "/usr/local/bin/waypost"


def dialogue_of(waypost, message_id):
    text = waypost.command("why", "--transcript", message_id)
    before, said, dialogue = text.partition("What was said\n")
    assert said and "What comes next" in before, text
    return dialogue


def test_what_was_said_is_shown_and_outlives_a_restart(box):
    Sink(Scenery(box).host("mx1").listen(25), refuse("RCPT", "450 4.7.1 Greylisted, come back"))
    waypost = Waypost(box, settings=LATER).start()
    waypost.send(new_message()[1], "bob@example.test")
    its_id = waypost.wait_for_attempts(1)["id"]
    dialogue = dialogue_of(waypost, its_id)
    at = 0
    for line in ("attempt 1 by direct, not delivered: bob@example.test\n", " * connected to mx1.example.test [10.77.0.11]\n",
                 " < 220 sink.test ESMTP\n", " > EHLO out.home.test\n", " > MAIL FROM:<alice@home.test>",
                 " > RCPT TO:<bob@example.test>\n", " < 450 4.7.1 Greylisted, come back\n"):
        at = dialogue.find(line, at)
        assert at >= 0, f"{line!r} is missing, or out of order, in\n{dialogue}"
    assert "What was said" not in waypost.command("why", its_id)
    objects = [json.loads(line) for line in waypost.command("why", "--json", "--transcript", its_id).splitlines()]
    (one,) = [entry for entry in objects if entry["kind"] == "transcript"]
    assert one["recipients"] == ["bob@example.test"] and one["attempt"] == 1
    assert ("server", "450 4.7.1 Greylisted, come back") in [(line["by"], line["text"]) for line in one["lines"]], one
    waypost.stop()
    assert dialogue_of(waypost, its_id) == dialogue, "read from the file, with no manager running"
    waypost.start()
    waypost.command("kick", its_id)
    waypost.wait_for_attempts(2)
    both = dialogue_of(waypost, its_id)
    assert both.startswith(dialogue) and "attempt 2 by direct" in both, both
    assert stat.S_IMODE(os.stat(waypost.home / "spool/transcripts").st_mode) == 0o600


def test_what_was_delivered_leaves_none(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1)
    waypost.wait_for_empty_queue()
    assert not (waypost.home / "spool/transcripts").exists()


def test_a_user_sees_his_own_and_no_control_character(box):
    Sink(Scenery(box).host("mx1").listen(25), refuse("MAIL", HOSTILE.replace("550 5", "451 4")))
    system = Installed(box, settings=LATER).start()
    for user in ("alice", "bob"):
        system.send(user, new_message()[1], "x@example.test")
    wait_until(lambda: [row["recipients"][0]["attempts"] for row in system.list()] == [1] * 2, 20, "the first attempts")
    ids = {row["account"]: row["id"] for row in system.list()}
    own = system.must("alice", [WAYPOST, "why", "--transcript", ids["alice"]])
    assert "MAIL FROM:<alice@home.test>" in own and "not \\xc2\\x9b you" in own, own
    assert "\x1b" not in own and "\x9b" not in own and "bob@" not in own, own
    done = system.run("alice", [WAYPOST, "why", "--transcript", ids["bob"]])
    assert done.returncode == 100 and b"no such message" in done.stderr and not done.stdout, done
    assert "MAIL FROM:<bob@home.test>" in system.must("root", [WAYPOST, "why", "--transcript", ids["bob"]])
    file = SPOOL / "transcripts"
    assert file.owner() == "wayqueue" and stat.S_IMODE(file.stat().st_mode) == 0o600
    system.stop()
    assert "MAIL FROM:<bob@home.test>" in system.must("root", [WAYPOST, "why", "--transcript", ids["bob"]])
