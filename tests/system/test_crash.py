"""kill -9 of every program at random moments under load: nothing is lost; duplicates are counted."""

import os
import random
import signal
import threading
import time

from ledger import Ledger
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import Waypost, new_message

KILLS = int(os.environ.get("WAYPOST_KILLS", "20" if "sanitize" in os.environ.get("WAYPOST_BUILD", "") else "50"))
RETRY_LONG = "retry = [" + ", ".join(['"1s"'] * 100) + "]\n"


class Load(threading.Thread):
    """Hands in mail without pause, and writes into the ledger what was accepted."""

    def __init__(self, waypost, ledger):
        super().__init__(daemon=True)
        self._waypost, self._ledger = waypost, ledger
        self.ended = threading.Event()
        self.refused = []

    def run(self):
        while not self.ended.is_set():
            token, message = new_message(body="x" * random.randrange(5000) + "\n")
            # Before the attempt: an injector that was killed may have had its message accepted.
            self._ledger.unsure.add(token)
            done = self._waypost.sendmail(message, "-i", "-f", "alice@home.test", "--", random.choice(
                ["a@example.test", "b@two.test", "c@plain.test", "d@example.test"]))
            if done.returncode == 0:
                self._ledger.accepted.add(token)
            elif done.returncode > 0:
                self.refused.append(done)
            time.sleep(0.01)


def victims(waypost):
    """(name, process id) of every program of ours that is alive, injectors and waypost-start included."""
    return [(name, pid) for name, pids in sorted(waypost.members().items()) for pid in pids]


@time_limit(60 + 4 * KILLS)
def test_kill_9_at_random_moments_loses_nothing(box):
    scenery = Scenery(box)

    def moody(session, verb, line):
        if verb == "RCPT" and random.random() < 0.1:
            return "451 4.3.0 not now"
        if verb == "BODY" and random.random() < 0.3:
            time.sleep(0.05)

    sinks = [Sink(scenery.host(name).listen(25), moody) for name in ("mx1", "mx2")]
    waypost, ledger = Waypost(box, settings=RETRY_LONG), Ledger()
    waypost.start()
    load = Load(waypost, ledger)
    load.start()
    killed = {}
    for _ in range(KILLS):
        time.sleep(random.uniform(0.02, 0.6))
        alive = victims(waypost)
        # Each program with the same chance, however many processes it has.
        name = random.choice(sorted({n for n, _ in alive}))
        pid = random.choice([p for n, p in alive if n == name])
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed[name] = killed.get(name, 0) + 1
        if waypost.tree.poll() is not None or name == "waypost-start":
            waypost.tree.wait(10)
            wait_until(lambda: not set(waypost.members()) - {"waypost-inject", "waypost-queue"}, 10, "the members to end")
            waypost.start()
    load.ended.set()
    load.join()
    waypost.wait_for_empty_queue(60)
    arrived = [m.data for sink in sinks for m in sink.messages]
    _, doubled = ledger.balance(arrived)
    print(f"killed {killed}; {len(ledger.accepted)} accepted, {len(arrived)} arrived, {len(doubled)} of them twice")
    ledger.check(arrived, duplicates_allowed=len(ledger.accepted))
    assert len(ledger.accepted) > KILLS, "there was too little load to prove anything"
    assert os.listdir(waypost.home / "spool/bad") == []
