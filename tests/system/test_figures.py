"""stats, top and status, on a live tree."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios

from scenery import Scenery
from sandbox import wait_until
from sink import Sink, refuse
from testing import PATIENCE
from waypost import BUILD, Waypost, new_message

LATER = 'retry = ["1h", "1h", "1h", "1h"]\n'
RELAY = ('[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'
         '[[route]]\nto = ["two.test"]\ntransport = "relay"\n')


def mixed_tree(box):
    """A delivered message, one that was greylisted and is held, and one for a relay that does not answer."""
    scenery = Scenery(box)
    host = scenery.host("mx1").listen(25)
    Sink(host, refuse("RCPT", "451 4.7.1 Greylisted, \x1b[2Jcome back", 1))
    waypost = Waypost(box, settings=LATER, tables=RELAY).start()
    waypost.send(new_message()[1], "grey@example.test")
    waypost.wait_for_attempts(1)
    waypost.send(new_message()[1], "bob@example.test")
    wait_until(lambda: len(waypost.list()) == 1, 20, "the second message to be delivered")
    waypost.send(new_message()[1], "carol@two.test")
    wait_until(lambda: len(waypost.list("--transport", "relay")) == 1, 20, "the relay to be tried")
    (row,) = waypost.list("--domain", "example.test")
    waypost.command("hold", row["id"])
    return waypost, row


def stats(waypost):
    return json.loads(waypost.command("stats"))


def value(figures, key, **labels):
    return sum(one["value"] for one in figures[key] if all(one[name] == wanted for name, wanted in labels.items()))


def test_stats_tells_what_happened(box):
    waypost, row = mixed_tree(box)
    wait_until(lambda: value(stats(waypost), "transport_held", transport="relay") == 1, 20, "the relay to be held back")
    figures = stats(waypost)
    assert figures["messages_accepted_total"] == 3 and figures["messages_finished_total"] == 1
    assert value(figures, "queue_messages") == 2
    assert value(figures, "queue_messages", state="held", transport="direct") == 1
    assert value(figures, "queue_messages", state="deferred", transport="relay") == 1
    assert value(figures, "outcomes_total", transport="direct", outcome="delivered") == 1
    assert value(figures, "outcomes_total", transport="direct", outcome="deferred") == 1
    assert figures["destinations_failing"] == 1
    (delivery,) = figures["delivery_seconds"]
    assert delivery["count"] == 1 and delivery["buckets"][-1]["count"] == 1
    text = waypost.command("stats", "--text")
    assert "held 1" in text and "Held back: transport relay (unreachable)" in text

    path = waypost.home / "run/waypost.prom"
    waypost.command("stats", "--prometheus", "--output", path)
    lines = path.read_text().splitlines()
    assert 'waypost_queue_messages{state="held",transport="direct"} 1' in lines
    assert [name.name for name in path.parent.iterdir() if ".prom" in name.name] == ["waypost.prom"]
    for line in lines:
        assert re.fullmatch(r'# (HELP|TYPE) waypost_\w+ .+|waypost_\w+(\{(\w+="[^"]*",?)+\})? [0-9.]+', line), line

    status = json.loads(waypost.command("status", "--json"))
    assert status["held"] == 1 and [one["transport"] for one in status["held_transports"]] == ["relay"]
    assert status["transports"] == ["direct", "local", "root", "aliases", "relay"]
    assert "Held back: transport relay" in waypost.command("status")

    waypost.stop()
    assert waypost.run(["waypost", "stats"]).returncode == 111
    waypost.start()
    # What is held is opened once after a start, to see that it is.
    wait_until(lambda: value(stats(waypost), "queue_messages", state="held") == 1, 10, "the held message")
    after = stats(waypost)
    assert value(after, "queue_messages") == 2
    assert after["messages_accepted_total"] == 0, "each message is accepted once"
    assert after["oldest_message_time_seconds"] == figures["oldest_message_time_seconds"]


class Screen:
    """`waypost top` on a terminal of its own."""

    def __init__(self, waypost):
        self.end, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        self.seen = b""
        self.child = subprocess.Popen([BUILD / "waypost", "top"], stdin=theirs, stdout=theirs, stderr=theirs,
                                      env=waypost.environment(), cwd=waypost.home, start_new_session=True,
                                      **waypost.identity())
        self.theirs = theirs

    def read(self):
        while select.select([self.end], [], [], 0)[0]:
            self.seen += os.read(self.end, 65536)
        return self.seen

    def pictures(self):
        return self.read().count(b"\x1b[H")


def test_top_draws_until_it_is_told_to_end(box):
    waypost, _ = mixed_tree(box)
    once = waypost.command("top")
    assert re.search(r"example\.test +direct ", once) and "relay" in once and "Greylisted, \\x1b[2Jcome back" in once
    picture = json.loads(waypost.command("top", "--json"))
    (direct,) = [one for one in picture["destinations"] if one["destination"] == "example.test"]
    assert direct["delivered"] == 1 and direct["deferred"] == 1 and direct["oldest"]
    assert direct["failures"] == [{"class": "greylisted", "count": 1}]
    for end in (lambda screen: os.write(screen.end, b"q"),
                lambda screen: screen.child.send_signal(signal.SIGINT)):
        screen = Screen(waypost)
        wait_until(lambda shown=screen: shown.pictures() >= 2, 30, "two pictures")
        end(screen)
        assert screen.child.wait(20 * PATIENCE) == 0
        wait_until(lambda shown=screen: shown.read().endswith(b"\x1b[?1049l"), 10, "the screen as it was")
        assert b"\x1b[2J" not in screen.seen, "what a server said reached the terminal"
        lines = re.sub(rb"\x1b\[[?0-9]*[A-Za-z]|\r", b"", screen.seen.replace(b"\x1b[H", b"\n")).split(b"\n")
        assert max(len(line.decode()) for line in lines) == 100, "as wide as the terminal, where the text is longer"
        os.close(screen.theirs)
        os.close(screen.end)
