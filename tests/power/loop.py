"""Image files mounted without running a program for it: some hundred microseconds instead of some ten milliseconds.

`mounted(image, where, system)` is the image as the next boot would see it: mounting replays the journal.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import stat
import struct
import time

LIBC = ctypes.CDLL(None, use_errno=True)

# linux/loop.h
LOOP_CTL_GET_FREE = 0x4C82
LOOP_CONFIGURE = 0x4C0A
LOOP_CLR_FD = 0x4C01
LO_FLAGS_AUTOCLEAR = 4
LOOP_MAJOR = 7
CONFIG_SIZE = 304         # struct loop_config
FLAGS_AT = 8 + 52         # lo_flags of the struct loop_info64 in it

MS_RDONLY = 1
MNT_DETACH = 2

# linux/btrfs.h
BTRFS_CONTROL = "/dev/btrfs-control"
BTRFS_IOC_FORGET_DEV = 0x50009405

BUSY_SECONDS = 10


def _failed(what):
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


def _device(number):
    path = f"/dev/loop{number}"
    if not os.path.exists(path):
        os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(LOOP_MAJOR, number))
    return path


def attach(path):
    """(descriptor, name) of a loop device over the file. It is detached with its last user: this descriptor, or a mount."""
    backing = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    control = os.open("/dev/loop-control", os.O_RDWR | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            name = _device(fcntl.ioctl(control, LOOP_CTL_GET_FREE))
            device = os.open(name, os.O_RDWR | os.O_CLOEXEC)
            config = bytearray(CONFIG_SIZE)
            struct.pack_into("<I", config, 0, backing)
            struct.pack_into("<I", config, FLAGS_AT, LO_FLAGS_AUTOCLEAR)
            try:
                fcntl.ioctl(device, LOOP_CONFIGURE, config)
                return device, name
            except OSError as reason:  # somebody else was given the same one
                os.close(device)
                if reason.errno != errno.EBUSY or time.monotonic() > deadline:
                    raise
    finally:
        os.close(backing)
        os.close(control)


def mount(device, where, system, read_only=False):
    words = [os.fsencode(word) for word in (device, where, system.name)]
    if LIBC.mount(*words, MS_RDONLY if read_only else 0, system.options.encode() or None) != 0:
        raise _failed(f"mount {device} ({system.name})")


def unmount(where):
    """Waits for the last user of the file system; detaches it if somebody stays for ten seconds."""
    deadline = time.monotonic() + BUSY_SECONDS
    while LIBC.umount2(os.fsencode(where), 0) != 0:
        if ctypes.get_errno() != errno.EBUSY:
            raise _failed(f"umount {where}")
        if time.monotonic() > deadline:
            LIBC.umount2(os.fsencode(where), MNT_DETACH)
            print(f"harness: {where} stayed busy and was detached", flush=True)
            return
        time.sleep(0.01)


def _forget(device):
    """btrfs remembers the newest generation that it saw of a file system, and refuses older images of it."""
    if not os.path.exists(BTRFS_CONTROL):
        return
    control = os.open(BTRFS_CONTROL, os.O_RDWR | os.O_CLOEXEC)
    try:
        words = bytearray(4096)
        words[8:8 + len(device)] = device.encode()
        with contextlib.suppress(OSError):  # it does not know this one
            fcntl.ioctl(control, BTRFS_IOC_FORGET_DEV, words)
    finally:
        os.close(control)


@contextlib.contextmanager
def mounted(image, where, system, read_only=False):
    """The journal is replayed, and so written, even for a mount that is read-only."""
    os.makedirs(where, exist_ok=True)
    device, name = attach(image)
    try:
        mount(name, where, system, read_only)
    finally:
        os.close(device)  # the mount is the last user now
    try:
        yield where
    finally:
        unmount(where)
        if system.name == "btrfs":
            _forget(name)
