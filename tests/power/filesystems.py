"""The file systems that a power cut is tried on: how each is made, mounted, and torn."""

import dataclasses
import os
import shutil

MIB = 1 << 20
PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


@dataclasses.dataclass(frozen=True)
class FileSystem:
    name: str
    size: int
    make: tuple           # the command that makes it in a file, whose name follows
    options: str          # of mount
    sectors: tuple        # what a cut may write whole or not at all, in bytes; one is drawn
    # Blocks that are never torn: on a real disk their copies elsewhere take their place, which needs a person or an
    # fsck. Where they begin; each is 4096 bytes long.
    whole: tuple


EXT4 = FileSystem(
    # Everything written at once: no lazy initialisation that would trickle into the recording.
    "ext4", 128 * MIB,
    ("mkfs.ext4", "-q", "-b", "4096", "-N", "16384", "-J", "size=8",
     "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard"),
    "", (4096, 4096, 512), (0,))

# Its log holds checksums and is torn at any sector. A metadata block is not: recovery believes the sequence number in its
# first sector, so xfs asks its disk for whole blocks, and disks with sectors of 4096 bytes write them so.
# A log of 64 MB, the least that is supported, would be copied for every image.
XFS = FileSystem("xfs", 320 * MIB, ("mkfs.xfs", "-q", "-K", "-f", "--unsupported", "-l", "size=10m"), "nouuid", (4096,), (0,))

# Blocks are never written in place: a torn one is not reached from any superblock.
BTRFS = FileSystem("btrfs", 256 * MIB, ("mkfs.btrfs", "-q", "-K", "-f"), "", (4096, 4096, 512), (64 * 1024, 64 * MIB))

ALL = {system.name: system for system in (EXT4, XFS, BTRFS)}


def why_not(system):
    """The reason why this machine cannot make and mount it, or None."""
    if shutil.which(system.make[0], path=PATH) is None:
        return f"no {system.make[0]}"
    with open("/proc/filesystems", encoding="ascii") as known:
        if system.name not in known.read().split():
            return f"this kernel has no {system.name}"
    return None


def judges_at_once(system):
    """How many images of one file system may be mounted at the same time. A judge waits, most of the time: for the disk, or
    for the second attempt at a letter that was put off."""
    if system.name == "btrfs":
        major, minor = (int(part) for part in os.uname().release.split(".")[:2])
        if (major, minor) < (6, 7):
            return 1  # it tells file systems apart by their id, which all images share
    return 5 * os.cpu_count()
