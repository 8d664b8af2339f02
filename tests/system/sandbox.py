"""The place one test runs in: namespaces and a folder of its own, gone with the test.

The runner starts every test as a process tree in fresh mount, network and process namespaces (isolated_command).
So a test may listen on port 25, mount what it likes and leave processes behind: nothing reaches the host or
another test, and when the test ends, by whatever end, the kernel kills what it started.

Sandbox owns the folder, the processes that the test started, and the reports of the sanitizers.
"""

import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

from testing import PATIENCE

# An ordinary user without a name: most tests run waypost as nobody in particular, to see that it needs no rights.
ORDINARY_UID = 24601

SANITIZER_MARKS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error: ")

# What the search for leaks says when a test kills the process that is being searched: it found nothing out.
KILLED_MEANWHILE = re.compile(r"(==\d+==Unable to get registers from thread \d+\.\n?)+")


def isolated_command(argv):
    """argv, to be run in namespaces of its own, with every process in them killed when it ends."""
    return ["setpriv", "--pdeathsig", "KILL", "--",
            "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--", *argv]


def wait_until(condition, seconds=10.0, what="the condition"):
    """Calls condition until it returns something true, which is returned; fails loudly after PATIENCE times the seconds,
    which say how long it may take on a machine with nothing else to do. What is not there yet, a row of a list or a
    file, is no failure before that."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while True:
        last = None
        try:
            value = condition()
        except (LookupError, FileNotFoundError, ProcessLookupError) as missing:
            value, last = None, missing
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}") from last
        time.sleep(0.02)


def open_files(pid):
    """What the descriptors of a running process point to; one that is closed while we look is left out."""
    targets = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            targets.append(os.readlink(f"/proc/{pid}/fd/{number}"))
        except FileNotFoundError:
            continue
    return targets


class Sandbox:
    """What a test function gets as its one argument."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.reports = self.folder / "sanitizer"
        self.reports.mkdir()
        self.reports.chmod(0o1777)
        self.folder.chmod(0o755)
        self._logs = []
        self._processes = []
        self._endings = []
        # Private to this mount namespace: names of network namespaces, sockets, the mount of the build.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    def path(self, name, owner=None):
        """A new folder of this test; owner is a uid."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        if owner is not None:
            os.chown(folder, owner, owner)
        return folder

    def environment(self, **more):
        """A small environment, with the sanitizers told to write their reports where the test looks."""
        options = f"log_path={self.reports}/report:print_stacktrace=1"
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                "ASAN_OPTIONS": options, "UBSAN_OPTIONS": options, "LSAN_OPTIONS": options, **more}

    def start(self, argv, log, **popen):
        """Starts a server whose output goes to the file `log` of the test's folder."""
        path = self.folder / log
        self._logs.append(path)
        popen.setdefault("env", self.environment())
        with open(path, "ab") as out:
            process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                       **popen)
        self._processes.append(process)
        return process

    def watch_log(self, path):
        """Has the file printed when the test fails, and searched for reports of the sanitizers."""
        self._logs.append(Path(path))

    def at_end(self, action):
        """Calls action when the test function has returned or raised, last one first."""
        self._endings.append(action)

    def close(self):
        for action in reversed(self._endings):
            action()
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def sanitizer_reports(self):
        """The text of every report, from its own file or in a log; empty when all is well."""
        texts = {path.name: path.read_text(errors="replace") for path in sorted(self.reports.iterdir())}
        found = [f"{name}:\n{text}" for name, text in texts.items() if not KILLED_MEANWHILE.fullmatch(text)]
        for path in self._logs:
            text = path.read_text(errors="replace") if path.exists() else ""
            if any(mark in text for mark in SANITIZER_MARKS):
                found.append(f"{path.name} holds a report of a sanitizer")
        return "\n".join(found)

    def print_logs(self, lines=60):
        for path in self._logs:
            if path.exists() and path.stat().st_size:
                print(f"--- {path.name}, its last {lines} lines")
                print("\n".join(path.read_text(errors="replace").splitlines()[-lines:]))


def show(argv):
    return shlex.join(str(a) for a in argv)
