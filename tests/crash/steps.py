#!/usr/bin/python3
"""SIGKILL and SIGSTOP at every system call of one message's life.

    steps.py [--build DIR] [--sample N] [--seed N] [queue-kill] [queue-stop] [inject-kill] [manager]

queue-kill   waypost-queue is killed before its Nth call, for every N: what is named is delivered within
             a second, what is not never goes out and leaves no litter
queue-stop   the same with SIGSTOP; continued, it ends well and the letter goes out exactly once
inject-kill  sendmail is killed before its Nth call, while its waypost-queue lives on: what goes out is whole
manager      waypost-qmgr is killed before its Nth call after a letter was handed in that is taken,
             greylisted and refused; the tree is started again, and nothing is lost or taken for damaged
--sample N   visits only about N of the manager's calls, chosen by the seed; without it all are visited
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import time

import scene

from letters import Account, Letter  # noqa: E402  (scene sets the path)
from sandbox import wait_until  # noqa: E402
from waypost import BUILD  # noqa: E402

SOON = 60.0      # seconds from a name in new/ to the delivery: it takes a moment, or for ever, as nothing looks there again
NEVER = 1 << 30  # a call that no life reaches


def call_names():
    """Number to name of system calls, from the kernel's header; nothing where it is absent."""
    try:
        with open("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", encoding="ascii") as header:
            return {int(n): name for name, n in re.findall(r"#define __NR_(\w+) (\d+)", header.read())}
    except FileNotFoundError:
        return {}


class Report:
    """A line of killat: `killat: killed call=3 number=1 named=0`."""

    def __init__(self, line):
        _, self.word, *pairs = line.split()
        self.fields = {key: int(value) for key, value in (pair.split("=") for pair in pairs)}

    def __getattr__(self, name):
        return self.fields[name]


def next_report(stream):
    """The next line that killat wrote among those of the program; None at the end."""
    for line in stream:
        if line.startswith(b"killat: "):
            return Report(line.decode())
    return None


class Steps:
    def __init__(self, stage, killat, seed):
        self.stage, self.rng = stage, random.Random(seed)
        self.killat = scene.copy_tool(stage, killat)
        self.names = call_names()
        self.verdict = scene.Verdict()

    def where(self, report):
        if report.word == "stopped":
            return f"call {report.call}"
        return f"call {report.call} ({self.names.get(report.number, report.number)})"

    def times(self, letter):
        return sum(self.stage.servers.delivered[r] for r in letter.recipients)

    def arrives_soon(self, letter):
        deadline = time.monotonic() + SOON
        while not self.times(letter):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    # ---- waypost-queue

    def queue_at(self, letter, number, *options):
        argv = [self.killat, *options, number, "--", BUILD / "waypost-queue"]
        return self.stage.injector(letter, argv, stderr=subprocess.PIPE)

    def plain_letter(self):
        return Letter(self.rng, mixture=("take",), size=3000)

    def queue_kill(self):
        unnamed, late, number, named = [], [], 0, 0
        while True:
            number += 1
            letter = self.plain_letter()
            with self.queue_at(letter, number) as child:
                report = next_report(child.stderr)
            if report.word == "ended":
                break
            if not report.named:
                unnamed.append((report, letter))
                continue
            named += 1
            if not self.arrives_soon(letter):
                late.append(self.where(report))
        check = self.verdict.line
        good = report.status == 0 and self.arrives_soon(letter)
        check(good, f"waypost-queue: a whole run takes {report.calls} calls")
        check(named and unnamed, f"SIGKILL before each: {len(unnamed)} before the name, {named} behind it")
        check(not late, f"named, but not delivered within {SOON:g} s: {late or 'none'}")
        out = [self.where(report) for report, letter in unnamed if self.times(letter)]
        check(not out, f"without a name, yet delivered: {out or 'none'}")
        self.check_spool("SIGKILL of waypost-queue")

    def queue_stop(self):
        late, letters, ended, number = [], [], [], 0
        while True:
            number += 1
            letter = self.plain_letter()
            letters.append(letter)
            with self.queue_at(letter, number, "-s") as child:
                report = next_report(child.stderr)
                if report.word == "ended":
                    break
                if report.named and not self.arrives_soon(letter):
                    late.append(self.where(report))
                os.kill(report.pid, signal.SIGCONT)
                end = next_report(child.stderr)
            if end is None or end.status != 0:
                ended.append((self.where(report), end and end.status))
            if not self.arrives_soon(letter):
                late.append(f"{self.where(report)}, continued")
        check = self.verdict.line
        check(not late, f"SIGSTOP of waypost-queue before each of {number - 1} calls, not delivered within {SOON:g} s: "
                        f"{late or 'none'}")
        check(not ended, f"continued, but ended badly: {ended or 'none'}")
        self.check_spool("SIGSTOP of waypost-queue")
        once = [letter for letter in letters if self.times(letter) == 1]
        check(len(once) == len(letters), f"delivered exactly once: {len(once)} of {len(letters)}")

    def inject_kill(self):
        letters, number, report = [], 0, None
        way = self.stage.waypost
        while report is None or report.word != "ended":
            number += 1
            letter = self.plain_letter()
            letters.append(letter)
            argv = [self.killat, number, "--", BUILD / "waypost-inject", "-i", "-f", letter.sender, "--",
                    *letter.recipients]
            done = subprocess.run([str(a) for a in argv], input=letter.wire, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, env=way.environment(), cwd=way.home, user=way.uid,
                                  group=way.uid, extra_groups=[], check=False)
            report = next_report(done.stderr.splitlines())
        check = self.verdict.line
        check(report.status == 0 and self.arrives_soon(letter), f"sendmail: a whole run takes {report.calls} calls")
        wait_until(lambda: "waypost-queue" not in way.members(), 10, "the last waypost-queue to end")
        self.check_spool("SIGKILL of sendmail")
        out = [self.times(letter) for letter in letters]
        check(max(out) == 1, f"SIGKILL before each of {number - 1} calls: {out.count(0)} letters gone with it, "
                             f"{out.count(1)} whole")

    def check_spool(self, what):
        empty = self.stage.wait_for_empty_spool(120)
        litter = self.stage.files() + self.stage.files("bad", "tmp")
        self.verdict.line(empty and not litter, f"left behind by {what}: {litter[:5] or 'nothing'}")
        self.verdict.line(not self.stage.servers.torn(), "everything that arrived is whole")

    # ---- waypost-qmgr

    def manager_life(self, number, account):
        """A fresh tree, one letter, and a kill of the manager before its call `number`. The last report."""
        stage = self.stage
        stage.waypost.start()
        manager = stage.waypost.pids_of("waypost-qmgr")[0]
        with subprocess.Popen([self.killat, str(number), "-p", str(manager)], stderr=subprocess.PIPE) as tracer:
            ready = next_report(tracer.stderr)
            assert ready and ready.word == "ready", "killat does not hold the manager"
            letter = Letter(self.rng, mixture=("take", "grey", "deny"), size=3000)
            account.enter(letter, stage.by_queue(letter))
            while tracer.poll() is None and not self.settled(letter, account):
                time.sleep(0.005)
            if tracer.poll() is None:
                time.sleep(0.3)  # the removal of what is settled is part of the life
                tracer.terminate()
            report = next_report(tracer.stderr)
        if report.word == "killed":
            stage.kill_tree()
            stage.waypost.start()
        self.finish(report)
        stage.kill_tree()
        return report

    def settled(self, letter, account):
        if self.stage.files():
            return False
        mine = Account()
        mine.enter(letter, 0)
        return account.accepted and not mine.lost(self.stage.servers)

    def finish(self, report):
        if not self.stage.wait_for_empty_spool(120):
            where = self.where(report) if report.word == "killed" else "the whole life"
            self.verdict.line(False, f"manager: the queue did not run empty after {where}: {self.stage.files()}")

    def manager(self, sample):
        account = Account()
        life = self.manager_life(NEVER, account)
        assert life.word == "let-go", "the manager ended by itself"
        total = life.calls
        self.verdict.line(total > 20, f"waypost-qmgr: a letter's life takes {total} calls")
        chosen = range(1, 4 * total)
        if sample and sample < total:
            chosen = sorted(self.rng.sample(range(1, total + 1), sample))
        kills = 0
        for number in chosen:
            report = self.manager_life(number, account)
            kills += report.word == "killed"
            if report.word != "killed" and not sample:
                break
        self.judge_manager(account, kills)

    def judge_manager(self, account, kills):
        servers = self.stage.servers
        lost, twice = account.lost(servers), account.reported_twice(servers)
        check = self.verdict.line
        check(kills, f"SIGKILL of waypost-qmgr before each of {kills} calls")
        check(not lost, f"lost: {lost[:5] or 'none'}")
        check(not twice, f"reported by two notices: {twice[:5] or 'none'}")
        wrongly = account.reported_wrongly(servers)
        check(not wrongly, f"reported, though nobody refused them: {wrongly[:5] or 'none'}")
        check(not servers.torn(), "everything that arrived is whole")
        bad = self.stage.files("bad")
        check(not bad, f"taken for damaged: {bad[:5] or 'none'}")
        print(f"duplicates (legal after a kill): {account.doubled(servers)} in {kills} kills")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--killat", default="build/crash/killat")
    parse.add_argument("--sample", type=int, default=0)
    parse.add_argument("--seed", type=int)
    parse.add_argument("parts", nargs="*", default=[])
    options = parse.parse_args()
    parts = options.parts or ["queue-kill", "queue-stop", "inject-kill", "manager"]

    def run(folder):
        seed = scene.seed_of(options)
        with scene.Scene(folder) as stage:
            steps = Steps(stage, options.killat, seed)
            if parts != ["manager"]:
                stage.waypost.start()
                if "queue-kill" in parts:
                    steps.queue_kill()
                if "queue-stop" in parts:
                    steps.queue_stop()
                if "inject-kill" in parts:
                    steps.inject_kill()
                stage.kill_tree()
            if "manager" in parts:
                steps.manager(options.sample)
            status = steps.verdict.end()
            if status:
                stage.box.print_logs()
        return status

    return scene.isolated(run, sys.argv, options.build)


if __name__ == "__main__":
    sys.exit(main())
