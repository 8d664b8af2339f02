#!/usr/bin/python3
"""Proves the power-cut harness on ways of storing a file that are known to be right or wrong.

Each row stores files one after another on a recorded disk, notes "accepted" after its last step, and
is then cut at many points. A wrong order of operations must lose accepted files in some image, a
right one in none: a harness that cannot tell them apart proves nothing about waypost.

    protocols.py --blocklog PROGRAM [--files N] [--images N] [--seed N]
"""

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time

import cut
import disk
import filesystems
import loop
from image import choose, images_of


def body(name):
    """What belongs under `name`: different sizes, reproducible."""
    rng = random.Random(name)
    return rng.randbytes(rng.choice((300, 4096, 9000, 30000)))


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


class Folder:
    """The one folder that messages go to, and the steps that a protocol may take."""

    def __init__(self, root):
        self.new, self.tmp = os.path.join(root, "new"), os.path.join(root, "tmp")
        self.fd = os.open(self.new, os.O_DIRECTORY)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def unnamed(self, data):
        fd = os.open(self.new, os.O_TMPFILE | os.O_RDWR, 0o600)
        write_all(fd, data)
        return fd

    def named(self, folder, name, data):
        fd = os.open(os.path.join(folder, name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        write_all(fd, data)
        return fd

    def link(self, fd, name):
        # Python calls linkat(AT_SYMLINK_FOLLOW) only when it is given a folder's descriptor.
        os.link(f"/proc/self/fd/{fd}", name, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def rename(self, name):
        os.rename(os.path.join(self.tmp, name), os.path.join(self.new, name))


def no_sync(to, name, data):
    fd = to.unnamed(data)
    to.link(fd, name)
    return fd


def rename_without_directory(to, name, data):
    fd = to.named(to.tmp, name, data)
    os.fsync(fd)
    to.rename(name)
    return fd


def rename_and_directory_only(to, name, data):
    fd = to.named(to.tmp, name, data)
    to.rename(name)
    os.fsync(to.fd)
    return fd


def link_then_fdatasync(to, name, data):
    fd = to.unnamed(data)
    os.fdatasync(fd)  # stands for the kernel's own write-back between the write and the link
    to.link(fd, name)
    os.fdatasync(fd)
    return fd


def link_then_directory_only(to, name, data):
    fd = to.unnamed(data)
    to.link(fd, name)
    os.fsync(to.fd)
    return fd


def fsync_before_link(to, name, data):
    fd = to.unnamed(data)
    os.fsync(fd)
    to.link(fd, name)
    return fd


def final_name_then_fsync(to, name, data):
    fd = to.named(to.new, name, data)
    os.fsync(fd)
    return fd


def rename_and_both(to, name, data):
    fd = to.named(to.tmp, name, data)
    os.fsync(fd)
    to.rename(name)
    os.fsync(to.fd)
    return fd


def link_and_both(to, name, data):
    fd = to.unnamed(data)
    to.link(fd, name)
    os.fsync(fd)
    os.fsync(to.fd)
    return fd


def link_and_both_written_back(to, name, data):
    fd = to.unnamed(data)
    os.fdatasync(fd)
    to.link(fd, name)
    os.fsync(fd)
    os.fsync(to.fd)
    return fd


# protocol, what it is, whether accepted files are safe
ROWS = (
    (no_sync, "no sync at all", False),
    (rename_without_directory, "write, fsync, rename", False),
    (rename_and_directory_only, "write, rename, fsync(directory)", False),
    (fsync_before_link, "O_TMPFILE, write, fsync, linkat", False),
    (link_then_directory_only, "O_TMPFILE, write, linkat, fsync(directory)", False),
    (link_then_fdatasync, "O_TMPFILE, write, written back, linkat, fdatasync", False),
    (final_name_then_fsync, "create under the final name, write, fsync", True),
    (rename_and_both, "write, fsync, rename, fsync(directory)", True),
    (link_and_both, "O_TMPFILE, write, linkat, fsync, fsync(directory)", True),
    (link_and_both_written_back, "the same, data written back before linkat", True),
)


def make_folders(root):
    for name in ("new", "tmp"):
        os.mkdir(os.path.join(root, name))


def record(store, folder, blocklog, files):
    with disk.RecordedDisk(folder, blocklog, prepare=make_folders) as recorded:
        journal = disk.Journal(os.path.join(folder, "events"), recorded.log)
        started = journal.position()
        with Folder(recorded.root) as to:
            for number in range(files):
                name = f"message-{number}"
                os.close(store(to, name, body(name)))
                journal.note("accepted", name=name)
        ended = journal.position()
    # What unmounting writes back is no part of the story.
    os.truncate(recorded.log, ended)
    return recorded, journal.events(), started


def lost(root, promised):
    """Names whose file is absent or holds anything but what was stored."""
    def whole(name):
        try:
            with open(os.path.join(root, "new", name), "rb") as file:
                return hashlib.sha1(file.read()).digest() == hashlib.sha1(body(name)).digest()
        except FileNotFoundError:
            return False
    return [name for name in promised if not whole(name)]


def measure(store, folder, options):
    recorded, events, started = record(store, folder, options.blocklog, options.files)
    recording = cut.Recording(recorded.log)
    accepted = [event["at"] for event in events]
    cuts = choose(recording, recorded.base, folder, options.images, options.seed, started, accepted)
    images_with_loss, files_lost = 0, 0
    for moment, image in images_of(recording, recorded.base, cuts, folder):
        now = recording.position_of(moment.record)
        promised = [event["name"] for event in events if event["at"] <= now]
        with loop.mounted(image, recorded.root, filesystems.EXT4, read_only=True):
            missing = lost(recorded.root, promised)
        images_with_loss += bool(missing)
        files_lost += len(missing)
    flushes = sum(1 for number in recording.flushes if recording.position_of(number) >= started)
    return len(cuts), images_with_loss, files_lost, flushes / options.files


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--blocklog", required=True)
    parse.add_argument("--files", type=int, default=40)
    parse.add_argument("--images", type=int, default=80)
    parse.add_argument("--seed", type=int, default=int(time.time()))
    options = parse.parse_args()
    reason = disk.why_not()
    if reason:
        print(f"{reason}\n0 passed, 0 failed, 1 skipped")
        return 0
    disk.end_on_signals()
    print(f"power-cut harness: {options.files} files, {options.images} images a row, "
          f"seed {options.seed}", flush=True)
    passed = 0
    for store, name, safe in ROWS:
        with tempfile.TemporaryDirectory(prefix="waypost-power-") as folder:
            images, losing, files, flushes = measure(store, folder, options)
        good = losing == 0 if safe else losing > 0
        passed += good
        print(f"{'ok  ' if good else 'FAIL'} {name:52} {losing:3} of {images} images lose, "
              f"{files} files; {flushes:.2f} flushes a file", flush=True)
    print(f"{passed} passed, {len(ROWS) - passed} failed")
    return 0 if passed == len(ROWS) else 1


if __name__ == "__main__":
    sys.exit(main())
