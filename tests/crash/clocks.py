#!/usr/bin/python3
"""The wall clock is set forward and back by years: no letter is lost, expired, hurried or held up by it.

    clocks.py [--build DIR] [--seed N]

All programs see a clock that is set (othertime.cc): under load, and between two lives of the tree, while letters wait
that a server puts off. Waits are a second, and a letter expires after an hour: a clock that counted would show.
"""

import argparse
import os
import random
import select
import subprocess
import sys
import time

import scene

from fault_case import cpu_seconds  # noqa: E402  (scene sets the path)
from letters import Account, Letter  # noqa: E402
from testing import PATIENCE  # noqa: E402
from waypost import BUILD  # noqa: E402
import rows  # noqa: E402

YEAR = 365 * 86400
KINDS = (("take",), ("late",), ("take", "late"), ("grey", "deny"), ("deny", "late"))
WAITING = 4.0       # seconds in which letters are put off again and again
SOON = 30.0         # seconds from the end of that to an empty queue: waits are one second
BUSY_SECONDS = 3.0  # of the processor, in all of a phase; tracing costs most of it


class Clocks:
    def __init__(self, stage, seed):
        self.stage, self.way, self.rng = stage, stage.waypost, random.Random(seed)
        self.verdict, self.account, self.lost = scene.Verdict(), Account(), 0
        self.tool = scene.copy_tool(stage, "build/crash/othertime")
        self.file = stage.box.folder / "offset"
        self.set(0)

    def set(self, seconds):
        """In place, in one write: a reader sees the old number or the new one."""
        with open(self.file, "r+b" if self.file.exists() else "w+b", buffering=0) as file:
            file.write(f"{seconds:<31}".encode())

    def in_other_time(self, argv):
        uid = self.way.uid
        return [self.tool, self.file, "--", "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *argv]

    def start(self):
        ready, tell = os.pipe()
        argv = self.in_other_time([BUILD / "waypost-start", "-d", str(tell)])
        with open(self.way.log_file, "ab") as log:
            self.way.tree = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             pass_fds=[tell], env=self.way.environment(), cwd=self.way.home)
        os.close(tell)
        readable, _, _ = select.select([ready], [], [], 60 * PATIENCE)
        said = os.read(ready, 1) if readable else b""
        os.close(ready)
        assert said == b"\n", f"the tree does not start: {self.way.log()[-2000:]}"

    def hand_in(self):
        for kinds in KINDS:
            letter = Letter(self.rng, mixture=kinds, size=3000)
            with self.stage.injector(letter, self.in_other_time([BUILD / "waypost-queue"]), uid=0) as child:
                self.account.enter(letter, scene.end_of(child, 60))

    def let_through(self, title):
        """The servers are busy no more: everything must be settled soon, and nothing reported that nobody refused."""
        pids = [pid for pids in self.way.members().values() for pid in pids]
        begun, used = time.monotonic(), cpu_seconds(pids, sum)
        self.stage.servers.busy = False
        empty = self.stage.wait_for_empty_spool(SOON * PATIENCE)
        took, used = time.monotonic() - begun, cpu_seconds(pids, sum) - used
        servers, account = self.stage.servers, self.account
        wrong = [("in the queue", self.stage.files()), ("in bad/", self.stage.files("bad")),
                 ("lost", account.lost(servers)), ("reported, though nobody refused it", account.reported_wrongly(servers)),
                 ("reported twice", account.reported_twice(servers)), ("refused to the injector", sorted(account.refused))]
        self.lost += len(account.lost(servers))
        wrong = [f"{what}: {found[:3]}" for what, found in wrong if found]
        wrong += [] if used < BUSY_SECONDS * PATIENCE else [f"{used:.1f} s of processor time"]
        self.verdict.line(empty and not wrong, f"{title}: {'; '.join(wrong) or f'all arrived {took:.1f} s after they could'}")
        self.stage.open_servers(busy=True)
        self.stage.kill_tree()  # its connections lead to the servers before
        self.start()

    def set_under_load(self, title, before, after):
        """Letters from before it and from after it, put off all the while."""
        self.set(before)
        self.account = Account()
        self.stage.kill_tree()
        self.start()
        self.hand_in()
        time.sleep(WAITING / 2)
        self.set(after)
        self.hand_in()
        time.sleep(WAITING / 2)
        self.let_through(f"while it runs, {title}")

    def set_between_lives(self, title, before, after):
        self.set(before)
        self.account = Account()
        self.stage.kill_tree()
        self.start()
        self.hand_in()
        time.sleep(WAITING / 2)
        self.stage.kill_tree()
        self.set(after)
        self.stage.servers.busy = False  # what fails again by then is as old as that clock says
        self.start()
        self.let_through(f"between two lives, {title}")


CASES = (
    ("forward by a year", 0, YEAR),
    ("back by a year", 0, -YEAR),
    ("from 1976 to now, as on a machine without a battery", -50 * YEAR, 0),
    ("back from ten years ahead", 10 * YEAR, 0),
)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--seed", type=int)
    options = parse.parse_args()

    def run(folder):
        seed = scene.seed_of(options)
        with scene.Scene(folder) as stage:
            clocks = Clocks(stage, seed)
            accepted = 0
            for title, before, after in CASES:
                for way in (clocks.set_under_load, clocks.set_between_lives):
                    way(title, before, after)
                    accepted += sum(len(letter.recipients) for letter in clocks.account.accepted.values())
            status = clocks.verdict.end()
            rows.add(not clocks.verdict.failed, "the wall clock set by years", "nothing lost, expired or held up",
                     f"{clocks.verdict.passed} of {2 * len(CASES)} settings", accepted=accepted, lost=clocks.lost,
                     doubled=0)
            if status:
                stage.box.print_logs()
            stage.kill_tree()
        return status

    return scene.isolated(run, sys.argv, options.build)


if __name__ == "__main__":
    sys.exit(main())
