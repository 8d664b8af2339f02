"""What a power cut leaves: disk images built from a recording made by blocklog.

A disk that loses power holds for certain what was written before the last flush that it answered.
Of the writes after that flush it holds any part: none, all, some, and some of them torn at a sector.
A Cut names the moment (a number of records) and that choice; image.py builds them one after another, going through the
recording once.
"""

import bisect
import dataclasses
import mmap
import random
import struct

RECORD = struct.Struct("<IIQ")  # blocklog.cc: kind, length, offset

WHOLE_SIZE = 4096  # of the blocks that are never torn, filesystems.py

NOTHING, EVERYTHING, SOME = "nothing", "everything", "some"


@dataclasses.dataclass(frozen=True, order=True)
class Cut:
    record: int       # the power fails before this record reached the disk
    kept: str         # what survives of the writes since the last flush
    sector: int       # bytes that are written whole or not at all
    seed: int

    def __str__(self):
        return f"record {self.record}, {self.kept} kept, sector {self.sector}, seed {self.seed}"


class Recording:
    """whole: where the blocks begin that are never torn."""

    def __init__(self, path, whole=(0,)):
        self.whole = whole
        self.file = open(path, "rb")
        self.bytes = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)
        self.positions = []           # where each record begins in the log
        self.records = []             # (kind, offset on the disk, start in the log, end in the log)
        self.flushes = []             # numbers of the records that are flushes
        at = 0
        while at + RECORD.size <= len(self.bytes):
            kind, length, offset = RECORD.unpack_from(self.bytes, at)
            start = at + RECORD.size
            if chr(kind) not in "WF":
                raise ValueError(f"{path}: damaged at {at}")
            if start + length > len(self.bytes):
                break  # the log was cut where its size was seen while this record grew
            if chr(kind) == "F":
                self.flushes.append(len(self.records))
            self.positions.append(at)
            self.records.append((chr(kind), offset, start, start + length))
            at = start + length
        self.positions.append(at)

    def record_at(self, position):
        """The number of the first record that begins at or behind `position`."""
        return bisect.bisect_left(self.positions, position)

    def position_of(self, record):
        return self.positions[record]

    def flushed_before(self, record):
        """How many records are certain to be on the disk when power fails before `record`."""
        number = bisect.bisect_left(self.flushes, record)
        return self.flushes[number - 1] if number else 0

    def parts(self, record, sector=None, keep=None):
        """What one record writes, as (offset, bytes); with `sector` only those parts for which keep() says so."""
        kind, offset, start, end = self.records[record]
        if kind != "W":
            return
        if sector is None:
            yield offset, self.bytes[start:end]
            return
        if any(begin <= offset < begin + WHOLE_SIZE for begin in self.whole):
            sector = WHOLE_SIZE
        for part in range(start, end, sector):
            if keep():
                yield offset + part - start, self.bytes[part:min(part + sector, end)]


def draw(recording, count, seed, first=0, promises=(), sectors=(4096, 4096, 512)):
    """`count` cuts between the log positions `first` and the end: two of five at the very moment
    of a promise (a position from `promises`: the harshest question), the others anywhere."""
    rng = random.Random(seed)
    low, high = recording.record_at(first), len(recording.records)
    moments = [recording.record_at(p) for p in promises if p >= first]
    cuts = set()
    for number in range(count):
        if moments and number % 5 < 2:
            record = rng.choice(moments)
        else:
            record = rng.randint(low, high)
        kept = (NOTHING, SOME, EVERYTHING, SOME)[number % 4]
        cuts.add(Cut(record, kept, rng.choice(sectors), rng.getrandbits(32)))
    return sorted(cuts)


def every(recording, seed, first, sectors):
    """A cut before each record behind `first`, and after the last: with everything kept, and with two random parts.
    Nothing kept is one image from flush to flush, so it is taken once, at the last moment: the most was promised then."""
    rng = random.Random(seed)
    low, high = recording.record_at(first), len(recording.records)
    cuts = []
    for record in range(low, high + 1):
        barrier = recording.flushed_before(record)
        kept = [NOTHING] if record == high or recording.flushed_before(record + 1) != barrier else []
        if barrier + 1 < record:
            kept += [EVERYTHING, SOME, SOME]
        cuts += [Cut(record, what, rng.choice(sectors), rng.getrandbits(32)) for what in kept]
    return cuts
