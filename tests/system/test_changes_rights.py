"""Who may change what on an installed system, where the kernel says who the caller is."""

import json
import os
import re
from pathlib import Path

from installed import SENDMAIL, SPOOL, Installed
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from waypost import new_message, pause

LATER = 'retry = ["1h", "1h", "1h"]\n'
WAYPOST = "/usr/local/bin/waypost"


def with_mail_of_three(box):
    """An installed system; alice, bob and carol have a message each in the queue; carol is in wayadmin."""
    Scenery(box).host("mx1")  # which refuses connections: mail stays
    system = Installed(box, settings=LATER)
    group = Path("/etc/group")
    group.write_text(re.sub(r"^(wayadmin:.*:)$", r"\1carol", group.read_text(), flags=re.M))
    assert re.search(r"^wayadmin:.*:carol$", group.read_text(), re.M)
    system.start()
    for user in ("alice", "bob", "carol"):
        system.send(user, new_message()[1], "x@example.test")
    wait_until(lambda: [row["recipients"][0]["attempts"] for row in system.list()] == [1] * 3, 20, "the first attempts")
    return system, {row["account"]: row["id"] for row in system.list()}


def test_everybody_may_hold_and_drop_the_own_mail_and_nothing_else(box):
    system, ids = with_mail_of_three(box)
    done = system.run("alice", [SENDMAIL, "-q"])
    assert (done.returncode, done.stderr) == (0, b""), "older scripts call it, and it harms nobody"
    for verb in ("hold", "drop"):
        done = system.run("alice", [WAYPOST, verb, ids["bob"]])
        assert done.returncode == 100 and b"no such message" in done.stderr, done
    for verb in ("release", "kick", "bounce", "requeue"):
        for words in ([ids["alice"]], ["--all"]):
            done = system.run("alice", [WAYPOST, verb, *words])
            assert done.returncode == 100 and b"only root and the group wayadmin" in done.stderr, done
    assert system.must("alice", [WAYPOST, "hold", "--all"]) == "1 message held.\n"
    assert {row["account"]: row["held"] for row in system.list()} == {"alice": True, "bob": False, "carol": False}
    (entry,) = [json.loads(line) for line in system.must("alice", [WAYPOST, "why", "--json", ids["alice"]]).splitlines()
                if '"hold"' in line]
    assert entry["by"] == "uid 2001"
    assert system.must("alice", [WAYPOST, "drop", "--all"]) == "1 message dropped.\n"
    rows = system.list()
    assert {row["account"] for row in rows} == {"bob", "carol"}
    assert [row["recipients"][0]["attempts"] for row in rows] == [1, 1], "alice's -q moved nothing"


def test_root_and_wayadmin_may_do_everything(box):
    system, ids = with_mail_of_three(box)
    assert system.must("carol", [SENDMAIL, "-q"]) == ""
    wait_until(lambda: [row["recipients"][0]["attempts"] for row in system.list()] == [2] * 3, 20, "another attempt for all")
    assert system.must("carol", [WAYPOST, "hold", "--account", "alice"]) == "1 message held.\n"
    assert system.must("carol", [WAYPOST, "release", ids["alice"]]) == "1 message released.\n"
    assert system.must("carol", [WAYPOST, "kick", "--all", "--dry-run"]).endswith("3 messages would be due now.\n")
    assert system.must("root", [WAYPOST, "requeue", ids["bob"]]) == "1 message requeued.\n"
    assert system.must("root", [WAYPOST, "drop", "--all"]) == "3 messages dropped.\n"
    system.wait_for_empty_queue()  # what is being tried just then goes when that has come back


def test_without_a_manager_root_and_the_spools_owner_may(box):
    system, ids = with_mail_of_three(box)
    system.stop()
    done = system.run("alice", [WAYPOST, "hold", "--all"])
    assert done.returncode == 111 and b"only root may touch the queue without it" in done.stderr, done
    owners = {path.name.partition(".")[0]: path.owner() for path in (SPOOL / "cur").rglob("*.*")}
    assert system.must("root", [WAYPOST, "hold", "--all"]) == "3 messages held.\n"
    assert system.must("wayqueue", [WAYPOST, "drop", ids["bob"]]) == "1 message dropped.\n"
    files = list((SPOOL / "cur").rglob("*.held"))
    assert len(files) == 2 and all(path.owner() == owners[path.name.partition(".")[0]] for path in files)
    assert (SPOOL / "lock").owner() == "wayqueue"
    system.start()
    pause(1)
    assert all(row["held"] for row in system.list())


def test_the_bounce_command_and_the_filter_are_told_apart(box):
    home = Scenery(box)
    notices = Sink(home.host("home").listen(25))
    system = Installed(box, settings=LATER).start()
    token, message = new_message()
    system.send("alice", message, "x@example.test")
    wait_until(lambda: system.list()[0]["recipients"][0]["attempts"] == 1, 20, "the first attempt")
    done = system.run("root", [WAYPOST, "bounce"])
    assert done.returncode == 100 and b"which messages?" in done.stderr
    (row,) = system.list()
    assert system.must("root", ["/usr/local/libexec/waypost/waypost-bounce", row["id"]]) == "1 message bounced.\n"
    assert token.encode() in notices.wait_for(1)[0].data
    assert os.readlink("/usr/local/libexec/waypost/waypost-hold") == "waypost-change"
    assert not os.path.islink("/usr/local/libexec/waypost/waypost-bounce")
