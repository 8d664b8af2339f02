"""A scene in which mail also ends on this machine: maildirs below one folder, for here.test.

What lies in them counts as delivered, once look() has seen it. The transport names a user of its own, so that any name is
a mailbox; as everything in a home it runs as the home's owner.
"""

import os
import shutil
from pathlib import Path

import scene

from letters import Letter, whole  # noqa: E402  (scene sets the path)

HERE = "here.test"
USER = "boxes"


class LocalScene(scene.Scene):
    def __init__(self, folder, boxes=None, **options):
        self.boxes = boxes or Path(folder) / "boxes"
        super().__init__(folder, more=self.tables(), **options)

    def tables(self):
        return (f'[transport.boxes]\ntype = "maildir"\npath = "{self.boxes}"\nuser = "{USER}"\n'
                f'[[route]]\nto = ["{HERE}"]\ntransport = "boxes"\n')

    def open_servers(self, **nature):
        """Fresh servers, and empty maildirs."""
        super().open_servers(**nature)
        if self.boxes.exists():
            shutil.rmtree(self.boxes)
        self.boxes.mkdir()
        os.chown(self.boxes, self.waypost.uid, self.waypost.uid)

    def letter(self, rng, size):
        """Two recipients on this machine, and one that a server refuses: so there is a notice."""
        letter = Letter(rng, mixture=("take", "back", "deny"), size=size)
        letter.recipients = [f"{address.partition('@')[0]}@{HERE}" for address in letter.recipients[:2]] + letter.recipients[2:]
        return letter

    def look(self):
        """Counts what was delivered here; damaged letters too."""
        self.damaged = []
        for box in self.boxes.iterdir():
            files = list((box / "new").glob("*"))
            if files:
                self.servers.delivered[f"{box.name}@{HERE}"] = len(files)
            self.damaged += [file for file in files if not whole(file.read_bytes().replace(b"\n", b"\r\n"))]
