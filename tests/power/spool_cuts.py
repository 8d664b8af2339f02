#!/usr/bin/python3
"""Power cuts of waypost: accept, delivery, marks, history, notices and decisions by hand on a recorded disk, cut at any write.

    spool_cuts.py [--build DIR] [--on ext4,xfs,btrfs] [--images N[,N,N]] [--restarts N] [--letters N] [--every]
                  [--controls all|seen] [--only TEXT] [--seed N] [--again FOLDER]

One run of the whole tree with parallel injectors is recorded; then the power fails at N points. Of each point the image is
mounted and its spool read; on some, or on all, waypost is started again and must empty its queue. --every cuts at every
single write, run after run, until there are N images. --controls repeats the recording with syncs taken away, one place
after another (controls.py): the account must notice.
"""

import argparse
import random
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))

import scene  # noqa: E402

import cut  # noqa: E402  (scene sets the path)
import disk  # noqa: E402
import filesystems  # noqa: E402
import rows  # noqa: E402
from controls import CONTROLS  # noqa: E402
from image import choose, copy_sparse  # noqa: E402
from judge import Found, judge_all, judge_share  # noqa: E402
from record import Recorded, record, run_recording  # noqa: E402
from story import Story  # noqa: E402


def promises_of(recorded):
    return list(Story(recorded.events).accepted.values())


def cut_some(folder, options, images, restarts, one=None, times=1):
    """(Found, what syncless said, letters) of one recording that is cut at a number of points; under a Control, or none.
    times: as many letters as the options say."""
    system = filesystems.ALL[options.system]
    if options.again:
        left = shutil.ignore_patterns("share-*", "scene", "live.img", "fuse", "root")
        shutil.copytree(options.again, folder, ignore=left, copy_function=copy_sparse)
        recorded, said = Recorded.read(folder, system), []
    else:
        rules, quiet = (one.rules, one.quiet) if one else ((), False)
        recorded, said = run_recording(folder, options, options.seed, rules, quiet, times)
    promises = promises_of(recorded)
    cuts = choose(recorded.recording, recorded.base, folder, images, options.seed, recorded.begin, promises, system.sectors)
    every = max(1, len(cuts) // restarts) if restarts else 0
    found = judge_all(folder, options, cuts, every, explain=one is None)
    finish(folder, options, found.bad_images and one is None)
    return found, said, len(promises)


def finish(folder, options, keep):
    """A recording that broke a rule is kept: its cuts can be made again, as often as it takes to understand them."""
    if not keep:
        return shutil.rmtree(folder)
    target = Path(options.build).resolve().parent / f"power/broken-{options.system}-{time.time():.0f}"
    print(f"     kept: {shutil.move(folder, target)}; spool_cuts.py --again {target} makes cuts of it", flush=True)


def cut_everywhere(folder, options, images):
    """(Found, letters) of as many recordings as it takes, cut at each of their writes, waypost started on each image."""
    system = filesystems.ALL[options.system]
    total, letters, number = Found(), 0, 0
    while total.images < images and not total.bad_images:
        path, seed = Path(f"{folder}-{number}"), f"{options.seed}/{number}"
        recorded, _ = run_recording(path, options, seed)
        cuts = cut.every(recorded.recording, seed, recorded.begin, system.sectors)
        if len(cuts) > images - total.images:  # the last run: some of them will do
            cuts = sorted(random.Random(seed).sample(cuts, images - total.images))
        letters += len(promises_of(recorded))
        total.add(judge_all(path, options, cuts, 1))
        finish(path, options, total.bad_images)
        number += 1
        print(f"     {options.system}: {total.images} images of {number} runs, {total.images / total.seconds:.1f} a second, "
              f"{total.bad_images} broken", flush=True)
    return total, letters


def cut_system(folder, options, images, verdict):
    name = options.system
    reason = disk.why_not(filesystems.ALL[name])
    if reason:
        verdict.skip(f"power cuts on {name}: {reason}")
        rows.skip(f"power cuts, {name}", f"0 lost in {images} images", reason)
        return
    if options.every:
        found, letters = cut_everywhere(folder / name, options, images)
    else:
        found, _, letters = cut_some(folder / name, options, images, options.restarts)
    good = found.images >= images * 9 // 10 and not found.bad_images
    verdict.line(good, f"power cuts on {name}: {letters} letters, {found}; {found.images / found.seconds:.1f} images a second")
    for example in found.examples:
        print(f"     {example}")
    rows.add(good, f"power cuts, {name}", f"0 lost in {images} images",
             f"{found.lost} lost, {found.bad_images} broken in {found.images} images, {found.images / found.seconds:.1f}/s",
             accepted=found.accepted, lost=found.lost, doubled=found.doubled)
    if options.controls:
        control_system(folder, options, verdict)


def control_system(folder, options, verdict):
    chosen = [one for one in CONTROLS if not options.only or options.only in one.name]
    if options.controls == "seen":
        chosen = [one for one in chosen if options.system in one.seen]
    good = 0
    for number, one in enumerate(chosen):
        good += control(folder / f"{options.system}-control-{number}", options, one, verdict)
    rows.add(good == len(chosen), f"syncs taken away, {options.system}", "each is seen, or harmless for a reason",
             f"{good} of {len(chosen)}")


def control(folder, options, one, verdict):
    found, said, letters = cut_some(folder, options, options.control_images, 0, one)
    if options.system in one.seen and not found.bad_images:
        # On a busy machine a run may have no moment at which it matters: a longer one, and more moments of it.
        found, said, letters = cut_some(folder, options, 4 * options.control_images, 0, one, times=4)
    applied = [line.rpartition("applied=")[2] for line in said]
    text = f"{options.system} control, {one.name} (applied {'+'.join(applied)}): {letters} letters, {found}"
    if "0" in applied or not applied:
        return verdict.line(False, f"{text}: a rule was never applied")
    if options.system in one.seen:
        return verdict.line(found.bad_images > 0, text)
    return verdict.line(not found.bad_images, f"{text}; harmless here: {one.harmless}")


def run(folder, options):
    options.seed = str(scene.seed_of(options))
    verdict = scene.Verdict()
    systems, counts = options.on.split(","), [int(count) for count in options.images.split(",")]
    for name, images in zip(systems, counts * len(systems) if len(counts) == 1 else counts, strict=False):
        options.system = name
        cut_system(folder, options, images, verdict)
    return verdict.end()


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--blocklog", default="build/power/blocklog")
    parse.add_argument("--syncless", default="build/power/syncless")
    parse.add_argument("--on", default="ext4", help="file systems, with commas")
    parse.add_argument("--images", default="300", help="for each file system, or one number for all")
    parse.add_argument("--restarts", type=int, default=50, help="how many of the images are started on again")
    parse.add_argument("--every", action="store_true", help="cut at every write, start again on every image")
    parse.add_argument("--letters", type=int, default=200)
    parse.add_argument("--controls", choices=("all", "seen"), help="seen: those alone that this file system shows")
    parse.add_argument("--only", help="controls whose name holds this text")
    parse.add_argument("--control-images", type=int, default=60)
    parse.add_argument("--again", type=Path, help="cuts of a recording that was kept, on the file system --on; --seed is its")
    parse.add_argument("--seed")
    parse.add_argument("--injectors", type=int, default=6, help=argparse.SUPPRESS)
    parse.add_argument("--quiet", action="store_true", help=argparse.SUPPRESS)
    parse.add_argument("--system", help=argparse.SUPPRESS)
    parse.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    parse.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    options = parse.parse_args()
    options.program, options.words = __file__, sys.argv[1:]
    disk.end_on_signals()
    if options.record:
        return record(options.record, options)
    if options.judge:
        return judge_share(options.judge, options)
    return scene.isolated(lambda folder: run(folder, options), sys.argv, options.build)


if __name__ == "__main__":
    sys.exit(main())
