#!/usr/bin/python3
"""Power cuts of waypost: accept, delivery, marks, history and notices on a recorded disk, cut at any write.

    spool_cuts.py [--build DIR] [--images N] [--restarts N] [--letters N] [--controls] [--seed N]

One run of the whole tree with parallel injectors is recorded; then the power fails at N points. Of each
point the image is mounted and its spool read; on some, waypost is started again and must empty its
queue. --controls repeats the recording with syncs taken away (syncless): the account must notice.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))

import scene  # noqa: E402

import cut  # noqa: E402  (scene sets the path)
import disk  # noqa: E402
from letters import Account, Injectors  # noqa: E402
from sandbox import isolated_command  # noqa: E402
from spool import Spool  # noqa: E402
from story import Story, tally, tokens  # noqa: E402

# As if the kernel had written everything back just before the name was given: then the file's data is
# stable, its name is not, and a sync that is too weak for the name shows. One injector alone: others would
# commit the journal for it.
EARLY = "waypost-queue:linkat:folder:write-back"

# Syncs taken away, and whether images of ext4 can show it. There the fsync of a file commits the journal,
# and with it the file's name, and so does any sync of the folder: one of the two can go without a trace on
# this file system, not on every other. sync_order.py holds waypost-queue to both.
CONTROLS = (
    ("nothing taken away, written back before the name", (EARLY,), False),
    ("accept: no fsync of the file", ("waypost-queue:fsync:file:none",), True),
    ("accept: no fsync of the folder", ("waypost-queue:fsync:folder:none",), False),
    ("accept: neither", ("waypost-queue:fsync:file:none", "waypost-queue:fsync:folder:none"), True),
    ("accept: fdatasync of the file alone",
     (EARLY, "waypost-queue:fsync:file:fdatasync", "waypost-queue:fsync:folder:none"), True),
    ("accept: fdatasync for both",
     (EARLY, "waypost-queue:fsync:file:fdatasync", "waypost-queue:fsync:folder:fdatasync"), False),
    ("start: no fsync of the spool's folders", ("waypost-start:fsync:folder:none",), False),
    ("manager: no fdatasync of marks and history", ("waypost-qmgr:fdatasync:file:none",), True),
    ("manager: notices not synced", ("waypost-qmgr:fsync:file:none", "waypost-qmgr:fsync:folder:none"), True),
)


# ---- recording ------------------------------------------------------------------------------------------

def write_back(root, stop):
    """The kernel's own write-back, only more often: what is synced too little must not hide behind luck."""
    while not stop.wait(0.03):
        subprocess.run(["sync", "--file-system", root], check=False)


def record(folder, options):
    """In a process of its own (perhaps under syncless): FOLDER/disk and FOLDER/events are the result."""
    (folder / "scene").mkdir()
    events = folder / "events"
    log = folder / "disk" / "log"
    journal = disk.Journal(events, log)
    with scene.Scene(folder / "scene", note=journal.note) as stage:
        uid = stage.waypost.uid

        def prepare(root):
            os.rmdir(os.path.join(root, "lost+found"))
            os.chown(root, uid, uid)

        with disk.RecordedDisk(folder / "disk", options.blocklog, prepare=prepare, root=stage.spool):
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
    account = Account()
    injectors = Injectors(stage.by_either, account, options.seed, options.injectors, journal.note).start()
    stop = threading.Event()
    agitator = threading.Thread(target=write_back, args=(stage.spool, stop))
    deadline = time.monotonic() + 60
    try:
        while len(account.accepted) < options.letters:
            told = f"{len(account.accepted)} letters accepted, {len(account.refused)} refused"
            assert time.monotonic() < deadline, f"not enough in 60 s: {told}"
            if options.injectors > 1 and len(account.accepted) > options.letters // 2 and not agitator.ident:
                agitator.start()
            time.sleep(0.01)
    finally:
        journal.note("last")  # before the injectors wind up: the cut comes in full flow
        injectors.stop()
        stop.set()
        if agitator.ident:
            agitator.join()


def run_recording(folder, options, rules):
    """Returns (recording, base image, events, the first position of interest, what syncless said)."""
    folder.mkdir()
    argv = [sys.executable, __file__, *sys.argv[1:], "--record", folder, "--seed", options.seed]
    if EARLY in rules:
        argv += ["--injectors", 1]
    if rules:
        argv = [options.syncless, *rules, "--", *argv]
    done = subprocess.run(isolated_command([str(a) for a in argv]), stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise OSError(f"recording failed: {done.stderr}")
    with open(folder / "events", encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    begin = next(event["at"] for event in events if event["what"] == "begin")
    last = next(event["at"] for event in events if event["what"] == "last")
    os.truncate(folder / "disk/log", max(begin, last))
    events = [event for event in events if event["at"] <= last]
    said = [line for line in done.stderr.splitlines() if line.startswith("syncless:")]
    return cut.Recording(folder / "disk/log"), folder / "disk/base.img", events, begin, said


# ---- judging --------------------------------------------------------------------------------------------

class Tally:
    def __init__(self):
        self.images = self.restarts = self.bad_images = self.torn = self.most_duplicates = 0
        self.broken, self.examples = [], []

    def add(self, moment, spool, broken, duplicates):
        self.images += 1
        self.torn += len(spool.damaged)
        self.most_duplicates = max(self.most_duplicates, duplicates)
        if broken:
            self.bad_images += 1
            self.broken += broken
            self.examples.append(f"{moment}: {tally(broken)} {tokens(broken)[:3]}")


def restart(stage, story, now):
    """waypost on the image that is mounted at its spool, servers that take everything. Broken rules."""
    stage.open_servers(busy=False, greylisting=False)
    stage.waypost.start()
    try:
        empty = stage.wait_for_empty_spool(30)
        broken = story.settle(stage.servers, now)
        if not empty:
            broken += [("queue not empty", os.path.basename(path)) for path in stage.files()]
        broken += [("arrived damaged", m.sender) for m in stage.servers.torn()]
    finally:
        stage.kill_tree()
    return broken


def judge(stage, recorded, options, images, restarts):
    recording, base, events, begin, _ = recorded
    story = Story(events)
    promises = list(story.accepted.values())
    cuts = cut.choose(recording, images, options.seed, begin, promises)
    every = max(1, len(cuts) // restarts) if restarts else 0
    result = Tally()
    folder = stage.box.folder / "images"
    folder.mkdir(exist_ok=True)
    for number, (moment, image) in enumerate(cut.images(recording, base, cuts, folder)):
        now = recording.position_of(moment.record)
        with disk.mounted(image, stage.spool):
            spool = Spool(stage.spool)
            broken, duplicates = story.inspect(spool, now)
            if every and number % every == 0:
                broken += restart(stage, story, now)
                result.restarts += 1
        result.add(moment, spool, broken, duplicates)
    return result, story


def describe(result, story):
    return (f"{len(story.accepted)} letters, {result.images} images, {result.restarts} restarts: broken in "
            f"{result.bad_images} images ({tally(result.broken)}); torn files {result.torn}; "
            f"legal duplicates at most {result.most_duplicates} an image")


def cut_everything(folder, options, verdict):
    with scene_for_images(folder / "check") as stage:
        recorded = run_recording(folder / "recording", options, ())
        result, story = judge(stage, recorded, options, options.images, options.restarts)
        verdict.line(result.images and not result.bad_images, f"power cuts: {describe(result, story)}")
        for example in result.examples[:10]:
            print(f"     {example}")
        for number, (name, rules, visible) in enumerate(CONTROLS if options.controls else ()):
            if options.only and options.only not in name:
                continue
            control(stage, folder / f"control-{number}", options, verdict, name, rules, visible)
        if verdict.failed:
            stage.box.print_logs()


def control(stage, folder, options, verdict, name, rules, visible):
    recorded = run_recording(folder, options, rules)
    applied = [line.rpartition("applied=")[2] for line in recorded[-1]]
    result, story = judge(stage, recorded, options, options.control_images, 0)
    text = f"control, {name} (applied {'+'.join(applied)}): {describe(result, story)}"
    if "0" in applied or not applied:
        verdict.line(False, f"{text}: a rule was never applied")
    elif visible:
        verdict.line(result.bad_images, text)
    else:
        verdict.line(not result.bad_images, text)


def scene_for_images(folder):
    folder.mkdir()
    return scene.Scene(folder)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--blocklog", default="build/power/blocklog")
    parse.add_argument("--syncless", default="build/power/syncless")
    parse.add_argument("--images", type=int, default=300)
    parse.add_argument("--restarts", type=int, default=50, help="how many of the images are started on again")
    parse.add_argument("--letters", type=int, default=200)
    parse.add_argument("--controls", action="store_true")
    parse.add_argument("--only", help="controls whose name holds this text")
    parse.add_argument("--control-images", type=int, default=60)
    parse.add_argument("--seed", type=int)
    parse.add_argument("--injectors", type=int, default=6, help=argparse.SUPPRESS)
    parse.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    options = parse.parse_args()
    if options.record:
        return record(options.record, options)
    reason = disk.why_not()
    if reason:
        print(f"{reason}\n0 passed, 0 failed, 1 skipped")
        return 0
    disk.end_on_signals()

    def run(folder):
        options.seed = scene.seed_of(options)
        verdict = scene.Verdict()
        cut_everything(folder, options, verdict)
        return verdict.end()

    return scene.isolated(run, sys.argv, options.build)


if __name__ == "__main__":
    sys.exit(main())
