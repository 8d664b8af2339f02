"""Local delivery on the installed system: people with homes, a mail spool, an alias file, and what arrived where."""

import mailbox
import os
import subprocess
from pathlib import Path

from installed import ORDINARY, Installed
from sandbox import wait_until
from waypost import RETRY_QUICKLY

ALIASES = Path("/etc/aliases")
NOBODY = 65534


def letters_in(path):
    """The messages of an mbox, as bytes; none while there is no file, or while somebody has it locked: a letter that is being
    written is not one yet."""
    if not Path(path).exists():
        return []
    box = mailbox.mbox(path, create=False)
    try:
        box.lock()
        return [bytes(message) for message in box]
    except mailbox.ExternalClashError:
        return []
    finally:
        box.close()  # unlocks


def write_aliases(text):
    """At once, as an editor does: whoever reads meanwhile finds the old file or the new one."""
    beside = ALIASES.with_suffix(".new")
    beside.write_text(text)
    beside.replace(ALIASES)


class LocalMail(Installed):
    """alice, bob and carol have homes of their own, mode 0700; /var/mail is as Debian's."""

    def __init__(self, box, settings=RETRY_QUICKLY, tables="", aliases=""):
        super().__init__(box, settings, tables)
        homes = box.path("homes")
        homes.chmod(0o755)
        self.homes = {name: homes / name for name in ORDINARY}
        for name, uid in ORDINARY.items():
            self.homes[name].mkdir(mode=0o700)
            os.chown(self.homes[name], uid, uid)
        passwd = Path("/etc/passwd")
        lines = passwd.read_text().splitlines()
        fields = [line.split(":") for line in lines]
        for one in fields:
            if one[0] in self.homes:
                one[5] = str(self.homes[one[0]])
        passwd.write_text("".join(":".join(one) + "\n" for one in fields))
        spool = box.path("var-mail")
        os.chown(spool, 0, 8)
        spool.chmod(0o2775)
        subprocess.run(["mount", "--bind", spool, "/var/mail"], check=True)
        ALIASES.write_text(aliases)

    def letters(self, path):
        return letters_in(path)

    def wait_for_letters(self, path, count=1):
        return wait_until(lambda: len(found := self.letters(path)) >= count and found, 15, f"{count} letters in {path}")

    def wait_for_maildir(self, path, count=1):
        def found():
            names = [name for name in Path(path, "new").glob("*")] if Path(path, "new").is_dir() else []
            return len(names) >= count and [name.read_bytes() for name in names]

        return wait_until(found, 15, f"{count} letters in {path}")
