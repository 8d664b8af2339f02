"""waypost-sink with scripts, on a host of the test's network: the hostile servers of the tests.

What they saw and took is read from the program's output and folder; see waypost-sink(1).
"""

import re

from sandbox import wait_until
from waypost import mount_build


class ScriptedSinks:
    """One waypost-sink that plays a server a script: scripts is label to text, ports is label to port."""

    def __init__(self, box, host, scripts, ports):
        mount_build()
        folder = box.path(f"scripts-{host.name}")
        for label, text in scripts.items():
            (folder / f"{label}.sink").write_text(text)
        self._keep = box.path(f"kept-{host.name}")
        self._log = box.folder / f"{host.name}-waypost-sink.log"
        where = [f"{label}={host.ipv4}:{port}" for label, port in ports.items()]
        argv = ["/run/waypost-build/waypost-sink", "-v", "-k", self._keep, "--script", folder, *where]
        process = box.start(host.command(argv), self._log.name)
        wait_until(lambda: self.log().count("listening ") == len(ports) or process.poll() is not None, 15, "the sinks to listen")
        assert process.poll() is None, f"waypost-sink: {self.log()}"

    def log(self):
        return self._log.read_text(errors="replace")

    def messages(self, label):
        """What that server said 2xx to, byte by byte, in order."""
        files = [file for file in self._keep.iterdir() if file.name.rpartition("-")[0] == label]
        return [file.read_bytes() for file in sorted(files, key=lambda file: int(file.name.rpartition("-")[2]))]

    def said(self, label):
        """Every line that clients said to it, in order."""
        return re.findall(rf"^\[{re.escape(label)}\] \d+ < (.*)$", self.log(), re.M)

    def most_open(self, label):
        """How many sessions it ever had at a time."""
        return max(map(int, re.findall(rf"^\[{re.escape(label)}\] \d+ begins, (\d+) open$", self.log(), re.M)), default=0)


class ScriptedSink(ScriptedSinks):
    """A single server, label "sink"."""

    def __init__(self, box, host, script, port=25):
        super().__init__(box, host, {"sink": script}, {"sink": port})

    def taken(self):
        return self.messages("sink")

    def commands(self):
        return self.said("sink")

    def wait_for(self, count, seconds=20):
        # The line of the log comes after the file.
        wait_until(lambda: self.log().count("got mail from") >= count, seconds, f"{count} messages at the sink")
        return self.taken()
