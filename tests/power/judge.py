"""Images of a recording, each mounted, read, and started on again; shared out among processes.

A restart sees nothing of an image but its spool. So an image whose spool is, byte for byte, one that waypost was
started on before is held against what that restart did; its own account decides, and it is counted as known.
"""

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import scene

import cut  # (scene sets the path)
import filesystems
import loop
from image import Images
from record import Recorded
from sandbox import PATIENCE, isolated_command
from spool import Spool
from story import Story, tally, tokens

MOST_EXAMPLES = 10
KEPT_SPOOLS = 300  # images of equal bytes stand near to each other: what the disk holds before a flush, it holds behind it
LEAST_READ, LEAST_STARTED = 25, 5  # images that are worth a process of their own: mostly read, or all of them started on


@dataclasses.dataclass
class Restart:
    """What waypost did with a spool, and servers that take everything."""
    delivered: Counter   # addresses
    names: dict          # refused address to the names of the notices that report it
    left: set            # tokens of letters that are held
    queued: set          # tokens of letters whose notice stood in the spool before
    broken: list         # rules that are broken whatever had been promised


@dataclasses.dataclass
class Found:
    """What one recording's images came to."""
    cuts: int = 0
    images: int = 0        # that differ, in at least one byte
    same: int = 0          # cuts whose image was, byte for byte, one before: what was found there is held against more promises
    restarts: int = 0
    known: int = 0         # spools that another image had as well
    accepted: int = 0      # recipients promised delivery, in each image
    doubled: int = 0       # of them, delivered before and after the cut
    bad_images: int = 0
    torn: int = 0          # files of which nobody was told
    most_duplicates: int = 0
    broken: Counter = dataclasses.field(default_factory=Counter)   # rule to how often
    examples: list = dataclasses.field(default_factory=list)
    prints: list = dataclasses.field(default_factory=list)         # of the images
    seconds: float = 0.0

    @property
    def lost(self):
        return sum(count for rule, count in self.broken.items() if rule in ("lost", "notice lost", "will not mount"))

    def take(self, moment, broken):
        if broken:
            self.bad_images += 1
            self.broken.update(rule for rule, _ in broken)
            self.examples.append(f"{moment}: {tally(broken)} {tokens(broken)[:3]}")

    def add(self, other):
        """The sum over processes, or over recordings."""
        for field in dataclasses.fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if field.name == "most_duplicates":
                self.most_duplicates = max(mine, theirs)
            elif field.name == "broken":
                self.broken.update(theirs)
            else:
                setattr(self, field.name, mine + theirs)
        return self

    def __str__(self):
        rules = ", ".join(f"{rule} {count}" for rule, count in sorted(self.broken.items())) or "nothing"
        same = f" and {self.same} cuts that left the same bytes" if self.same else ""
        started = f"{self.restarts} restarts" + (f" ({self.known} spools known)" if self.known else "")
        return (f"{self.images} images{same}, {started}: broken in {self.bad_images} ({rules}); torn files {self.torn}; "
                f"recipients {self.accepted}, doubled {self.doubled}, at most {self.most_duplicates} an image")


# ---- one process ----------------------------------------------------------------------------------------

class Judge:
    """Judges images in a scene of its own. every: waypost is started on each image of so many; 0: only their spools are read.
    begun: how many of all images other processes have before its own."""

    def __init__(self, stage, recorded, system, every, begun):
        self.stage, self.recorded, self.system, self.every, self.begun = stage, recorded, system, every, begun
        self.story, self.found, self._known = Story(recorded.events), Found(), {}
        self._seen, self._spools = set(), {}  # prints of images; the spools of the last of them

    def judge(self, cuts, folder):
        disk = Images(self.recorded.recording, self.recorded.base, folder)
        try:
            for moment in cuts:
                self._judge_cut(moment, disk)
        finally:
            disk.close()
        self.found.images, self.found.prints = len(self._seen), sorted(self._seen)
        return self.found

    def _judge_cut(self, moment, disk):
        now = self.recorded.recording.position_of(moment.record)
        self.found.cuts += 1
        promised = self.story.promised(now)
        self.found.accepted += sum(len(self.story.recipients[token]) for token in promised)
        name = f"{disk.aim(moment):032x}"
        self.found.same += name in self._seen
        self._seen.add(name)
        spool = self._spools.get(name)
        try:
            if spool and (not self.every or spool.digest in self._known):  # nothing is left to be read, or to be started
                broken = self._judge(spool, now)
            else:
                with loop.mounted(disk.build(), self.stage.spool, self.system):
                    spool = self._keep(name, Spool(self.stage.spool))
                    broken = self._judge(spool, now)
        except OSError as reason:
            broken = [("will not mount", str(reason))]
        self.found.take(moment, broken)

    def _keep(self, name, spool):
        self._spools[name] = spool
        if len(self._spools) > KEPT_SPOOLS:
            del self._spools[next(iter(self._spools))]
        return spool

    def _judge(self, spool, now):
        broken, duplicates = self.story.inspect(spool, now)
        self.found.torn += len(spool.damaged)
        self.found.most_duplicates = max(self.found.most_duplicates, duplicates)
        if self.every and (self.begun + self.found.cuts) % self.every == 0:
            seen = self._known.get(spool.digest)
            if seen is None:
                seen = self._known[spool.digest] = self._restart(spool)
                self.found.restarts += 1
            else:
                self.found.known += 1
            broken = broken + seen.broken + self.story.settle(seen, now)
            self.found.doubled += self.story.doubled(seen, now)
        return broken

    def _restart(self, spool):
        """waypost on the image that is mounted at its spool."""
        stage = self.stage
        stage.open_servers(busy=False, greylisting=False)
        stage.waypost.start()
        try:
            stage.wait_for_empty_spool(60 * PATIENCE, held=True, every=0.05)
            broken = [("arrived damaged", message.sender) for message in stage.servers.torn()]
            aside = {id_of(path) for path in stage.files("bad")}
            broken += [("damaged and gone", path) for path in spool.damaged if id_of(path) not in aside]
        finally:
            stage.kill_tree()
        broken += [("not emptied", os.path.basename(path)) for path in stage.waiting(held=True)]
        left = set(Spool(stage.spool).letters)
        _, names = stage.servers.notices()
        return Restart(stage.servers.delivered, names, left, set(spool.notices), broken)


def id_of(path):
    return os.path.basename(path).partition(".")[0]


def judge_share(path, options):
    """A process of its own, in its own namespaces: judges what the file `path` says, and leaves path.done."""
    with open(path, encoding="utf-8") as file:
        share = json.load(file)
    system = filesystems.ALL[options.system]
    recorded = Recorded.read(Path(share["recording"]), system)
    folder = Path(f"{path}.scene")
    folder.mkdir()
    images = folder / "images"
    with scene.Scene(folder) as stage:
        images.mkdir()
        # In memory: an image is written, mounted, and thrown away many times a second.
        subprocess.run(["mount", "-t", "tmpfs", "none", images], check=True)
        cuts = [cut.Cut(*words) for words in share["cuts"]]
        found = Judge(stage, recorded, system, share["every"], share["begun"]).judge(cuts, images)
        if found.bad_images and share["explain"]:
            stage.box.print_logs()
    with open(f"{path}.done", "w", encoding="utf-8") as file:
        json.dump(vars(found), file)
    return 0


# ---- all of them ----------------------------------------------------------------------------------------

def judge_all(folder, options, cuts, every, explain=True):
    """The Found of a recording in `folder`: each process takes a stretch of the cuts, which are sorted. explain: the logs
    of waypost are shown when a rule was broken."""
    least = LEAST_STARTED if every == 1 else LEAST_READ
    count = min(filesystems.judges_at_once(filesystems.ALL[options.system]), -(-len(cuts) // least))
    begun, shares, ended = time.monotonic(), [], []
    for number in range(count):
        first, last = len(cuts) * number // count, len(cuts) * (number + 1) // count
        share = {"recording": str(folder), "every": every, "begun": first, "explain": explain,
                 "cuts": [dataclasses.astuple(one) for one in cuts[first:last]]}
        path = folder / f"share-{number}"
        path.write_text(json.dumps(share), encoding="utf-8")
        shares.append(path)
    threads = [threading.Thread(target=lambda path=path: ended.append(run_share(path, options))) for path in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if any(status for status in ended) or len(ended) != count:
        raise OSError(f"judging failed: {ended}")
    total = Found()
    for path in shares:
        with open(f"{path}.done", encoding="utf-8") as file:
            found = Found(**json.load(file))
        found.broken = Counter(found.broken)
        total.add(found)
    total.seconds = time.monotonic() - begun
    different = len(set(total.prints))  # two processes may have met the same
    total.same, total.images, total.prints = total.same + total.images - different, different, []
    total.examples = total.examples[:MOST_EXAMPLES]
    return total


def run_share(path, options):
    argv = [sys.executable, options.program, *options.words, "--judge", path, "--system", options.system]
    return subprocess.run(isolated_command([str(word) for word in argv]), check=False).returncode
