"""One run of the whole tree on a recorded disk: injectors hand in letters, servers take, defer and refuse them, an
operator holds, drops and bounces some. The result is a Recorded: the disk's log and what the world outside saw."""

import dataclasses
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import scene

import cut  # (scene sets the path)
import disk
import filesystems
from letters import Account, Injectors, Letter
from sandbox import PATIENCE, isolated_command, wait_until

# As if the kernel had written everything back just before the name was given: then the file's data is
# stable, its name is not, and a sync that is too weak for the name shows. One injector alone: others would
# commit the journal for it.
EARLY = "waypost-queue:linkat:folder:write-back"

LIMIT = 90 * PATIENCE  # seconds for all letters
DECISIONS = 6          # of the operator, at least
QUIET_SECONDS = 6      # a quiet run lasts so long at least: some passes over what is put off

# What the operator does, and to letters of which kind: the first three are promises once the command has ended.
ACTS = (("hold", "hold"), ("drop", "drop"), ("bounce", "back"), ("requeue", "late"))


def write_back(root, stop):
    """The kernel's own write-back, only more often: what is synced too little must not hide behind luck."""
    while not stop.wait(0.03):
        subprocess.run(["sync", "--file-system", root], check=False)


class Operator:
    """A thread that hands in letters of its own and decides about them by commands, until told to stop."""

    def __init__(self, stage, journal, seed):
        self._stage, self._journal, self._rng = stage, journal, random.Random(f"{seed}/operator")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.decisions, self.failure = 0, None

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._stop.set()
        self._thread.join(300)
        assert not self.failure, self.failure
        assert not self._thread.is_alive(), "the operator does not end"

    def _run(self):
        try:
            while not self._stop.is_set():
                verb, kind = ACTS[self.decisions % len(ACTS)]
                self._decide(verb, Letter(self._rng, (kind,), size=3000))
                # Another one whose second recipient fails only after the restart: two notices, at two times.
                self._hand_in(Letter(self._rng, ("deny", "doom"), size=3000))
        except Exception as reason:  # shown by stop(): a thread that dies silently would test nothing
            self.failure = reason

    def _hand_in(self, letter):
        self._journal.note("offered", token=letter.token, to=letter.recipients)
        status = self._stage.by_queue(letter)
        assert status == 0, f"waypost-queue: {status}"
        self._journal.note("accepted", token=letter.token)

    def _decide(self, verb, letter):
        self._hand_in(letter)
        (address,) = letter.recipients
        if verb != "requeue":  # which promises nothing
            self._journal.note("deciding", verb=verb, to=address)
        wait_until(lambda: self._changes(verb, address), 20, f"{verb} of a letter")
        if verb != "requeue":
            self._journal.note("decided", verb=verb, to=address)
        self.decisions += 1

    def _changes(self, verb, address):
        """Does the command find the letter? The manager may not have seen it yet."""
        done = self._stage.waypost.run(["waypost", verb, "--json", "--to", address])
        return done.returncode == 0 and [json.loads(line)["result"] for line in done.stdout.splitlines()] == ["changed"]


# ---- the process that is recorded -----------------------------------------------------------------------

def record(folder, options):
    """In a process of its own (perhaps under syncless): FOLDER/disk and FOLDER/events are the result."""
    (folder / "scene").mkdir()
    journal = disk.Journal(folder / "events", folder / "disk" / "log")
    system = filesystems.ALL[options.system]
    with scene.Scene(folder / "scene", note=journal.note) as stage:
        uid = stage.waypost.uid

        def prepare(root):
            for name in os.listdir(root):
                os.rmdir(os.path.join(root, name))
            os.chown(root, uid, uid)

        with disk.RecordedDisk(folder / "disk", options.blocklog, system, prepare, root=stage.spool):
            try:
                stage.waypost.start()
                journal.note("begin")
                load(stage, journal, options)
            except BaseException:
                stage.box.print_logs()
                raise
            finally:
                stage.kill_tree()
    return 0


def load(stage, journal, options):
    """Until enough was accepted and decided. A single injector is alone: no operator, no write-back."""
    account = Account()
    injectors = Injectors(stage.by_either, account, options.seed, options.injectors, journal.note).start()
    operator = Operator(stage, journal, options.seed) if options.injectors > 1 else None
    if operator:
        operator.start()
    stop = threading.Event()
    agitator = threading.Thread(target=write_back, args=(stage.spool, stop))
    begun, deadline = time.monotonic(), time.monotonic() + LIMIT
    try:
        while len(account.accepted) < options.letters or (operator and operator.decisions < DECISIONS) or \
                time.monotonic() < begun + options.quiet * QUIET_SECONDS:
            assert not (operator and operator.failure), operator.failure
            told = f"{len(account.accepted)} letters accepted, {len(account.refused)} refused"
            assert time.monotonic() < deadline, f"not enough in {LIMIT:.0f} s: {told}"
            if operator and not options.quiet and len(account.accepted) > options.letters // 2 and not agitator.ident:
                agitator.start()
            time.sleep(0.01)
    finally:
        journal.note("last")  # before the injectors wind up: the cut comes in full flow
        injectors.stop()
        if operator:
            operator.stop()
        stop.set()
        if agitator.ident:
            agitator.join()


# ---- and its result -------------------------------------------------------------------------------------

@dataclasses.dataclass
class Recorded:
    """recording: the disk's log. events: what the world outside saw. begin: the first position of interest."""
    recording: cut.Recording
    base: Path
    events: list
    begin: int

    @staticmethod
    def read(folder, system):
        with open(folder / "events", encoding="utf-8") as lines:
            events = [json.loads(line) for line in lines]
        begin = next(event["at"] for event in events if event["what"] == "begin")
        last = next(event["at"] for event in events if event["what"] == "last")
        os.truncate(folder / "disk/log", max(begin, last))
        events = [event for event in events if event["at"] <= last]
        return Recorded(cut.Recording(folder / "disk/log", system.whole), folder / "disk/base.img", events, begin)


def run_recording(folder, options, seed, rules=(), quiet=False, times=1):
    """Returns (Recorded, what syncless said). quiet: a single injector, no operator, no write_back(). times: as many letters."""
    folder.mkdir()
    argv = [sys.executable, options.program, *options.words, "--record", folder, "--system", options.system, "--seed", seed]
    argv += ["--letters", times * options.letters]
    if EARLY in rules:
        argv += ["--injectors", 1]
    if quiet:
        argv += ["--quiet", "--injectors", 1]  # each sync of others may write down what is looked for
    if rules:
        argv = [options.syncless, *rules, "--", *argv]
    done = subprocess.run(isolated_command([str(a) for a in argv]), stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise OSError(f"recording failed: {done.stderr}")
    said = [line for line in done.stderr.splitlines() if line.startswith("syncless:")]
    return Recorded.read(folder, filesystems.ALL[options.system]), said
