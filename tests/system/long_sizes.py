"""Sizes beyond what anybody means to send: 100,000 recipients, a body of 1 GB, 1,000,000 messages that wait.

Each is accepted, delivered or listed as any other mail is, and states what it took. HOSTILE_SHORT in the environment: smaller
numbers, for `make proof SHORT=1`.
"""

import hashlib
import os
import re
import statistics
import subprocess
import time
from pathlib import Path

from footprint import Footprint
from hostile import ScriptedSink
from notices import read_notice
from proof_rows import rows
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from test_crowds import base32, times_of_arrival
from testing import time_limit
from waypost import BUILD, Waypost, new_message

SHORT = bool(os.environ.get("HOSTILE_SHORT"))
RECIPIENTS = 20_000 if SHORT else 100_000
REFUSED = 100  # one in so many
BODY = 100_000_000 if SHORT else 1_000_000_000
QUEUED = 20_000 if SHORT else 1_000_000
DRAINED = 100  # one in so many goes to a server that works
MEMORY = 300  # MB of any one program, the manager of a million messages included


def number_of(line):
    """Of the member in RCPT TO:<member17@example.test>"""
    return int(re.search(r"<member(\d+)@", line)[1])


def refuse_some(_session, verb, line):
    return "550 5.1.1 Nobody" if verb == "RCPT" and number_of(line) % REFUSED == 0 else None


@time_limit(900)
def test_a_message_to_a_hundred_thousand_recipients(box):
    scenery = Scenery(box)
    sink, home = Sink(scenery.host("mx1").listen(25), refuse_some), Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    message = new_message()[1]
    addresses = [f"member{n}@example.test" for n in range(RECIPIENTS)]
    envelope = b"Falice@home.test\0" + b"".join(b"T%s\0" % one.encode() for one in addresses) + b"\0"
    with Footprint(waypost) as most:
        begun = time.monotonic()
        accepted_by(waypost, message, envelope)
        accepted = time.monotonic() - begun
        wait_until(lambda: len(home.messages) == 1, 400, "the notice")
        waypost.wait_for_empty_queue(100)
        took = time.monotonic() - begun
    got = [number_of(one) for letter in sink.messages for one in letter.recipients]
    failed = read_notice(home.messages[0].data).recipients
    wanted = {n for n in range(RECIPIENTS) if n % REFUSED}
    lost, doubled = wanted - set(got), len(got) - len(set(got))
    figures = (f"accepted in {accepted:.1f} s, delivered in {took:.0f} s by {len(sink.messages)} transactions, "
               f"{len(failed)} refused told in one notice; {most}")
    print(f"note: {figures}")
    good = not lost and not doubled and len(failed) == RECIPIENTS // REFUSED and most.one < MEMORY
    rows.add(good, f"{RECIPIENTS} recipients", f"0 lost, one notice, < {MEMORY} MB", figures, accepted=RECIPIENTS, lost=len(lost),
             doubled=doubled)
    assert good, f"{figures}; lost {sorted(lost)[:5]}, doubled {doubled}"


def accepted_by(waypost, message, envelope):
    """waypost-queue, with an envelope larger than a pipe holds."""
    with subprocess.Popen(["sh", "-c", 'exec "$0" 0<"$1" 1<"$2"', BUILD / "waypost-queue", kept(waypost, "message", message),
                           kept(waypost, "envelope", envelope)],
                          env=waypost.environment(), cwd=waypost.home, stderr=subprocess.PIPE, **waypost.identity()) as child:
        _, errors = child.communicate()
    assert child.returncode == 0, f"waypost-queue: {child.returncode} {errors.decode()}"


def kept(waypost, name, content):
    path = waypost.box.folder / name
    path.write_bytes(content)
    return path


# ---- a large body

def write_large(path, size):
    """A message with a body of that size; the SHA-256 of its body as SMTP carries it, and that body's length."""
    digest, length, seen = hashlib.sha256(), 0, 0
    block = b"".join(b"%070d\n" % n for n in range(100_000, 110_000))
    with open(path, "wb") as file:
        file.write(b"From: alice@home.test\nSubject: large\n\n")
        while seen < size:
            wire = block.replace(b"\n", b"\r\n")
            file.write(block)
            digest.update(wire)
            length, seen = length + len(wire), seen + len(block)
    return digest.hexdigest(), length


def digest_of_end(path, length):
    """The SHA-256 of the last `length` bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        file.seek(-length, os.SEEK_END)
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


@time_limit(900)
def test_a_body_of_a_gigabyte(box):
    sink = ScriptedSink(box, Scenery(box).host("mx1"), "offer PIPELINING 8BITMIME\n")
    waypost = Waypost(box, settings='retry = ["5h"]\nsize_max = "2GB"\n').start()
    source = box.folder / "large"
    digest, length = write_large(source, BODY)
    with Footprint(waypost, 0.1) as most:
        begun = time.monotonic()
        with open(source, "rb") as given:
            subprocess.run([BUILD / "waypost-inject", "-i", "-f", "alice@home.test", "bob@example.test"], stdin=given, check=True,
                           env=waypost.environment(), cwd=waypost.home, **waypost.identity())
        accepted = time.monotonic() - begun
        wait_until(lambda: sink.log().count("got mail from") == 1, 400, "the message")
        took = time.monotonic() - begun
        waypost.wait_for_empty_queue(60)
    (arrived,) = Path(box.folder).glob("kept-*/*")
    whole = digest_of_end(arrived, length) == digest
    figures = f"{length / 1e6:.0f} MB accepted in {accepted:.1f} s, arrived after {took:.1f} s; {most}"
    print(f"note: {figures}")
    good = whole and most.one < 50
    rows.add(good, f"a body of {BODY // 1_000_000} MB", "arrives whole, < 50 MB of memory", figures,
             accepted=1, lost=int(not whole), doubled=0)
    assert good, figures


# ---- a long queue

def deferred(waypost, recipient):
    """The file of a message that was tried once: its next attempt lies ahead."""
    (one,) = [row for row in waypost.list() if row["recipients"][0]["address"] == recipient]
    (path,) = (waypost.home / "spool/cur").glob(f"*/{one['id']}.*")
    return path


def copy_many(waypost, original, count, first):
    """Copies, each under a name of its own, due when the original is: waypost-spool(5), "Names", "Folders"."""
    content, status, due = original.read_bytes(), original.stat(), original.suffix
    now = int(time.time() * 1e6)
    for n in range(first, first + count):
        path = original.parents[1] / f"{n % 32:02d}" / f"{base32(now - n, 11)}{base32(n, 5)}{due}"
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, status.st_mode & 0o777)) as copy:
            copy.write(content)
        os.chown(path, status.st_uid, status.st_gid)


def waiting(waypost):
    return sum(len(files) for _, _, files in os.walk(waypost.home / "spool/cur"))


@time_limit(1500)
def test_a_million_messages_in_the_queue(box):
    scenery = Scenery(box)
    home = Sink(scenery.host("mx2").listen(25))
    waypost = Waypost(box, settings='retry = ["20h"]\nexpire_after = "10d"\n')
    waypost.start()
    drained = QUEUED // DRAINED
    for recipient in ("bob@example.test", "bob@other.test"):  # nobody listens there
        waypost.send(new_message()[1], recipient)
    wait_until(lambda: sum(1 for row in waypost.list() if row["recipients"][0]["class"]) == 2, 30, "the first attempts")
    originals = [deferred(waypost, recipient) for recipient in ("bob@example.test", "bob@other.test")]
    waypost.stop()
    copy_many(waypost, originals[0], QUEUED - drained - 1, 0)
    copy_many(waypost, originals[1], drained - 1, QUEUED)
    assert waiting(waypost) == QUEUED
    with Footprint(waypost, 2) as most:
        begun = time.monotonic()
        waypost.start()
        started = time.monotonic() - begun
        fresh = times_of_arrival(waypost, home, 20)
        begun = time.monotonic()
        listed = waypost.command("list", "--json").count("\n")
        list_s = time.monotonic() - begun
        other = Sink(scenery.host("other").listen(25))
        begun = time.monotonic()
        waypost.command("kick", "--domain", "other.test")
        wait_until(lambda: len(other.messages) >= drained, 300, f"{drained} messages at the server that works again")
        drain_s = time.monotonic() - begun
        wait_until(lambda: waiting(waypost) <= QUEUED - drained, 60, "the delivered ones to go")
    left, doubled = waiting(waypost), len(other.messages) - drained
    lost = QUEUED - drained - left
    figures = (f"ready after {started:.1f} s; a fresh message took {statistics.median(fresh) * 1000:.0f} ms; "
               f"{listed} listed in {list_s:.0f} s; {drained} of them out {drain_s:.0f} s after waypost kick --domain; {most}")
    print(f"note: {figures}")
    good = listed == QUEUED and not lost and not doubled and most.one < MEMORY
    rows.add(good, f"{QUEUED} messages in the queue", f"accept, start, list, drain; < {MEMORY} MB", figures,
             accepted=QUEUED + len(fresh), lost=lost, doubled=doubled)
    assert good, f"{figures}; {left} left"
