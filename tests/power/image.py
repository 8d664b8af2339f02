"""The image file that a power cut leaves, made again in place for one cut after the other.

What is certain (flushed) lies in one file, the image in another. Only what differs is written: blocks of the disk that
neither the recording nor a mount of the image has touched cost nothing. So no step weighs as much as the disk is large.
"""

import ctypes
import hashlib
import os
import random

from cut import EVERYTHING, NOTHING, draw

PAGE = 4096
DRAWN = 2       # cuts for each image that is wanted: some leave the same bytes
PUNCH_HOLE = 3  # FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE

LIBC = ctypes.CDLL(None, use_errno=True)


def extents(file):
    """(begin, end) of everything in an open file that is no hole."""
    size, at = os.fstat(file).st_size, 0
    while at < size:
        try:
            at = os.lseek(file, at, os.SEEK_DATA)
        except OSError:  # no more of it
            return
        end = os.lseek(file, at, os.SEEK_HOLE)
        yield at, end
        at = end


def copy_range(source, target, begin, end):
    while begin < end:
        begin += os.copy_file_range(source, target, end - begin, begin, begin)


def copy_sparse(source, target):
    """Only what was written: an image of 64 MiB holds a few."""
    with open(source, "rb") as old, open(target, "wb") as new:
        new.truncate(os.fstat(old.fileno()).st_size)
        for begin, end in extents(old.fileno()):
            at = begin
            while at < end:
                at += os.pwrite(new.fileno(), os.pread(old.fileno(), min(end - at, 1 << 20), at), at)


def punch(file, begin, end):
    if LIBC.fallocate(file, PUNCH_HOLE, ctypes.c_long(begin), ctypes.c_long(end - begin)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"fallocate: {os.strerror(number)}")


def without(begin, end, taken):
    """The parts of begin..end that lie in none of the sorted extents `taken`."""
    for first, last in taken:
        if last <= begin:
            continue
        if first >= end:
            break
        if first > begin:
            yield begin, first
        begin = last
    if begin < end:
        yield begin, end


def restore(certain, image):
    """Makes the open file `image` equal to the open file `certain`."""
    wanted = list(extents(certain))
    for begin, end in list(extents(image)):
        for hole in without(begin, end, wanted):
            punch(image, *hole)
    for begin, end in wanted:
        copy_range(certain, image, begin, end)


def print_of(page, content):
    return int.from_bytes(hashlib.blake2b(b"%d " % page + content, digest_size=16).digest(), "big")


class Images:
    """`aim(cut)` for sorted cuts, then `build()` if the image is wanted. Owns two files in `folder`."""

    def __init__(self, recording, base, folder):
        self.recording = recording
        self.path, self._stable = (os.path.join(folder, name) for name in ("crashed.img", "stable.img"))
        copy_sparse(base, self._stable)
        self._certain = os.open(self._stable, os.O_RDWR | os.O_CLOEXEC)
        self._done = 0     # records of the recording that are certain
        self._print = 0    # of what is certain, by its difference from the base
        self._rest = {}    # pages of the image that may differ from what is certain

    def close(self):
        os.close(self._certain)
        for path in (self.path, self._stable):
            if os.path.exists(path):
                os.unlink(path)

    def aim(self, cut):
        """A number that two cuts of this recording share if, and only if, every byte of their images is the same."""
        barrier = self.recording.flushed_before(cut.record)
        if barrier > self._done:
            flushed = self._pages(part for record in range(self._done, barrier) for part in self.recording.parts(record))
            self._print ^= self._change(flushed)
            self._write(self._certain, flushed)
            self._done = barrier
        self._rest = self._pages(survivors(self.recording, barrier, cut))
        return self._print ^ self._change(self._rest)

    def build(self):
        """The path of the image that was aimed at; it may be written to, and is gone at the next build()."""
        image = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(image, os.fstat(self._certain).st_size)
            restore(self._certain, image)
            self._write(image, self._rest)
        finally:
            os.close(image)
        return self.path

    def _pages(self, parts):
        """Pages, by number, as they are after the parts (offset, bytes) were written over what is certain."""
        pages = {}
        for offset, content in parts:
            at = 0
            while at < len(content):
                page, skip = divmod(offset + at, PAGE)
                if page not in pages:
                    pages[page] = bytearray(self._certainly(page))
                taken = content[at:at + PAGE - skip]
                pages[page][skip:skip + len(taken)] = taken
                at += len(taken)
        return pages

    def _certainly(self, page):
        return os.pread(self._certain, PAGE, page * PAGE)

    def _change(self, pages):
        change = 0
        for page, content in pages.items():
            before = self._certainly(page)
            if before != content:
                change ^= print_of(page, before) ^ print_of(page, content)
        return change

    @staticmethod
    def _write(file, pages):
        for page, content in pages.items():
            os.pwrite(file, content, page * PAGE)


def survivors(recording, barrier, cut):
    """What of the writes since the last flush reached the disk: (offset, bytes) in the order of the writes."""
    if cut.kept == NOTHING:
        return
    rng = random.Random(cut.seed)
    share = rng.choice((0.1, 0.5, 0.9))
    for record in range(barrier, cut.record):
        if cut.kept == EVERYTHING:
            yield from recording.parts(record)
        else:
            yield from recording.parts(record, cut.sector, lambda: rng.random() < share)


def choose(recording, base, folder, count, seed, *words):
    """`count` cuts as cut.draw() makes them, sorted, whose images differ; fewer where the recording has not so many. Of
    those that leave the same bytes the last is taken: the most was promised then. `folder` is for a copy of the disk."""
    disk = Images(recording, base, folder)
    try:
        last = {disk.aim(cut): cut for cut in draw(recording, DRAWN * count, seed, *words)}
    finally:
        disk.close()
    return sorted(random.Random(seed).sample(sorted(last.values()), min(count, len(last))))


def images_of(recording, base, cuts, folder):
    """Yields (cut, path of its image) for sorted cuts. Each image is gone at the next step."""
    disk = Images(recording, base, folder)
    try:
        for cut in cuts:
            disk.aim(cut)
            yield cut, disk.build()
    finally:
        disk.close()
