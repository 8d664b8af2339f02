"""waypost-dkimsign alone, as a filter in a script: what it signs is verified by python3-dkim and by OpenDKIM."""

import os
import re
import stat
import subprocess
from pathlib import Path

from dkim_peers import by_opendkim, by_python
from scenery import Scenery
from testing import PATIENCE

PROGRAM = Path(os.environ["WAYPOST_BUILD"]) / "waypost-dkimsign"
# With a Date: opendkim-testmsg takes no message without one.
HEAD = (b"From: Joe <joe@sub.signed.test>\nTo: a@b.test,\n\tc@d.test\nSubject: \xc3\xa4  folded\n \t line\n"
        b"Date: Sun, 22 Nov 2026 10:00:00 +0000\n")
MESSAGES = {
    "plain": HEAD + b"MIME-Version: 1.0\n\nhello\n",
    "no body": HEAD + b"\n",
    "empty lines": HEAD + b"\n\n \t\n\n",
    "odd": HEAD + b"\n" + b"x" * 5000 + b"\n.\n..  \t z \n\n\n\xff\xfe 8-bit\n  \n\nno end",
    "wire form": (HEAD + b"\nhello \n\n").replace(b"\n", b"\r\n"),
}


def dkimsign(box, *arguments, message=b"", status=0):
    done = subprocess.run([PROGRAM, *arguments], input=message, capture_output=True, timeout=60 * PATIENCE, check=False,
                          env=box.environment(WAYPOST_HOME=str(box.folder / "home")))
    assert done.returncode == status, done
    return done.stdout if status == 0 else done.stderr


def make_key(box, domain, selector, *options):
    """(name, text) of the record, read out of the zone file's lines."""
    printed = dkimsign(box, "keygen", domain, selector, *options).decode()
    strings = re.findall(r'"([^"]*)"', printed)
    assert all(len(one) <= 255 for one in strings), printed
    return printed, {f"{selector}._domainkey.{domain}": "".join(strings)}


def test_signatures_are_verified_by_others(box):
    (box.path("home") / "etc").mkdir()
    zone, records = "", {}
    for selector, options in {"rsa": (), "ed": ("--type", "ed25519")}.items():
        printed, record = make_key(box, "signed.test", selector, *options)
        zone += printed
        records |= record
    resolver = Scenery(box, zone).dns.address  # what was printed is what a zone takes
    for name, message in MESSAGES.items():
        for form in ("relaxed/relaxed", "simple/simple") if name == "odd" else ("relaxed/relaxed",):
            signed = dkimsign(box, "-c", form, "-s", "rsa", "-s", "ed", "--whole", message=message)
            assert signed.endswith(message) and (b"\r" in signed) == (b"\r" in message), name
            assert by_python(signed, records) == {"rsa": True, "ed": True}, (name, form)
            assert by_opendkim(signed, resolver) is None, (name, form, by_opendkim(signed, resolver))
    assert by_python(dkimsign(box, "-s", "ed", "--whole", message=HEAD), records) == {"ed": True}, "not even an empty line"
    fields = dkimsign(box, "-s", "ed", message=MESSAGES["plain"])
    for changed in (MESSAGES["plain"] + b"more\n", b"Subject: another\n" + MESSAGES["plain"], b"Cc: x@y\n" + MESSAGES["plain"]):
        assert by_python(fields + changed, records) == {"ed": False}, changed
        assert by_opendkim(fields + changed, resolver) is not None, changed
    assert by_python(fields + b"Received: by x\nList-Id: <y>\n" + MESSAGES["plain"], records) == {"ed": True}


def test_a_wrapper_around_waypost_queue_signs(box):
    """The script of the manual, but for the names of the programs."""
    (box.path("home") / "etc").mkdir()
    _, records = make_key(box, "signed.test", "mail2026")
    manual = (Path(__file__).parents[2] / "man/waypost-dkimsign.8").read_text()
    script = manual[manual.index("#!/bin/sh"):]
    script = script[:script.index(".Ed")].replace("waypost dkimsign", str(PROGRAM))
    queue = box.folder / "queue"
    queue.write_text(f"#!/bin/sh\ncat > {box.folder}/message\ncat <&1 > {box.folder}/envelope\n")
    wrapper = box.folder / "wrapper"
    wrapper.write_text(script.replace("/usr/libexec/waypost/waypost-queue", str(queue)))
    for file in (queue, wrapper):
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    for message, status in ((MESSAGES["plain"], 0), (b"To: nobody@wrote.test\n\n", 81)):
        read, write = os.pipe()
        os.write(write, b"Fa@signed.test\0Tb@c.test\0\0")
        os.close(write)
        done = subprocess.run([wrapper], input=message, stdout=read, stderr=subprocess.PIPE, check=False, timeout=60 * PATIENCE,
                              env=box.environment(WAYPOST_HOME=str(box.folder / "home")))
        os.close(read)
        assert done.returncode == status, done
    assert by_python((box.folder / "message").read_bytes(), records) == {"mail2026": True}
    assert (box.folder / "envelope").read_bytes() == b"Fa@signed.test\0Tb@c.test\0\0"


def test_a_key_that_others_can_read_is_refused(box):
    (box.path("home") / "etc").mkdir()
    make_key(box, "signed.test", "s", "--type", "ed25519")
    key = box.folder / "home/etc/dkim/signed.test/s.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"is there already" in dkimsign(box, "keygen", "signed.test", "s", status=100)
    key.chmod(0o644)
    said = dkimsign(box, "-s", "s", message=MESSAGES["plain"], status=100)
    assert f"{key}: others may read it (mode 0644); chmod 600".encode() in said, said
    assert b"No such file" in dkimsign(box, "-s", "other", message=MESSAGES["plain"], status=111)
