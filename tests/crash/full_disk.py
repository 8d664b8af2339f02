#!/usr/bin/python3
"""The disk is full for a while, then the inodes are: injectors are told to come again, nothing is lost.

    full_disk.py [--build DIR] [--seconds N] [--seed N] [bytes] [guarded] [inodes]

The spool lies on a small ext4 of its own, under load. Then a stranger takes all that is left:
bytes     every block, with queue_free_min = "0MB", so that writes fail in the middle
guarded   every block, with queue_free_min as installed: accept refuses before that
inodes    every inode
for N seconds, and gives it back. Meanwhile whoever is not told 0 is told 75, or 53 by waypost-queue; mail that is
queued already goes on. In the last seconds nobody hands in: nothing spins. Afterwards a letter is accepted at once,
the queue runs empty, and the account is drawn up.
"""

import argparse
import errno
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter

import scene

from fault_case import cpu_seconds  # noqa: E402  (scene sets the path)
from letters import Account, Injectors, Letter, kind_of  # noqa: E402
from sandbox import wait_until  # noqa: E402
import rows  # noqa: E402

MEGABYTES, INODES = 256, 3000
QUIET = 5.0                  # seconds without load, the disk still full
QUIET_CPU, QUIET_LINES = 1.0, 200
SETTINGS = {"bytes": 'queue_free_min = "0MB"\n', "guarded": "", "inodes": 'queue_free_min = "0MB"\n'}


class SmallDisk:
    """An ext4 of its own, mounted at `where`, which belongs to `uid`; gone with the mount namespace."""

    def __init__(self, image, where, uid):
        self.where = where
        with open(image, "wb") as file:
            file.truncate(MEGABYTES << 20)
        self._run("mkfs.ext4", "-q", "-m", "0", "-N", str(INODES), image)
        self._run("mount", "-o", "loop", image, where)
        for name in ("new", "cur", "tmp", "bad"):
            os.mkdir(where / name)
            os.chown(where / name, uid, uid)
        os.chown(where, uid, uid)
        self.stranger = where / "stranger"
        os.mkdir(self.stranger, 0o700)

    @staticmethod
    def _run(*argv):
        subprocess.run(list(map(str, argv)), check=True)

    @staticmethod
    def _until_full(take):
        try:
            while True:
                take()
        except OSError as reason:
            assert reason.errno == errno.ENOSPC, reason

    def fill_bytes(self):
        with open(self.stranger / "big", "ab", buffering=0) as big:
            self._until_full(lambda: big.write(bytes(1 << 20)))

    def fill_inodes(self):
        self._until_full(lambda: os.close(os.open(self.stranger / f"n{time.monotonic_ns()}",
                                                  os.O_CREAT | os.O_EXCL | os.O_WRONLY)))

    def take_all(self, what):
        """A process of its own takes at once what waypost gives back, until give_back()."""
        take = self.fill_inodes if what == "inodes" else self.fill_bytes
        take()
        self._taker = os.fork()
        if self._taker == 0:
            os.closerange(3, 1 << 16)  # else it holds the pipes of whoever is just handing in
        while self._taker == 0:
            try:
                take()
                time.sleep(0.001)
            except BaseException:
                os._exit(1)

    def give_back(self):
        os.kill(self._taker, signal.SIGKILL)
        os.waitpid(self._taker, 0)
        for name in os.listdir(self.stranger):
            os.unlink(self.stranger / name)


class Statuses:
    """Hands in by one way or the other, and remembers what each was told."""

    def __init__(self, stage):
        self.stage, self.told = stage, {"sendmail": Counter(), "queue": Counter()}

    def __call__(self, letter, rng):
        way = rng.choice(("sendmail", "queue"))
        status = getattr(self.stage, f"by_{way}")(letter)
        self.told[way][status] += 1
        return status


def under_load(disk, stage, what, seconds, seed, verdict):
    account, hand_in = Account(), Statuses(stage)
    injectors = Injectors(hand_in, account, seed).start()
    try:
        wait_until(lambda: len(account.accepted) > 30, 30, "thirty letters")
        before = len(account.accepted)
        disk.take_all(what)
        time.sleep(seconds)
    finally:
        injectors.stop()
    refused, accepted = len(account.refused), len(account.accepted) - before
    verdict.line(refused, f"{what}: full for {seconds} s: {refused} refused, {accepted} accepted all the same")
    wrong = set(hand_in.told["sendmail"]) - {0, 75} | set(hand_in.told["queue"]) - {0, 53}
    verdict.line(not wrong, f"{what}: told {({way: dict(told) for way, told in hand_in.told.items()})}")
    return account


def quiet_while_full(stage, what, account, verdict):
    """Nobody hands in, and the disk stays full: no program works hard, or fills the log."""
    stage.servers.busy = False
    late = [r for letter in account.accepted.values() for r in letter.recipients if kind_of(r) == "late"]
    wait_until(lambda: all(stage.servers.delivered[r] for r in late), 60, "what the servers had put off")
    pids = [pid for pids in stage.waypost.members().values() for pid in pids]
    lines, used = stage.waypost.log().count("\n"), cpu_seconds(pids, sum)
    time.sleep(QUIET)
    lines, used = stage.waypost.log().count("\n") - lines, cpu_seconds(pids, sum) - used
    verdict.line(used < QUIET_CPU, f"{what}: {used:.2f} s of processor time in {QUIET:g} s without load")
    verdict.line(lines < QUIET_LINES, f"{what}: {lines} log lines meanwhile")


def recover(disk, stage, what, account, verdict):
    disk.give_back()
    begun = time.monotonic()
    letter = Letter(random.Random(7), mixture=("take", "deny"), size=3000)
    status = stage.by_sendmail(letter)
    account.enter(letter, status)
    verdict.line(status == 0, f"{what}: with room again a letter is accepted at once ({status})")
    wait_until(lambda: stage.servers.delivered[letter.recipients[0]], 30, "the letter that came afterwards")
    arrived = time.monotonic() - begun
    empty = stage.wait_for_empty_spool(120)
    verdict.line(empty, f"{what}: it arrived after {arrived:.1f} s, and the queue was empty after "
                        f"{time.monotonic() - begun:.1f} s ({len(stage.files())} left)")


def judge(stage, what, account, verdict):
    servers, check = stage.servers, verdict.line
    lost, twice = account.lost(servers), account.reported_twice(servers)
    check(account.accepted and not lost, f"{what}: accepted {len(account.accepted)}, lost {len(lost)} {lost[:5]}")
    check(not twice, f"{what}: reported by two notices: {twice[:5] or 'none'}")
    wrongly = account.reported_wrongly(servers)
    check(not wrongly, f"{what}: reported, though nobody refused them: {wrongly[:5] or 'none'}")
    check(not servers.torn(), f"{what}: everything that arrived is whole")
    left = stage.files("bad", "tmp")
    check(not left, f"{what}: left behind: {left[:5] or 'nothing'}")
    # No power failed and nobody was killed: each reply was recorded.
    check(not account.doubled(servers), f"{what}: delivered twice: {account.doubled(servers)}")
    wrong = account.refused_yet_delivered(servers)
    check(not wrong, f"{what}: refused, yet delivered: {wrong[:5] or 'none'}")


def run(folder, what, seconds, seed):
    verdict = scene.Verdict()
    with scene.Scene(folder, settings=scene.QUICK + SETTINGS[what]) as stage:
        disk = SmallDisk(folder / "disk", stage.spool, stage.waypost.uid)
        stage.waypost.start()
        account = under_load(disk, stage, what, seconds, seed, verdict)
        quiet_while_full(stage, what, account, verdict)
        recover(disk, stage, what, account, verdict)
        judge(stage, what, account, verdict)
        accepted = sum(len(letter.recipients) for letter in account.accepted.values())
        rows.add(not verdict.failed, f"{what} full for {seconds} s under load", "75 to injectors, no loss, recovers",
                 f"{len(account.refused)} injectors told to come again", accepted=accepted,
                 lost=len(account.lost(stage.servers)), doubled=account.doubled(stage.servers))
        status = verdict.end()
        if status:
            stage.box.print_logs()
        stage.kill_tree()
    return status


def each_by_itself(options):
    """A process, namespaces and a disk for each; their verdicts in one line at the end."""
    passed, failed = 0, 0
    for what in options.what or SETTINGS:
        argv = [sys.executable, __file__, "--build", options.build, "--seconds", str(options.seconds), "--seed",
                str(scene.seed_of(options)), what]
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
        print(done.stdout, end="", flush=True)
        counts = re.findall(r"^(\d+) passed, (\d+) failed", done.stdout, re.MULTILINE)
        passed += int(counts[-1][0]) if counts else 0
        failed += int(counts[-1][1]) if counts else 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--seconds", type=int, default=60)
    parse.add_argument("--seed", type=int)
    parse.add_argument("what", nargs="*", choices=[*SETTINGS, []])
    options = parse.parse_args()
    if os.geteuid() == 0 and len(options.what) != 1:
        return each_by_itself(options)
    return scene.isolated(lambda folder: run(folder, options.what[0], options.seconds, options.seed or 0), sys.argv,
                          options.build)


if __name__ == "__main__":
    sys.exit(main())
