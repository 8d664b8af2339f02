#!/usr/bin/python3
"""Mixed traffic for a long time, with faults, reloads and restarts: the books balance, and nothing grows.

    soak.py [--build DIR] [--minutes N] [--seed N]

Letters are handed in all the time, by waypost-queue, sendmail and waypost-accept. In the first half a program is killed every
now and then, and the tree started again; in the second half nobody dies, and descriptors and memory of each program are
compared between its beginning and its end. In both the configuration is loaded anew and the servers are busy for a while,
again and again. At the end the queue runs empty, and what was taken is delivered or reported, each recipient once.
"""

import argparse
import os
import random
import signal
import statistics
import sys
import threading
import time
from pathlib import Path

import scene

import rows  # (scene sets the path)
from kills import Killer
from letters import MAY_FAIL, MIXTURES, Account, Letter, kind_of

FEEDERS, PAUSE = 4, 0.2     # so that an hour's letters fit into this program's memory
SIZES = (200, 1000, 3000, 9000)
BUSY_SECONDS = 7.0          # the servers take turns with it
WARM_SECONDS = 10.0         # of the second half: caches fill, senders begin
PASSING = ("waypost-queue", "waypost-inject", "waypost-config", "waypost")
ALWAYS = ("waypost-start", "waypost-qmgr", "waypost-route", "waypost-bounce", "waypost-deliver", "waypost-sender")
GROWTH, MORE_DESCRIPTORS, MORE_KB = 1.3, 24, 400
MARKS = "▁▂▃▄▅▆▇█"


class Feeders:
    """Threads that hand in letters until told to stop."""

    def __init__(self, stage, account, seed):
        self.stage, self.account, self.failure, self._stop = stage, account, None, threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(random.Random(f"{seed}/{n}"),), daemon=True)
                        for n in range(FEEDERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self.threads:
            thread.join(60)
        assert self.failure is None, self.failure

    def _run(self, rng):
        try:
            while not self._stop.wait(rng.uniform(0, PAUSE)):
                kinds = rng.choices([m for m, _ in MIXTURES], [w for _, w in MIXTURES])[0]
                letter = Letter(rng, mixture=kinds, size=rng.choice(SIZES))
                status = self.stage.by_any(letter, rng)
                letter.wire = b""  # its addresses are all that the account needs
                self.account.enter(letter, status)
        except Exception as reason:  # shown at the end: a thread that dies silently would test nothing
            self.failure = reason


class Meter:
    """Samples of each program, the greatest of its processes: descriptors and private memory."""

    def __init__(self, way):
        self.way, self.begun, self.samples = way, time.monotonic(), []

    def sample(self):
        found = {}
        for name, pids in self.way.members().items():
            if name not in PASSING:
                found[name] = tuple(map(max, zip(*(measured(pid) for pid in pids))))
        self.samples.append((time.monotonic() - self.begun, found))

    def between(self, first, last):
        """Name to its samples in these seconds."""
        series = {}
        for seconds, found in self.samples:
            for name, values in found.items() if first <= seconds < last else ():
                series.setdefault(name, []).append(values)
        return series

    def grown(self, first):
        """Programs that hold more at the end than `first` seconds after the beginning, with both numbers."""
        last = self.samples[-1][0]
        quarter = (last - first) / 4
        before, after = self.between(first, first + quarter), self.between(last - quarter, last + 1)
        wrong = [f"{name} was not there" for name in ALWAYS if name not in before or name not in after]
        for name in sorted(before.keys() & after.keys()):
            for column, what, more in ((0, "descriptors", MORE_DESCRIPTORS), (1, "KB", MORE_KB)):
                was, now = (statistics.median(values[column] for values in series[name]) for series in (before, after))
                print(f"     {name}: {what} {was:.0f} -> {now:.0f}")
                if now > was * GROWTH + more:
                    wrong.append(f"{name}: {what} {was:.0f} -> {now:.0f}")
        return wrong

    def plot(self):
        lines = []
        for column, what in ((0, "descriptors"), (1, "KB of private memory")):
            sums = [sum(values[column] for values in found.values()) for _, found in self.samples]
            lines.append(f"{what}, the greatest process of each program, {self.samples[-1][0]:.0f} seconds from left to right: "
                         f"{min(sums)} to {max(sums)}")
            lines.append(bars(sums, 100))
        return "\n".join(lines) + "\n"


def measured(pid):
    """(descriptors, KB of private memory); nothing when it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        kb = int(status.partition("RssAnon:")[2].split()[0]) if "RssAnon:" in status else 0
        return len(os.listdir(f"/proc/{pid}/fd")), kb
    except OSError:
        return 0, 0


def bars(numbers, width):
    """One character for each column: the most of what falls into it."""
    columns = [numbers[len(numbers) * n // width:max(len(numbers) * (n + 1) // width, len(numbers) * n // width + 1)]
               for n in range(min(width, len(numbers)))]
    top = max(max(column) for column in columns) or 1
    return "".join(MARKS[min(7, max(column) * 8 // (top + 1))] for column in columns)


class Soak:
    def __init__(self, stage, minutes, seed):
        self.stage, self.rng = stage, random.Random(seed)
        self.seconds, self.seed = minutes * 60, seed
        self.account, self.killer, self.reloads, self.restarts = Account(), Killer(stage, self.rng), 0, 0

    def run(self):
        self.stage.waypost.start()
        meter = Meter(self.stage.waypost)
        with Feeders(self.stage, self.account, self.seed):
            self.half(meter, faults=True)
            quiet_from = time.monotonic() - meter.begun
            self.half(meter, faults=False)
        self.stage.servers.busy = False
        return meter, quiet_from

    def half(self, meter, faults):
        end = time.monotonic() + self.seconds / 2
        turn = act = 0.0
        while time.monotonic() < end:
            now = time.monotonic()
            if now >= turn:
                self.stage.servers.busy = not self.stage.servers.busy
                turn = now + BUSY_SECONDS
            if now >= act:
                self.act(faults)
                act = now + self.rng.uniform(2, 6)
            if self.stage.waypost.tree.poll() is not None:  # it was waypost-start that was killed
                self.stage.kill_tree()
                self.stage.waypost.start()
            meter.sample()
            time.sleep(0.5)

    def act(self, faults):
        """A reload; where faults are wanted often a kill, and sometimes a restart as a supervisor does it."""
        choice = self.rng.random() if faults else 1.0
        if choice < 0.5:
            self.killer.strike()
            self.killer.wait_for_recovery()
        elif choice < 0.7:
            self.restarts += 1
            self.stage.waypost.tree.send_signal(signal.SIGTERM)
            self.stage.waypost.tree.wait(60)
            self.stage.kill_tree()
            self.stage.waypost.start()
        else:
            self.reloads += 1
            self.stage.waypost.tree.send_signal(signal.SIGHUP)


def judge(soak, stage, meter, quiet_from, minutes):
    verdict, account, servers = scene.Verdict(), soak.account, stage.servers
    empty = stage.wait_for_empty_spool(120)
    verdict.line(empty, f"the queue ran empty ({len(stage.files())} files left)")
    recipients = [address for letter in account.accepted.values() for address in letter.recipients]
    named, _ = servers.notices()
    lost = account.lost(servers)
    delivered = sum(1 for address in recipients if servers.delivered[address])
    reported = sum(1 for address in recipients if named[address] and not servers.delivered[address])
    both = [address for address in recipients if named[address] and servers.delivered[address]]
    verdict.line(recipients and not lost and len(recipients) == delivered + reported,
                 f"{len(recipients)} injected = {delivered} delivered + {reported} bounced + {len(lost)} lost, 0 queued")
    verdict.line(not both, f"delivered, and reported as failed: {both[:3] or 'none'}")
    wrongly = [address for address in named if kind_of(address) not in MAY_FAIL]
    verdict.line(not wrongly and not account.reported_twice(servers), f"reported wrongly, or twice: {wrongly[:3] or 'none'}")
    verdict.line(not servers.torn() and not stage.files("bad"), "everything is whole")
    grown = meter.grown(quiet_from + WARM_SECONDS)
    verdict.line(not grown, f"descriptors and memory after {soak.seconds / 2:.0f} s without a death: {grown or 'flat'}")
    acts = f"{sum(soak.killer.killed.values())} kills, {soak.restarts} restarts, {soak.reloads} reloads"
    print(meter.plot(), end="")
    plot_to = os.environ.get("PROOF_ROWS")
    if plot_to:
        Path(plot_to).with_suffix(".plot").write_text(meter.plot(), encoding="utf-8")
    rows.add(not verdict.failed, "soak", "injected = delivered + bounced + queued; flat",
             f"{minutes:g} minutes, {acts}; {'flat' if not grown else '; '.join(grown)}", accepted=len(recipients), lost=len(lost),
             doubled=account.doubled(servers))
    return verdict.end()


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--minutes", type=float, default=60)
    parse.add_argument("--seed", type=int)
    options = parse.parse_args()

    def run(folder):
        seed = scene.seed_of(options)
        with scene.Scene(folder, logs_in=True) as stage:
            soak = Soak(stage, options.minutes, seed)
            meter, quiet_from = soak.run()
            status = judge(soak, stage, meter, quiet_from, options.minutes)
            if status:
                stage.box.print_logs()
            stage.kill_tree()
        return status

    return scene.isolated(run, sys.argv, options.build)


if __name__ == "__main__":
    sys.exit(main())
