"""How much memory the programs of a tree take: looked at again and again while a test does something else."""

import threading
from pathlib import Path


def pss_kb(pid):
    """Shared pages divided among those who share them; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Footprint:
    """`with Footprint(waypost) as most:` then `most.together` and `most.one` in MB: of all at a moment, and of any one."""

    def __init__(self, waypost, seconds=0.5):
        self._waypost, self._seconds, self._stop = waypost, seconds, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.together, self.one, self.name, self.processes = 0.0, 0.0, "nobody", 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        while not self._stop.wait(self._seconds):
            self.look()

    def look(self):
        sizes = [(pss_kb(pid) / 1024, name) for name, pids in self._waypost.members().items() for pid in pids]
        self.together = max(self.together, sum(size for size, _ in sizes))
        self.processes = max(self.processes, len(sizes))
        size, name = max(sizes, default=(0.0, ""))
        if size > self.one:
            self.one, self.name = size, name

    def __str__(self):
        return f"{self.together:.0f} MB in at most {self.processes} processes, {self.one:.0f} MB in one ({self.name})"
