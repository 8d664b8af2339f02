"""The bare skeleton: bench/skeleton/, the least that sendmail and its queue program can be. It only accepts."""

import os

from machine import ControlGroup


class Skeleton:
    name = "skeleton"

    def __init__(self, programs, stage, disk, message):
        self.group = ControlGroup("skeleton")
        self._spool = disk.path / "skeleton"
        self._spool.mkdir()
        self.message_file = stage / "message"
        self.message_file.write_text(message)
        binaries = programs / "bench/bin"
        self.inside = []
        self.load_program = binaries / "load"
        self.sendmail = [binaries / "skeleton-sendmail"]
        self.environment = {"SKELETON_QUEUE": str(binaries / "skeleton-queue"), "SKELETON_SPOOL": str(self._spool)}

    def configure(self, port):
        """It delivers nothing."""

    def start(self, deliver=False):
        """Nothing runs between two messages."""

    def stop(self):
        self.group.end()

    def accepted(self, count):
        if self.queued() != count:
            raise RuntimeError(f"the skeleton holds {self.queued()} messages of {count}")

    def queued(self):
        return len(os.listdir(self._spool))

    def empty(self):
        for entry in os.scandir(self._spool):
            os.unlink(entry.path)

    def close(self):
        self.group.remove()
