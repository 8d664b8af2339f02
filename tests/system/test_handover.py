"""Where set-group-id bits have no effect: waypost-accept takes the message over its socket."""

import grp
import os
import pwd
import signal
import socket
import stat
from pathlib import Path

from installed import ORDINARY, SENDMAIL, Installed
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from test_privilege import intrude, queue_files
from testing import PATIENCE
from waypost import Waypost, new_message

LATER = 'retry = ["1h", "1h", "1h"]\n'
NO_NEW_PRIVS = ["/usr/bin/setpriv", "--no-new-privs", "--"]
SOCKET = "/run/waypost/accept"
EX_TEMPFAIL = 75


def send_bound(system, user, message, *recipients):
    """sendmail in a process that can gain no rights; the completed process."""
    return system.run(user, [*NO_NEW_PRIVS, SENDMAIL, "-i", "-f", f"{user}@home.test", "--", *recipients], message)


def frame(payload):
    return str(len(payload)).encode() + b":" + payload + b","


GO = frame(b"G")
ENVELOPE = b"Falice@home.test\0Tbob@example.test\0\0"


def frames(*payloads):
    return b"".join(map(frame, payloads))


class Caller:
    """A connection to waypost-accept by somebody who says what a test wants."""

    def __init__(self, box, user):
        uid = pwd.getpwnam(user).pw_uid
        os.seteuid(uid)  # the kernel notes it when we connect
        try:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(SOCKET)
        finally:
            os.seteuid(0)
        self.socket.settimeout(30 * PATIENCE)
        box.at_end(self.socket.close)

    def says(self, data):
        self.socket.sendall(data)
        return self

    def hears(self):
        """All that comes until the connection ends."""
        heard = b""
        while True:
            try:
                some = self.socket.recv(4096)
            except ConnectionResetError:
                return heard
            if not some:
                return heard
            heard += some

    def hears_go(self):
        heard = self.socket.recv(len(GO), socket.MSG_WAITALL)
        assert heard == GO, heard
        return self


def status_of(heard):
    """The status that an answer gives."""
    payload = heard.partition(b":")[2]
    assert payload.startswith(b"S") and payload.endswith(b","), heard
    return int(payload[1:].split(b" ")[0])


def processes(program="waypost-accept"):
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and Path(os.readlink(entry / "exe")).name == program:
                found.append(int(entry.name))
        except OSError:
            continue  # It has ended, or is the kernel's.
    return found


def takers():
    """Those that serve a caller, each with a name of its own."""
    return {pid for pid in processes() if comm(pid) == "waypost-message"}


def masters():
    """The one that takes connections, once its forks are called what they are."""
    return wait_until(lambda: len(found := {pid for pid in processes() if comm(pid) == "waypost-accept"}) == 1 and found, 10,
                      "waypost-accept alone")


def comm(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None  # It has ended.


def owners():
    """Of each message's file; None while one is being renamed."""
    try:
        return [(path.owner(), path.group(), stat.S_IMODE(path.stat().st_mode)) for path in queue_files()]
    except FileNotFoundError:
        return None


def test_message_without_new_privileges_is_its_callers(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    system = Installed(box).start()
    assert not processes(), "nobody needs it yet"
    token, message = new_message()
    done = send_bound(system, "alice", message, "bob@example.test")
    assert (done.returncode, done.stderr) == (0, b""), done
    data = sink.wait_for(1)[0].data
    assert token.encode() in data
    assert f"from uid {ORDINARY['alice']})".encode() in data.split(b"\r\n\r\n")[0], data
    system.wait_for_empty_queue()
    Caller(box, "alice").hears_go()  # so that it does not leave meanwhile
    (pid,) = masters()
    fields = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    assert fields["Uid"].split() == [str(pwd.getpwnam("wayaccept").pw_uid)] * 4
    assert fields["Gid"].split() == [str(grp.getgrnam("waydrop").gr_gid)] * 4 and fields["Groups"].split() == [], fields


def test_two_users_without_new_privileges_cannot_touch_each_others_messages(box):
    Scenery(box).host("mx1")  # which refuses connections: mail stays
    system = Installed(box, settings=LATER).start()
    assert send_bound(system, "alice", new_message()[1], "x@example.test").returncode == 0
    # As in a container: root there, and bob for the kernel.
    done = system.run("bob", ["/usr/bin/unshare", "--map-root-user", SENDMAIL, "-i", "x@example.test"], new_message()[1])
    assert done.returncode == 0, done.stderr
    wait_until(lambda: [row["recipients"][0]["attempts"] for row in system.list()] == [1] * 2, 20, "the first attempts")
    wait_until(lambda: owners() == [("wayaccept", "waydrop", 0o660)] * 2, 10, "two files of wayaccept's")
    for path in queue_files():
        for user in ("alice", "bob"):
            assert intrude(system, user, path) == [], f"{user} at {path}"
    waypost = "/usr/local/bin/waypost"
    for user, other in (("alice", "bob"), ("bob", "alice")):
        (row,) = system.list(user)
        assert row["account"] == user, row
        its_id = row["id"]
        for words in (["why", its_id], ["show", its_id], ["hold", its_id], ["drop", its_id]):
            done = system.run(other, [waypost, *words])
            assert done.returncode == 100, f"{other}: {words}: exit {done.returncode}: {done.stdout}"
        system.must(user, [waypost, "hold", its_id])
        system.must(user, [waypost, "drop", its_id])
    assert system.list() == []


def test_neither_way_is_a_failure_that_names_both(box):
    waypost = Waypost(box)
    new = waypost.home / "spool/new"
    new.chmod(0)
    done = waypost.sendmail(new_message()[1], "-i", "bob@example.test")
    assert done.returncode == EX_TEMPFAIL, done
    for part in (f"{new}: Permission denied", f"{waypost.home}/run/accept: No such file", "waypost-start"):
        assert part in done.stderr.decode(), done.stderr
    new.chmod(0o700)
    assert waypost.list() == []


def test_ten_places_for_each_user_and_the_next_is_refused(box):
    Scenery(box).host("mx1")
    system = Installed(box, settings=LATER).start()
    of_alice = [Caller(box, "alice").hears_go() for _ in range(10)]
    eleventh = Caller(box, "alice").hears()
    assert b"S71 all 10 places of user 2001 are taken" in eleventh and GO not in eleventh, eleventh
    # A lie about a length, a piece out of place and a silent end: each its status, and nobody else's trouble.
    for lie, status in ((b"999999:M", 91), (frames(b"EFa@b\0", b"Mlate"), 91), (frame(b"Mhalf")[:-2], 54)):
        caller = Caller(box, "bob").hears_go().says(lie)
        caller.socket.shutdown(socket.SHUT_WR)
        assert status_of(caller.hears()) == status, lie
    done = send_bound(system, "bob", new_message()[1], "x@example.test")
    assert done.returncode == 0, done.stderr
    # Who has a place can use it, however late.
    assert status_of(of_alice[3].says(frames(b"MSubject: x\n\nbody\n", b"E" + ENVELOPE)).hears()) == 0
    wait_until(lambda: sorted(row["account"] for row in system.list()) == ["alice", "bob"], 20, "two messages")


def test_killed_waypost_accept_loses_nothing_and_comes_again(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    system = Installed(box).start()
    manager = processes("waypost-qmgr")
    Caller(box, "bob").hears_go()  # who keeps it from leaving
    (others,) = wait_until(takers, 10, "a process for bob")
    caller = Caller(box, "alice").hears_go().says(frame(b"MSubject: half"))
    (taker,) = wait_until(lambda: takers() - {others}, 10, "a process for alice")
    (master,) = masters()
    os.kill(taker, signal.SIGKILL)
    assert caller.hears() == b"", "no answer, which is no promise"
    wait_until(lambda: "event=broke_off" in system.log_file.read_text(), 10, "waypost-accept to hear of it")
    os.kill(master, signal.SIGKILL)
    wait_until(lambda: "event=member_ended member=waypost-accept" in system.log_file.read_text(), 10, "waypost-start to hear of it")
    token, message = new_message()
    done = send_bound(system, "alice", message, "bob@example.test")
    assert done.returncode == 0, done.stderr
    assert [m.data.count(token.encode()) for m in sink.wait_for(1)] == [1]
    assert processes("waypost-qmgr") == manager, "the tree lives on"
