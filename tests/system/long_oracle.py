"""A stranger in the place of a sender asks the oracle for another credential than its own: denied.

The stranger has the sender's very descriptors (pidfd_getfd), while the sender stands still. Whoever holds what waypost-deliver
holds may name any credential: so the act is real, and it is the line that does not carry it.
"""

import base64
import ctypes
import os
import re
import signal
import socket
import subprocess

from confined import LATER, TABLES, all_at_work
from installed import Installed
from scenery import Scenery
from testing import time_limit

PIDFD_OPEN, PIDFD_GETFD = 434, 438  # of every architecture
LIBC = ctypes.CDLL(None, use_errno=True)
OWN, OTHER = "eraser", "pencil"


def sockets():
    """Inode to (its peer's inode, {pid: descriptor}), of all Unix sockets that are connected."""
    told = subprocess.run(["ss", "-xpH", "state", "connected"], stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = re.findall(r"\* (\d+) +\* (\d+) +users:\((.*)\)", told)
    return {inode: (peer, {int(pid): int(fd) for pid, fd in re.findall(r"pid=(\d+),fd=(\d+)", users)})
            for inode, peer, users in rows}


def taken_from(pid, other):
    """The descriptor by which pid is joined to another process, as a socket of ours."""
    table = sockets()
    (fd,) = [users[pid] for peer, users in table.values() if pid in users and other in table.get(peer, ("", {}))[1]]
    process = LIBC.syscall(PIDFD_OPEN, pid, 0)
    ours = LIBC.syscall(PIDFD_GETFD, process, fd, 0)
    assert process >= 0 and ours >= 0, os.strerror(ctypes.get_errno())
    os.close(process)
    line = socket.socket(fileno=ours)
    line.settimeout(60)
    return line


def frame(*fields):
    payload = b"".join(f"{key}={value}".encode() + b"\0" for key, value in fields)
    return b"%d:%s," % (len(payload), payload)


def shown(line, *more):
    """What the oracle would have a sender say who is offered PLAIN over TLS; b"" when it ends the line."""
    line.sendall(frame(("type", "begin"), ("login", 1000), ("offered", "PLAIN"), ("tls", 1), *more))
    answer = line.recv(4096)
    initial = re.search(rb"initial=([^\0]*)", answer)
    return base64.b64decode(initial[1]) if initial else answer


def ask_for_other(line):
    """Fixes a new line to the other credential, as waypost-deliver does, and asks there."""
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    scope = frame(("type", "scope"), ("transport", "relay"), ("host", "relay.test"), ("port", 25), ("user", "user"),
                  ("credential", "secret"), ("tls", "verified"), ("fd", 1))
    socket.send_fds(line, [scope], [theirs.fileno()])
    theirs.close()
    try:
        return shown(ours)
    except (BrokenPipeError, ConnectionResetError):
        return b""


@time_limit(60)
def test_a_sender_gets_no_other_credential_from_the_oracle(box):
    system = Installed(box, settings=LATER, tables=TABLES.replace('"none"', '"mine"').replace('"required"', '"verified"'))
    for name, password in (("mine", OWN), ("secret", OTHER)):
        system.must("root", ["/usr/local/bin/waypost", "credential", "add", name], password.encode() + b"\n")
    found = all_at_work(system, Scenery(box))
    sender, oracle, spawner = (found[name] for name in ("waypost-smtp", "waypost-sasl", "waypost-deliver"))
    os.kill(sender, signal.SIGSTOP)
    line = taken_from(sender, oracle)
    own = shown(line)
    assert OWN.encode() in own, f"the line is at work: {own}"
    named = shown(line, ("credential", "secret"), ("user", "user"), ("transport", "relay"))
    fixed = ask_for_other(line)
    control = ask_for_other(taken_from(spawner, oracle))
    os.kill(sender, signal.SIGKILL)
    assert OTHER.encode() not in named + fixed, f"a sender got another password: {named} {fixed}"
    assert fixed == b"", f"what was asked by a line of a sender's own making was answered: {fixed}"
    assert OTHER.encode() in control, f"the act is none: whoever may name credentials does not get one: {control}"
    print("note: 2 acts of a sender denied; done in waypost-deliver's place")
