#!/usr/bin/python3
"""Power cuts of mail that ends on this machine: maildirs and spool on one recorded disk, and a second cut during recovery.

    local_cuts.py [--build DIR] [--on ext4,xfs,btrfs] [--images N] [--again N] [--controls] [--seed N]

Letters for mailboxes of this machine are handed in, and delivered, on a recorded disk. At each of N cuts a recipient whose
letter was accepted must be pending in the spool, or have the whole letter in its maildir: everything that counts is on the
disk itself. Then waypost is started on the image, and delivers what was pending. On N images of --again that start is
recorded as well, and cut again: what had been promised before the first cut must have survived the second.
--controls takes the syncs of the delivery away: the account must show it.
"""

import argparse
import random
import re
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))

import scene  # noqa: E402

import disk  # noqa: E402  (scene sets the path)
import filesystems  # noqa: E402
import loop  # noqa: E402
import rows  # noqa: E402
from image import choose, copy_sparse, images_of  # noqa: E402
from letters import Letter, whole  # noqa: E402
from local_scene import HERE, LocalScene  # noqa: E402
from record import Recorded, write_back  # noqa: E402
from sandbox import PATIENCE, isolated_command  # noqa: E402
from spool import Spool  # noqa: E402

LETTERS, BOXES, CUTS_AGAIN = 40, 4, 12
SUBJECT = re.compile(rb"^Subject: ([0-9a-f]{16})$", re.MULTILINE)
CONTROLS = (
    ("no fsync of the letter", ("waypost-local:fsync:file:none",)),
    ("neither the letter nor its folder", ("waypost-local:fsync:file:none", "waypost-local:fsync:folder:none")),
)


class CutScene(LocalScene):
    """The maildirs lie beside the spool's folders, on the disk that is mounted there."""

    def __init__(self, folder):
        super().__init__(folder, boxes=Path(folder) / "home/spool/boxes")

    def open_servers(self, **nature):
        scene.Scene.open_servers(self, **nature)


# ---- one recording

class SameDisk(disk.RecordedDisk):
    """Begins as an image of another recording."""

    def __init__(self, before, *words, **options):
        super().__init__(*words, **options)
        self.before = before

    def _make_base(self):
        for folder in (self.folder, self.fuse, self.root):
            Path(folder).mkdir(parents=True, exist_ok=True)
        copy_sparse(self.before, self.base)


def hand_in(stage, journal, seed):
    rng, stop = random.Random(seed), threading.Event()
    agitator = threading.Thread(target=write_back, args=(stage.spool, stop))
    for number in range(LETTERS):
        letter = Letter(rng, mixture=("take", "take"))
        letter.recipients = [f"box{rng.randrange(BOXES)}+{kind}.{letter.token}@{HERE}" for kind in ("one", "two")]
        journal.note("offered", token=letter.token, to=letter.recipients)
        assert stage.by_queue(letter) == 0
        journal.note("accepted", token=letter.token)
        if number == LETTERS // 2:
            agitator.start()
    assert stage.wait_for_empty_spool(60 * PATIENCE)
    stop.set()
    agitator.join()


def record_here(folder, options):
    """In a process of its own, perhaps under syncless: FOLDER/disk and FOLDER/events."""
    (folder / "scene").mkdir()
    journal = disk.Journal(folder / "events", folder / "disk" / "log")
    with CutScene(folder / "scene") as stage:
        def prepare(root):
            for path in Path(root).iterdir():
                path.rmdir()
            subprocess.run(["chown", str(stage.waypost.uid), root], check=True)
            subprocess.run(["install", "-d", "-o", str(stage.waypost.uid), Path(root, "boxes")], check=True)

        place = {"system": filesystems.ALL[options.system], "prepare": prepare, "root": stage.spool}
        words = (folder / "disk", options.blocklog)
        with SameDisk(options.base, *words, **place) if options.base else disk.RecordedDisk(*words, **place):
            try:
                if not options.base:
                    stage.waypost.start()
                journal.note("begin")
                if options.base:  # what is cut is the recovery itself
                    stage.waypost.start()
                    assert stage.wait_for_empty_spool(60 * PATIENCE)
                else:
                    hand_in(stage, journal, options.seed)
                journal.note("last")
            finally:
                stage.kill_tree()
    return 0


def recording(folder, options, rules=(), base=None):
    folder.mkdir()
    argv = [sys.executable, __file__, "--record", folder, "--system", options.system, "--seed", options.seed,
            *(("--base", base) if base else ())]
    argv = [options.syncless, *rules, "--", *argv] if rules else argv
    done = subprocess.run(isolated_command([str(word) for word in argv]), stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise OSError(f"recording failed: {done.stderr}")
    return Recorded.read(folder, filesystems.ALL[options.system]), done.stderr


# ---- the account

class Account:
    """What was promised, held against images."""

    def __init__(self, stage, options):
        self.stage, self.system = stage, filesystems.ALL[options.system]
        self.images, self.accepted, self.doubled, self.broken, self.examples = 0, 0, 0, Counter(), []

    def found(self):
        """(mailbox, token) to copies that are whole; what in a maildir is not."""
        copies, torn = Counter(), []
        for path in self.stage.boxes.glob("*/new/*"):
            letter = path.read_bytes()
            subject = SUBJECT.search(letter)
            if subject and whole(letter.replace(b"\n", b"\r\n")):
                copies[path.parent.parent.name, subject[1].decode()] += 1
            else:
                torn.append(path.name)
        return copies, torn

    def judge(self, title, image, promised):
        """promised: (token, address). Mounts the image, looks, starts waypost on it, and looks again."""
        self.images += 1
        self.accepted += len(promised)
        with loop.mounted(image, self.stage.spool, self.system):
            letters, (copies, torn) = Spool(self.stage.spool).letters, self.found()
            broken = [("torn", name) for name in torn]
            for token, address in promised:
                pending = token in letters and letters[token].marks.get(address) == "-"
                if not pending and not copies[address.partition("+")[0], token]:
                    broken.append(("lost", address))
            broken += self.restart(promised)
        self.broken.update(rule for rule, _ in broken)
        self.examples += [f"{title}: {broken[:3]}"] if broken else []

    def restart(self, promised):
        self.stage.waypost.start()
        try:
            empty = self.stage.wait_for_empty_spool(60 * PATIENCE)
        finally:
            self.stage.kill_tree()
        copies, torn = self.found()
        self.doubled += sum(count - 1 for count in copies.values())
        lost = [address for token, address in promised if not copies[address.partition("+")[0], token]]
        return [("torn after the start", name) for name in torn] + [("lost after the start", one) for one in lost] + \
            ([] if empty else [("not emptied", str(self.stage.files()[:3]))])


def promised_at(events, position):
    accepted = {event["token"] for event in events if event["what"] == "accepted" and event["at"] <= position}
    return [(event["token"], to) for event in events if event["what"] == "offered" and event["token"] in accepted
            for to in dict.fromkeys(event["to"])]


def cut_all(folder, options, account, count, again, rules=()):
    """Cuts a recording at `count` points; on `again` of the images its recovery is recorded, and cut too."""
    recorded, said = recording(folder / "first", options, rules)
    system, rng = filesystems.ALL[options.system], random.Random(options.seed)
    accepted = [event["at"] for event in recorded.events if event["what"] == "accepted"]
    cuts = choose(recorded.recording, recorded.base, folder, count, options.seed, recorded.begin, accepted, system.sectors)
    chosen = set(rng.sample(range(len(cuts)), min(again, len(cuts))))
    images = folder / "images"
    images.mkdir()
    for number, (moment, image) in enumerate(images_of(recorded.recording, recorded.base, cuts, images)):
        promised = promised_at(recorded.events, recorded.recording.position_of(moment.record)
                               if moment.record < len(recorded.recording.records) else sys.maxsize)
        if number in chosen:
            cut_again(folder / f"again-{number}", options, account, image, promised)
        account.judge(str(moment), image, promised)
    return said


def cut_again(folder, options, account, image, promised):
    folder.mkdir()
    kept = folder / "before.img"
    copy_sparse(image, kept)
    recorded, _ = recording(folder / "second", options, base=kept)
    sectors = filesystems.ALL[options.system].sectors
    cuts = choose(recorded.recording, recorded.base, folder, CUTS_AGAIN, options.seed, recorded.begin, (), sectors)
    for moment, second in images_of(recorded.recording, recorded.base, cuts, folder):
        account.judge(f"second cut, {moment}", second, promised)


def run_system(folder, options, verdict):
    name = options.system
    title, target = f"power cuts of local mail, {name}", f"0 lost in {options.images} images and {options.again} second cuts"
    reason = disk.why_not(filesystems.ALL[name])
    if reason:
        verdict.skip(f"{title}: {reason}")
        return rows.skip(title, target, reason)
    (folder / name).mkdir()
    with CutScene(folder / name) as stage:
        account = Account(stage, options)
        cut_all(folder / name, options, account, options.images, options.again)
    broken = ", ".join(f"{rule} {count}" for rule, count in account.broken.items()) or "nothing broken"
    verdict.line(not account.broken, f"{title}: {account.images} images, {account.accepted} recipients promised, {broken}, "
                                     f"{account.doubled} doubled")
    for example in account.examples[:10]:
        print(f"     {example}")
    lost = sum(count for rule, count in account.broken.items() if rule.startswith("lost"))
    rows.add(not account.broken, title, target, f"{account.images} images, {broken}", accepted=account.accepted, lost=lost,
             doubled=account.doubled)
    for what, rules in CONTROLS if options.controls else ():
        control(folder / f"{name}-{rules[-1].split(':')[2]}", options, what, rules, verdict)
    return None


def control(folder, options, what, rules, verdict):
    folder.mkdir()
    with CutScene(folder) as stage:
        account = Account(stage, options)
        said = cut_all(folder, options, account, options.images, 0, rules)
    applied = [int(count) for count in re.findall(r"applied=(\d+)", said)]
    verdict.line(account.broken and all(applied), f"{options.system} control, {what} (applied {applied}): {dict(account.broken)}")
    rows.add(bool(account.broken and all(applied)), f"local mail, {what}, {options.system}", "is seen", f"{dict(account.broken)}")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--blocklog", default="build/power/blocklog")
    parse.add_argument("--syncless", default="build/power/syncless")
    parse.add_argument("--on", default="ext4")
    parse.add_argument("--images", type=int, default=40)
    parse.add_argument("--again", type=int, default=3, help=f"images whose recovery is cut {CUTS_AGAIN} times")
    parse.add_argument("--controls", action="store_true")
    parse.add_argument("--seed")
    parse.add_argument("--system", help=argparse.SUPPRESS)
    parse.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    parse.add_argument("--base", type=Path, help=argparse.SUPPRESS)
    options = parse.parse_args()
    disk.end_on_signals()
    if options.record:
        return record_here(options.record, options)

    def run(folder):
        options.seed = str(scene.seed_of(options))
        verdict = scene.Verdict()
        for options.system in options.on.split(","):
            run_system(folder, options, verdict)
        return verdict.end()

    return scene.isolated(run, sys.argv, options.build)


if __name__ == "__main__":
    sys.exit(main())
