"""The processes of an installed, running waypost, each by the name that it goes by, and a scene in which to try it.

A sender's forks have the executable of waypost-sender and names of their own, which the kernel keeps as their comm.
"""

import os
import pwd
import socket
import subprocess
from pathlib import Path

from sandbox import open_files, wait_until
from sink import Sink
from testing import PATIENCE, Skip
from waypost import new_message

SOURCE = Path(__file__).resolve().parent.parent.parent
TOOL = SOURCE / "build/confinement/attempts"
OLD_KERNEL = SOURCE / "build/confinement/oldkernel"
# Mail to two.test goes by a relay that must offer TLS and does not: so there is a process that has TLS ready, and its
# fork waits for the next attempt. It would log in: so the oracle is there as well. What alice hands in may have to be
# rewritten: so waypost-overlay is.
TABLES = """
[transport.relay]
type = "smtp"
host = "relay.test"
tls = "required"
user = "user"
credential = "none"
[[route]]
to = ["two.test"]
transport = "relay"
[transport.program]
type = "pipe"
command = ["/bin/true"]
[[route]]
to = ["here.test"]
transport = "program"
[account.alice]
from_rewrite = "alice@home.test"
"""
LATER = 'retry = ["1h", "1h", "1h"]\n'
ALL = ("waypost-start", "waypost-qmgr", "waypost-route", "waypost-bounce", "waypost-deliver", "waypost-sender", "waypost-sasl",
       "waypost-token", "waypost-lspawn", "waypost-tls", "waypost-direct", "waypost-smtp", "waypost-accept",
       "waypost-message", "waypost-outpost", "waypost-overlay")
# What starts users' programs, and itself: whatever these give up, those would lack. waypost-lspawn has hardly any of root's
# rights, and the outpost takes orders of waypost-start alone.
FREE = ("waypost-lspawn", "waypost-outpost")


def processes():
    """Name to process id, of all that runs out of waypost's executables."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if Path(os.readlink(entry / "exe")).name.startswith("waypost"):
                found[(entry / "comm").read_text().strip()] = int(entry.name)
        except OSError:
            continue  # It has ended, or is the kernel's.
    return found


def confined(pid):
    try:
        return "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False  # It has ended.


def all_confined():
    found = processes()
    bound = [pid for name, pid in found.items() if name not in FREE]
    return found if set(ALL) <= set(found) and all(map(confined, bound)) else None


def all_at_work(system, scenery):
    """Starts the tree and gives it mail, until each of its processes is there, and confined; name to process id."""
    direct = Sink(scenery.host("mx1").listen(25))
    Sink(scenery.host("relay").listen(25))
    system.start()
    system.send("alice", new_message()[1], "bob@example.test")
    system.send("alice", new_message()[1], "carol@two.test")
    system.send("alice", new_message()[1], "alice@here.test")
    direct.wait_for(1)
    wait_until(lambda: [row["recipients"][0]["attempts"] for row in system.list()] == [1], 20, "the relay's attempt")
    knocking = socket.socket(socket.AF_UNIX)  # somebody who has a place at waypost-accept, and begins a message
    knocking.connect("/run/waypost/accept")
    knocking.sendall(b"9")
    system.box.at_end(knocking.close)
    found = wait_until(all_confined, 10, "every process, confined")
    wait_until(lambda: any("/spool/waypost/new/" in target for target in open_files(found["waypost-message"])), 10,
               "waypost-message to have read what it needs")
    return found


class Scene:
    """What an act needs so that nothing but the actor's confinement stands against it (tests/confinement/attempts.cc)."""

    def __init__(self, box):
        if not TOOL.exists():
            raise Skip(f"{TOOL} was not built")
        if Path(os.environ["WAYPOST_BUILD"]).name == "sanitize":
            raise Skip("what sanitizers need leaves files, fork and ptrace open")
        self.box = box
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.path = str(box.folder / "listener")
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(self.path)
        self.local.listen()
        os.chmod(self.path, 0o666)
        box.at_end(self.tcp.close)
        box.at_end(self.local.close)

    def bystander(self, user):
        """A process of that user that sleeps."""
        entry = pwd.getpwnam(user)
        child = subprocess.Popen(["/bin/sleep", "600"], user=entry.pw_uid, group=entry.pw_gid, cwd="/",
                                 extra_groups=os.getgrouplist(user, entry.pw_gid))
        self.box.at_end(child.wait)
        self.box.at_end(child.kill)
        wait_until(lambda: Path(f"/proc/{child.pid}/comm").read_text() == "sleep\n", 10, "a bystander")
        return child.pid

    def attempt(self, pid, user):
        """Act to its answer: "done" or the error's name."""
        entry = pwd.getpwnam(user)
        folder = self.box.path(f"of-{user}-{pid}", owner=entry.pw_uid)
        for name in ("file", "moved", "gone"):
            (folder / name).write_text("content\n")
            os.chown(folder / name, entry.pw_uid, entry.pw_gid)
        argv = [TOOL, str(pid), str(self.bystander(user)), folder, str(self.tcp.getsockname()[1]), self.path]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=30 * PATIENCE)
        assert done.returncode == 0, f"attempts in {pid} of {user}: {done.stderr}"
        return dict(line.split("\t") for line in done.stdout.splitlines())
