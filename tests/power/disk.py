"""A small file system on a disk that records its writes (blocklog).

RecordedDisk owns everything that it makes (image, FUSE mount, loop device, mount) and takes it
down in the opposite order, also when the test fails or is told to stop. Needs root, /dev/fuse and
/dev/loop*; `why_not()` says what is missing.

The position of an event is the length of the log at that moment: whatever fsync returned before it,
waited only for writes that stand before that position (see blocklog.cc).
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time

import filesystems
import loop
from image import copy_sparse


def why_not(system=filesystems.EXT4):
    """The reason why this machine cannot run the power-cut tests, or None."""
    if os.geteuid() != 0:
        return "needs root (loop devices and mounts)"
    for device in ("/dev/fuse", "/dev/loop-control"):
        if not os.path.exists(device):
            return f"no {device}"
    if shutil.which("fusermount3", path=filesystems.PATH) is None:
        return "no fusermount3"
    return filesystems.why_not(system)


def end_on_signals():
    """SIGTERM and SIGHUP unwind the stack as ^C does, so that mounts do not outlive the test."""

    def stop(number, _frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)


def run(*command):
    command = [str(word) for word in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {done.stdout.strip()}")
    return done.stdout.strip()


class Journal:
    """What the world outside the disk saw, each event with the position of the log at that moment.

    Lines are appended with one write each, so several processes may note events in one file.
    """

    def __init__(self, path, log):
        self.path, self.log = path, log
        self.fd = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    def position(self):
        return os.stat(self.log).st_size

    def note(self, what, **fields):
        event = {"at": self.position(), "what": what, **fields}
        os.write(self.fd, (json.dumps(event) + "\n").encode())

    def events(self):
        with open(self.path, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


class RecordedDisk:
    """`with RecordedDisk(folder, blocklog) as disk:` and disk.root is an empty file system.

    `prepare(root)` fills the file system before the recording begins; disk.base is the image at
    that moment, disk.log everything after it. `root` is FOLDER/root unless another place is named.
    """

    def __init__(self, folder, blocklog, system=filesystems.EXT4, prepare=None, root=None):
        self.folder, self.blocklog, self.system, self.prepare = folder, blocklog, system, prepare
        self.base, self.image, self.log, self.fuse = (
            os.path.join(folder, name) for name in ("base.img", "live.img", "log", "fuse"))
        self.root = root or os.path.join(folder, "root")
        self.undo = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            self._make_base()
            copy_sparse(self.base, self.image)
            self._serve(undo)
            undo.enter_context(loop.mounted(os.path.join(self.fuse, "disk"), self.root, self.system))
            self.undo = undo.pop_all()
        return self

    def __exit__(self, *_):
        self.undo.close()

    def _make_base(self):
        for folder in (self.folder, self.fuse, self.root):
            os.makedirs(folder, exist_ok=True)
        with open(self.base, "wb") as image:
            image.truncate(self.system.size)
        run(*self.system.make, self.base)
        if self.prepare:
            with loop.mounted(self.base, self.root, self.system):
                self.prepare(self.root)
        run("fallocate", "--dig-holes", self.base)  # a journal full of zeros need not be copied a thousand times

    def _serve(self, undo):
        server = subprocess.Popen([self.blocklog, "-f", self.image, self.log, self.fuse])
        undo.callback(self._stop, server)
        disk = os.path.join(self.fuse, "disk")
        deadline = time.monotonic() + 60
        while not os.path.exists(disk):
            if server.poll() is not None or time.monotonic() > deadline:
                raise OSError("blocklog did not come up")
            time.sleep(0.02)

    def _stop(self, server):
        subprocess.run(["fusermount3", "-u", self.fuse], stderr=subprocess.DEVNULL)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
            run("fusermount3", "-u", "-z", self.fuse)
