"""Where set-group-id bits have no effect: waypost-accept takes the message over its socket."""

import os
import pwd
import signal
import socket
import stat
import struct
import time
from pathlib import Path

from confined import Scene
from installed import ORDINARY, SENDMAIL, SPOOL, Installed
from sandbox import open_files, wait_until
from scenery import Scenery
from sink import Sink
from test_confinement import wrongs
from waypost import new_message

LATER = 'retry = ["1h", "1h", "1h"]\n'
NO_NEW_PRIVS = ["/usr/bin/setpriv", "--no-new-privs", "--"]
QUEUE = "/usr/local/libexec/waypost/waypost-queue"
SOCKET = "/run/waypost/accept"
EX_TEMPFAIL = 75
BUSY, TIMEOUT, READ_ERROR, BAD_ENVELOPE = 71, 52, 54, 91


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
        self.socket.settimeout(30)
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
    """The status that an answer gives, behind the word that there is a place."""
    assert heard.startswith(GO), heard
    payload = heard[len(GO):].partition(b":")[2]
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


def wait_until_gone(program="waypost-accept"):
    wait_until(lambda: not processes(program), 30, f"{program} to leave")


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
    # It leaves by itself; the next one that knocks finds it again.
    (pid,) = wait_until(lambda: len(found := processes()) == 1 and found, 10, "its children to end")
    fields = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    drop = next(line.split(":")[2] for line in Path("/etc/group").read_text().splitlines() if line.startswith("waydrop:"))
    assert fields["Uid"].split() == [str(pwd.getpwnam("wayaccept").pw_uid)] * 4
    assert fields["Gid"].split() == [drop] * 4 and fields["Groups"].split() == [], fields
    assert fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2"
