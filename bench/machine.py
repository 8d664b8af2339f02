"""What the bench needs of the machine: namespaces, a control group to charge, a disk with a journal, memory.

Everything made here goes with the process tree of the bench: mounts and processes live in namespaces of their own.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ISOLATED = "WAYPOST_BENCH_ISOLATED"


def isolate():
    """Runs this program again in namespaces of its own: mounts, network (loopback only), processes."""
    if os.environ.get(ISOLATED):
        raise_loopback()
        return
    if os.geteuid() != 0:
        sys.exit("bench: needs root, for a mounted disk image, control groups and Postfix's own users")
    os.environ[ISOLATED] = "1"
    os.execvp("setpriv", ["setpriv", "--pdeathsig", "KILL", "--", "unshare", "--mount", "--net", "--pid", "--fork",
                          "--kill-child", "--mount-proc", "--", sys.executable, *sys.argv])


def raise_loopback():
    IFF_UP, SIOCSIFFLAGS = 1, 0x8914
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s in vain for {what() if callable(what) else what}")
        time.sleep(0.005)


class ControlGroup:
    """A version 2 control group: who is in it, and the CPU time of all that ever was, reaped children included."""

    def __init__(self, name):
        self.folder = self._parent() / f"waypost-bench-{os.getpid()}-{time.monotonic_ns()}-{name}"
        self.folder.mkdir()

    @staticmethod
    def _parent():
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            fields = line.split()
            if fields[fields.index("-") + 1] == "cgroup2":
                own = next(l for l in Path("/proc/self/cgroup").read_text().splitlines() if l.startswith("0::"))
                return Path(fields[4] + own[3:])
        sys.exit("bench: no cgroup2 file system is mounted; CPU time of a process tree cannot be measured")

    def join(self):
        """For preexec_fn: the process that calls it becomes a member."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def members(self):
        return [int(pid) for pid in (self.folder / "cgroup.procs").read_text().split()]

    def cpu_ms(self):
        for line in (self.folder / "cpu.stat").read_text().splitlines():
            name, value = line.split()
            if name == "usage_usec":
                return int(value) / 1000
        raise ValueError("cpu.stat without usage_usec")

    def pss_kb(self):
        """Memory of all members, shared pages divided among those who share them; and how many members."""
        total, count = 0, 0
        for pid in self.members():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
            count += 1
        return total, count

    def describe(self):
        """One line a member: pid, PSS, wake-ups so far, command. For the person who asks where the memory is."""
        lines = []
        for pid in self.members():
            try:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            pss = next((line.split()[1] for line in rollup if line.startswith("Pss:")), "?")
            lines.append(f"{pid:7} {pss:>7} kB  {command.strip()}")
        return "\n".join(lines)

    def wakeups(self):
        """{pid: how often it has gone to sleep and come back, since it began}"""
        counts = {}
        for pid in self.members():
            try:
                text = Path(f"/proc/{pid}/status").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            counts[pid] = sum(int(line.split()[1]) for line in text.splitlines() if "ctxt_switches" in line)
        return counts

    def end(self):
        """Ends every member; the totals stay readable until remove()."""
        for pid in self.members():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        wait_until(lambda: not self._living(), 20, "the end of a control group's members")

    def _living(self):
        reap()
        return self.members()

    def remove(self):
        self.end()
        self.folder.rmdir()


def reap():
    """Orphans become children of the namespace's first process, which is this one."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


@contextlib.contextmanager
def aside(folder):
    """Puts an empty folder in the place of one, and that one back at the end: without moving what is in it."""
    kept, status = folder.with_name(folder.name + ".aside"), folder.stat()
    folder.rename(kept)
    folder.mkdir()
    os.chown(folder, status.st_uid, status.st_gid)
    folder.chmod(status.st_mode & 0o7777)
    try:
        yield
    finally:
        shutil.rmtree(folder)
        kept.rename(folder)


class Disk:
    """Where all queues lie: an ext4 with a journal in an image file; counts the flushes that reach it.

    Without loop devices (in most containers) it is a plain folder of the file system that holds the image's folder,
    which is said, and flushes are not counted.
    """

    def __init__(self, image, mount_point, size="6G"):
        self.image, self.path = Path(image), Path(mount_point)
        self.path.mkdir(parents=True, exist_ok=True)
        self._stat, self._folder = None, None
        try:
            self._make_image(size)
        except subprocess.CalledProcessError as error:
            print(f"bench: no disk image ({error}): the queues lie on the file system of {self.image.parent}", flush=True)
            self.image.unlink(missing_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="disk-", dir=self.image.parent))
            subprocess.run(["mount", "--bind", self._folder, self.path], check=True)

    def _make_image(self, size):
        self.image.unlink(missing_ok=True)
        subprocess.run(["truncate", "-s", size, self.image], check=True)
        # An inode for every 8 KiB: a queued message of the bench is a file of that size.
        subprocess.run(["mkfs.ext4", "-q", "-F", "-i", "8192", "-E", "lazy_itable_init=0,lazy_journal_init=0",
                        self.image], check=True)
        subprocess.run(["mount", "-o", "loop", self.image, self.path], check=True)
        source = subprocess.run(["findmnt", "-n", "-o", "SOURCE", self.path], check=True, capture_output=True,
                                text=True).stdout.strip()
        self._stat = Path("/sys/block") / Path(source).name / "stat"

    def flushes(self):
        if self._stat is None:
            return None
        return int(self._stat.read_text().split()[15])

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=False)
        self.image.unlink(missing_ok=True)
        if self._folder is not None:
            shutil.rmtree(self._folder)
