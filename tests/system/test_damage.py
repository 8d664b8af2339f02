"""Damaged and hostile files in the spool: set aside with a reason, never deleted, and nothing else suffers."""

import os
import subprocess

from ledger import Ledger
from sandbox import wait_until
from scenery import Scenery
from sink import Sink, refuse
from waypost import Waypost, new_message


def one_file(waypost):
    token, message = new_message()
    before = set((waypost.home / "spool/new").iterdir())
    waypost.send(message, "bob@example.test")
    (path,) = set((waypost.home / "spool/new").iterdir()) - before
    return token, path


def overwrite(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset if offset >= 0 else path.stat().st_size + offset)
        file.write(data)


def test_damaged_files_go_to_bad_with_a_reason_and_the_others_are_delivered(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost, ledger = Waypost(box), Ledger()
    damages = {
        "empty": lambda path: os.truncate(path, 0),
        "head cut": lambda path: os.truncate(path, 300),
        "message cut": lambda path: os.truncate(path, 700),
        "zeros for a head": lambda path: overwrite(path, 0, b"\0" * 512),
        "noise for a head": lambda path: overwrite(path, 0, bytes(range(256)) * 2),
        "a bit of the message": lambda path: overwrite(path, 600, b"\xff"),
        "a number in the head": lambda path: overwrite(path, path.read_bytes().index(b"message ", 20), b"message 9999999999"),
        "a mark": lambda path: overwrite(path, -1, b"?"),
    }
    damaged = {}
    for name, damage in damages.items():
        token, path = one_file(waypost)
        damage(path)
        damaged[path.name] = (name, path.read_bytes())
        token, _ = one_file(waypost)
        ledger.accepted.add(token)
    waypost.start()
    ledger.check([m.data for m in sink.wait_for(len(damages))])
    bad = waypost.home / "spool/bad"
    wait_until(lambda: len(list(bad.iterdir())) >= 2 * len(damages), 10, f"all in bad/, of {sorted(os.listdir(bad))}")
    assert len(sink.messages) == len(damages)
    for identity, (name, content) in damaged.items():
        (kept,) = [p for p in bad.iterdir() if p.name.startswith(identity) and not p.name.endswith(".reason")]
        reason = [p for p in bad.iterdir() if p.name.startswith(identity) and p.name.endswith(".reason")]
        assert kept.read_bytes() == content, f"{name}: what is set aside stays as it was"
        assert reason and reason[0].read_text().strip(), f"{name}: no reason beside it"
        assert identity in waypost.log(), f"{name}: not a line in the log"


def test_damage_behind_the_marks_ends_the_history_and_loses_no_recipient(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), refuse("MAIL", "451 4.3.0 no", 1))
    waypost = Waypost(box, settings='retry = ["1h"]\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    row = waypost.wait_for_attempts(1)
    waypost.stop()
    (path,) = [p for p in (waypost.home / "spool/cur").rglob("*") if p.is_file()]
    overwrite(path, -10, b"\xff\xff")
    waypost.start()
    assert waypost.list()[0]["id"] == row["id"]
    waypost.command("kick", row["id"])
    sink.wait_for(1)
    waypost.wait_for_empty_queue()


def test_what_is_no_regular_file_is_not_followed(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost, ledger = Waypost(box), Ledger()
    token, path = one_file(waypost)
    ledger.accepted.add(token)
    new = path.parent
    secret = box.folder / "secret"
    secret.write_text("nobody may learn this")
    name = path.name[:-2]
    os.symlink(secret, new / f"{name}00")
    os.symlink(path, new / f"{name}01")
    os.mkfifo(new / f"{name}02")
    (new / f"{name}03").mkdir()
    (new / "not-a-name").write_text("hello")
    (new / "..evil").write_text("hello")
    (new / ("x" * 200)).write_text("hello")
    os.mknod(new / f"{name}04", 0o666 | 0o020000, os.makedev(1, 5))
    waypost.start()
    ledger.check([m.data for m in sink.wait_for(1)])
    token, message = new_message()
    waypost.send(message, "bob@example.test")
    ledger.accepted.add(token)
    ledger.check([m.data for m in sink.wait_for(2)])
    assert secret.read_text() == "nobody may learn this" and waypost.tree.poll() is None
    assert waypost.members()["waypost-qmgr"], "the manager lives"


def test_file_with_a_second_name_is_set_aside(box):
    """Nothing of waypost's makes a second name: somebody who has one could change a message after its acceptance."""
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box)
    _, path = one_file(waypost)
    os.link(path, box.folder / "second-name")
    waypost.start()
    bad = waypost.home / "spool/bad"
    (reason,) = wait_until(lambda: [text for one in bad.glob(f"{path.name}*.reason") if (text := one.read_text())], 10, "the reason")
    wait_until(lambda: waypost.list() == [], 10, "the file set aside")
    assert "name" in reason and not sink.messages


def test_copied_queue_is_a_queue(box):
    """A queue can be copied, backed up and restored: nothing hangs on inode numbers or times."""
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost, ledger = Waypost(box), Ledger()
    for _ in range(5):
        token, _ = one_file(waypost)
        ledger.accepted.add(token)
    spool = waypost.home / "spool"
    subprocess.run(["cp", "-r", spool, box.folder / "backup"], check=True)
    subprocess.run(["rm", "-rf", spool], check=True)
    subprocess.run(["cp", "-r", box.folder / "backup", spool], check=True)
    subprocess.run(["chown", "-R", f"{waypost.uid}:{waypost.uid}", spool], check=True)
    waypost.start()
    ledger.check([m.data for m in sink.wait_for(5)])
