"""hold, release, kick, drop, bounce and requeue: on a running queue, and without a manager."""

import json
import os
import pty
import signal
import socket
import subprocess

from sandbox import wait_until
from scenery import Scenery
from sink import Sink, refuse
from testing import PATIENCE
from waypost import BUILD, Waypost, new_message, pause

LATER = 'retry = ["1h", "1h", "1h", "1h"]\n'
RELAY = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'
VERBS = ("hold", "release", "kick", "drop", "bounce", "requeue")


def deferred(box, tables=""):
    """A tree with one message that was tried once, and will be tried again in an hour."""
    scenery = Scenery(box)
    mx1 = Sink(scenery.host("mx1").listen(25), refuse("RCPT", "451 4.3.2 wait", 1))
    waypost = Waypost(box, settings=LATER, tables=tables).start()
    token, message = new_message()
    waypost.send(message, "bob@example.test")
    return scenery, mx1, waypost, waypost.wait_for_attempts(1), token


def kinds(waypost, message_id):
    return [entry["kind"] for entry in waypost.why(message_id)]


def test_kick_makes_it_due_now(box):
    _, mx1, waypost, row, token = deferred(box)
    assert waypost.command("kick", row["id"]) == "1 message due now.\n"
    assert token.encode() in mx1.wait_for(1)[0].data
    waypost.wait_for_empty_queue()


def test_kick_by_hand_to_another_transport_and_back_to_the_routes(box):
    scenery, mx1, waypost, row, token = deferred(box, RELAY)
    relay = Sink(scenery.host("relay").listen(25), refuse("RCPT", "451 4.3.2 wait", 1))
    waypost.command("kick", row["id"], "--transport", "relay")
    wait_until(lambda: waypost.list()[0]["recipients"][0]["transport"] == "relay", 10, "the attempt by relay")
    assert "by hand" in [entry["rule"] for entry in waypost.why(row["id"])]
    waypost.command("kick", "--id", row["id"], "--routes")
    assert token.encode() in mx1.wait_for(1)[0].data
    assert not relay.messages


def test_kick_to_a_transport_that_is_not_there_is_refused(box):
    _, mx1, waypost, row, _ = deferred(box, RELAY)
    done = waypost.run(["waypost", "kick", row["id"], "--transport", "realy"])
    assert done.returncode == 100 and b"there is no transport realy" in done.stderr and b"relay" in done.stderr
    assert waypost.list()[0]["recipients"][0]["attempts"] == 1


def test_held_message_stays_until_released(box):
    _, mx1, waypost, row, _ = deferred(box)
    assert waypost.command("hold", "--id", row["id"]) == "1 message held.\n"
    assert waypost.command("hold", "--id", row["id"]) == "0 messages held. 1 was held already.\n"
    assert waypost.list("--held")[0]["held"] is True
    assert "left alone" in waypost.command("kick", row["id"])
    waypost.stop()
    waypost.start()
    pause(1)
    assert not mx1.messages and waypost.list()[0]["held"] is True, "hold outlives a restart"
    waypost.command("release", "--id", row["id"])
    mx1.wait_for(1)


def test_dropped_message_is_gone_without_a_word(box):
    scenery, mx1, waypost, row, _ = deferred(box)
    home = Sink(scenery.host("home").listen(25))
    assert waypost.command("drop", "--id", row["id"]) == "1 message dropped.\n"
    assert waypost.list() == []
    waypost.stop()
    waypost.start()
    pause(1)
    assert waypost.list() == [] and not mx1.messages and not home.messages


def test_bounced_message_comes_back_with_a_notice(box):
    scenery, mx1, waypost, row, token = deferred(box)
    home = Sink(scenery.host("home").listen(25))
    waypost.command("bounce", "--id", row["id"])
    notice = home.wait_for(1)[0].data
    assert token.encode() in notice and b"returned to its sender by the administrator" in notice
    assert b"Status: 5.0.0" in notice and b"bob@example.test" in notice
    waypost.wait_for_empty_queue()
    assert not mx1.messages


def test_held_message_can_be_bounced(box):
    scenery, _, waypost, row, token = deferred(box)
    home = Sink(scenery.host("home").listen(25))
    waypost.command("hold", row["id"])
    waypost.command("bounce", row["id"])
    assert token.encode() in home.wait_for(1)[0].data
    waypost.wait_for_empty_queue()


def test_requeued_message_begins_afresh(box):
    scenery = Scenery(box)
    mx1 = Sink(scenery.host("mx1").listen(25), refuse("RCPT", "451 4.3.2 wait", 4))
    waypost = Waypost(box, settings='retry = ["1s", "1s", "1h"]\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    row = waypost.wait_for_attempts(3)
    waypost.command("requeue", row["id"])
    mx1.wait_for(1)
    counts = [line["attempt"] for line in waypost.events(event="deferred")]
    assert counts == ["1", "2", "3", "1"], counts


def test_commands_without_a_filter_are_refused(box):
    _, _, waypost, row, _ = deferred(box)
    for words in [[verb] for verb in VERBS] + [["drop", "--all", "--held"], ["drop", "notanid"], ["drop", "--what"],
                                               ["kick", row["id"], "--transport", ""],
                                               ["kick", row["id"], "--transport", "direct", "--routes"],
                                               ["drop", "--class", "weather"], ["drop", "--older", "soon"]]:
        done = waypost.run(["waypost", *words])
        assert done.returncode == 100 and done.stderr, f"{words}: exit {done.returncode}"
    assert waypost.list()[0] == row
    waypost.command("drop", "--all")
    assert waypost.list() == []


def test_what_is_not_there_is_an_error_that_names_it(box):
    _, _, waypost, row, _ = deferred(box)
    done = waypost.run(["waypost", "hold", "0123456789abcdef", row["id"]])
    assert done.returncode == 100 and b"0123456789abcdef: no such message" in done.stderr
    assert done.stdout == b"1 message held. 1 failed.\n" and waypost.list()[0]["held"]
    assert waypost.command("hold", "--from", "nobody@home.test") == "No message matches.\n"


def test_each_filter_chooses(box):
    _, _, waypost, row, _ = deferred(box)
    klass = row["recipients"][0]["class"]
    for words in (["--from", "alice@home.test"], ["--to", "bob@example.test"], ["--domain", "example.test"],
                  ["--account", row["account"]], ["--transport", "direct"], ["--last-transport", "direct"],
                  ["--class", klass], ["--id", row["id"]], [row["id"]]):
        assert waypost.command("drop", *words, "--dry-run").endswith("1 message would be dropped.\n"), words
    for words in (["--from", "eve@home.test"], ["--domain", "two.test"], ["--held"], ["--older", "1d"]):
        assert waypost.command("drop", *words) == "No message matches.\n", words


def test_dry_run_lists_and_changes_nothing(box):
    _, _, waypost, row, _ = deferred(box)
    for verb in VERBS:
        output = waypost.command(verb, "--all", "--dry-run")
        if verb == "release":
            assert output == "0 messages would be released. 1 was not held.\n"
            continue
        assert row["id"] in output and "1 message would be" in output, output
        assert [json.loads(line) for line in waypost.command(verb, "--all", "--dry-run", "--json").splitlines()] == [row]
    assert waypost.list() == [row] and kinds(waypost, row["id"]) == ["attempt"]


def test_json_says_what_became_of_each_message(box):
    _, _, waypost, row, _ = deferred(box)
    lines = [json.loads(line) for line in waypost.command("hold", "--all", "--json").splitlines()]
    assert lines == [{"id": row["id"], "result": "changed", "error": None}]


def test_history_says_who_decided(box):
    _, _, waypost, row, _ = deferred(box, RELAY)
    waypost.command("hold", row["id"])
    waypost.command("release", row["id"])
    wait_until(lambda: waypost.log().count("event=delivered") == 1, 10, "the delivery")
    for event in ("hold", "release"):
        (line,) = waypost.events(event=event)
        assert line["id"] == row["id"] and line["by"] == f"uid {waypost.uid}"


# ---- without a manager

def test_changes_without_a_manager(box):
    _, mx1, waypost, row, token = deferred(box, RELAY)
    waypost.stop()
    assert waypost.command("hold", "--all") == "1 message held.\n"
    assert waypost.list()[0]["held"] is True
    assert waypost.command("hold", row["id"]) == "0 messages held. 1 was held already.\n"
    assert "left alone" in waypost.command("kick", row["id"])
    assert waypost.command("release", row["id"], "--dry-run").endswith("1 message would be released.\n")
    assert waypost.command("release", row["id"]) == "1 message released.\n"
    done = waypost.run(["waypost", "kick", row["id"], "--transport", "realy"])
    assert done.returncode == 100 and b"no transport realy" in done.stderr
    done = waypost.run(["waypost", "drop", "0123456789abcdef"])
    assert done.returncode == 100 and b"no such message" in done.stderr
    waypost.start()
    assert token.encode() in mx1.wait_for(1)[0].data, "released: due at the next start"


def test_a_message_that_no_manager_has_seen_can_be_held(box):
    scenery = Scenery(box)
    mx1 = Sink(scenery.host("mx1").listen(25))
    waypost = Waypost(box, settings=LATER)
    waypost.send(new_message()[1], "bob@example.test")
    waypost.command("hold", "--all")
    waypost.start()
    pause(1)
    assert not mx1.messages and waypost.list()[0]["held"] is True
    waypost.command("drop", "--all")
    assert waypost.list() == []


def test_bounce_without_a_manager_is_told_at_its_next_start(box):
    scenery, mx1, waypost, row, token = deferred(box)
    home = Sink(scenery.host("home").listen(25))
    waypost.stop()
    waypost.command("bounce", "--all")
    waypost.command("drop", "--held")
    waypost.start()
    assert token.encode() in home.wait_for(1)[0].data
    waypost.wait_for_empty_queue()
    assert not mx1.messages


# ---- many messages

def fill(waypost, count):
    for number in range(count):
        done = waypost.queue(new_message()[1], b"Falice@home.test\0Tuser%d@example.test\0\0" % number)
        assert done.returncode == 0


def test_interrupt_says_how_many_were_changed(box):
    Scenery(box)
    waypost = Waypost(box, settings=LATER)
    fill(waypost, 40)
    # A disk so slow that it cannot be done before it is interrupted: once the queue's folders are made, each flush takes 0.3 s.
    slow_disk = ["strace", "-D", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:delay_exit=300000:when=35+"]
    environment = waypost.environment()
    environment["ASAN_OPTIONS"] += ":detect_leaks=0"  # who searches for leaks wants to be the tracer
    with subprocess.Popen([*slow_disk, BUILD / "waypost", "hold", "--all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment, **waypost.identity()) as command:
        wait_until(lambda: any(waypost.home.glob("spool/cur/*/*.held")), 10, "the first to be held")
        command.send_signal(signal.SIGINT)
        said, errors = command.communicate(timeout=20 * PATIENCE)
    held = len(list(waypost.home.glob("spool/cur/*/*.held")))
    assert command.returncode == 111 and b"interrupted" in errors, (command.returncode, errors)
    assert said.decode() == f"{held} message{'s' if held != 1 else ''} held.\n"


def test_a_caller_that_does_not_read_stops_the_work(box):
    """And nobody else waits for it."""
    Scenery(box)
    waypost = Waypost(box, settings=LATER).start()
    fill(waypost, 20)
    wait_until(lambda: len(waypost.list()) == 20, 20, "all in the queue")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(waypost.home / "run/control"))
        request = b"command=hold\0all=1\0"
        connection.sendall(b"%d:%s," % (len(request), request))
        pause(0.5)
        waypost.command("status")
    wait_until(lambda: len(waypost.list("--held")) == 20, 10, "what was begun to be done")


def test_progress_on_a_terminal(box):
    Scenery(box)
    waypost = Waypost(box, settings=LATER)
    fill(waypost, 20)
    controller, terminal = pty.openpty()
    with subprocess.Popen([BUILD / "waypost", "hold", "--all"], stdout=subprocess.PIPE, stderr=terminal,
                          env=waypost.environment(), **waypost.identity()) as command:
        said, _ = command.communicate(timeout=20 * PATIENCE)
    os.close(terminal)
    assert said == b"20 messages held.\n"
    os.close(controller)


def test_mailq_prints_what_scripts_of_postfix_expect(box):
    _, _, waypost, row, _ = deferred(box)
    waypost.command("hold", row["id"])
    outputs = [waypost.run(["waypost-inject", *words], name=name).stdout.decode()
               for name, words in (("mailq", []), ("sendmail", ["-bp"]), ("/usr/bin/mailq", ["-v"]))]
    assert len(set(outputs)) == 1
    lines = outputs[0].splitlines()
    assert lines[0].split() == ["-Queue", "ID-", "--Size--", "----Arrival", "Time----", "-Sender/Recipient-------"]
    assert lines[1].startswith(row["id"] + "! ") and lines[1].endswith(" alice@home.test")
    assert lines[1].split()[1] == str(row["size"]) and "(4.3.2 wait)" in lines[2]
    assert lines[3].strip() == "bob@example.test" and lines[4] == "" and lines[5] == "-- 1 Kbytes in 1 Request."
    waypost.command("drop", "--all")
    done = waypost.run(["waypost-inject"], name="mailq")
    assert (done.returncode, done.stdout) == (0, b"Mail queue is empty\n")


def test_newaliases_does_nothing_and_says_nothing(box):
    Scenery(box)
    done = Waypost(box).run(["waypost-inject"], name="newaliases")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
