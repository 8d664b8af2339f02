"""Negative controls: each sync taken away, by its place, and whether images show it.

What is not seen on a file system is harmless there, for the reason that is given; sync_order.py holds the programs to
those syncs all the same, since POSIX promises nothing without them.
"""

import dataclasses

from record import EARLY

ALL = ("ext4", "xfs", "btrfs")


@dataclasses.dataclass(frozen=True)
class Control:
    name: str
    rules: tuple           # of syncless
    seen: tuple = ALL      # file systems on which images must break
    harmless: str = ""     # why not on the others
    quiet: bool = False    # syncs of others and the kernel's write-back would hide it: nobody else syncs, none is provoked


CONTROLS = (
    Control("nothing taken away, written back before the name", (EARLY,), (), "it is as it should be"),
    Control("accept: no fsync of the file", ("waypost-queue:fsync:file:none",)),
    Control("accept: no fsync of the folder", ("waypost-queue:fsync:folder:none",), (),
            "fsync of a new file commits its name as well"),
    Control("accept: neither", ("waypost-queue:fsync:file:none", "waypost-queue:fsync:folder:none")),
    Control("accept: fdatasync of the file alone",
            (EARLY, "waypost-queue:fsync:file:fdatasync", "waypost-queue:fsync:folder:none"), ("ext4",),
            "fdatasync commits the link count, and with it the name"),
    Control("accept: fdatasync for both",
            (EARLY, "waypost-queue:fsync:file:fdatasync", "waypost-queue:fsync:folder:fdatasync"), (),
            "fdatasync of a folder commits its names"),
    Control("start: no fsync of the spool's folders", ("waypost-start:fsync:folder:none",), (),
            "fsync of a file commits the names of the folders above it"),
    Control("manager: outcomes not synced", ("waypost-qmgr:fdatasync:file:none:outcome",), quiet=True),
    Control("manager: what a notice is owed for not synced", ("waypost-qmgr:fdatasync:file:none:owed",)),
    Control("manager: notices not recorded as made", ("waypost-qmgr:fdatasync:file:none:told",)),
    Control("manager: decisions by hand not synced", ("waypost-qmgr:fdatasync:file:none:decision",)),
    Control("notices: no fsync of the file", ("waypost-qmgr:fsync:file:none",)),
    Control("notices: no fsync of the folder", ("waypost-qmgr:fsync:folder:none",), (),
            "fsync of a new file commits its name as well"),
    Control("notices: neither", ("waypost-qmgr:fsync:file:none", "waypost-qmgr:fsync:folder:none")),
)
