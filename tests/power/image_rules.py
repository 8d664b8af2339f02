#!/usr/bin/python3
"""Shows that image.py builds, in place and after each use, what a power cut leaves, and tells equal images from others.

The recordings are made up here: writes of any place and length, and flushes, on a small disk whose beginning is filled.
Each image is held against one that is built from nothing, step by step; then it is soiled, as a mount would do.

    image_rules.py [--seed N]
"""

import argparse
import os
import random
import struct
import sys
import tempfile

import cut
from image import Images

SIZE, FILLED, SECTOR = 1 << 20, 1 << 18, 512
RECORDS, RECORDINGS = 120, 3
WHOLE = 64 << 10  # where the one block begins that is never torn


def made_up(folder, rng):
    """(Recording, the disk before it): short writes in places that come again, some of bytes that stand there already."""
    base, log = os.path.join(folder, "base.img"), os.path.join(folder, "log")
    with open(base, "wb") as file:
        file.write(rng.randbytes(FILLED))
        file.truncate(SIZE)
    with open(log, "wb") as file:
        for _ in range(RECORDS):
            if rng.random() < 0.2:
                file.write(struct.pack("<IIQ", ord("F"), 0, 0))
                continue
            count, at = rng.randint(1, 20), rng.choice((WHOLE, SECTOR * rng.randrange(SIZE // SECTOR - 20)))
            content = bytes([rng.randrange(2)]) * (count * SECTOR) if rng.random() < 0.7 else rng.randbytes(count * SECTOR)
            file.write(struct.pack("<IIQ", ord("W"), len(content), at) + content)
    return cut.Recording(log, (WHOLE,)), base


def from_nothing(recording, base, moment):
    """The image's bytes, by the rules of cut.py alone: certain is what stands before the last flush."""
    with open(base, "rb") as file:
        disk = bytearray(file.read())
    flushes = [number for number in range(moment.record) if recording.records[number][0] == "F"]
    barrier = flushes[-1] if flushes else 0
    rng = random.Random(moment.seed)
    share = rng.choice((0.1, 0.5, 0.9))
    for number in range(moment.record):
        kind, offset, start, end = recording.records[number]
        step = cut.WHOLE_SIZE if WHOLE <= offset < WHOLE + cut.WHOLE_SIZE else moment.sector
        for part in range(start, end, step) if kind == "W" else ():
            last = min(part + step, end)
            if number < barrier or moment.kept == "everything" or moment.kept == "some" and rng.random() < share:
                disk[offset + part - start:offset + last - start] = recording.bytes[part:last]
    return bytes(disk)


def soil(path, rng):
    with open(path, "r+b") as file:
        for _ in range(8):
            file.seek(rng.randrange(SIZE - 5000))
            file.write(rng.randbytes(5000))


def tried(folder, rng):
    """(Cuts, those of them that went wrong, those that left the same bytes as another) of one recording."""
    recording, base = made_up(folder, rng)
    disk, names, wrong, same = Images(recording, base, folder), {}, [], 0
    cuts = cut.every(recording, rng.random(), 0, (4096, SECTOR))
    for moment in cuts:
        name, wanted = disk.aim(moment), from_nothing(recording, base, moment)
        if rng.random() < 0.2:
            continue  # as when it need not be mounted
        path = disk.build()
        with open(path, "rb") as file:
            if file.read() != wanted:
                wrong.append(f"{moment}: other bytes")
        same += wanted in names.values()
        if (name in names) != (wanted in names.values()) or names.setdefault(name, wanted) != wanted:
            wrong.append(f"{moment}: taken for another image, or for a new one")
        soil(path, rng)
    disk.close()
    return len(cuts), wrong, same


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--seed", default=str(random.SystemRandom().randrange(1 << 32)))
    seed = parse.parse_args().seed
    rng = random.Random(seed)
    cuts, same, wrong = 0, 0, []
    for _ in range(RECORDINGS):
        with tempfile.TemporaryDirectory(prefix="waypost-images-") as folder:
            count, bad, equal = tried(folder, rng)
        cuts, same, wrong = cuts + count, same + equal, wrong + bad
    for line in wrong[:10]:
        print(f"FAIL {line}")
    print(f"images of power cuts: {cuts} cuts of {RECORDINGS} recordings, seed {seed}")
    good = not wrong and same > 0
    print("1 passed, 0 failed" if good else "0 passed, 1 failed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
