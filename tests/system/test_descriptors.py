"""The descriptors of every process of the running tree: those that lib/mail/wiring.h names, joined to whom it says, and
beside them only what the program made for itself."""

import os
import re
from pathlib import Path

from confined import LATER, SOURCE, TABLES, all_at_work
from installed import Installed
from scenery import Scenery

HEADER = (SOURCE / "lib/mail/wiring.h").read_text()
WIRING = {name: int(number) for name, number in re.findall(r"constexpr int (k\w+)\s*=\s*(\d+);", HEADER)}
LIFELINE = WIRING["kLifeline"]

# Program: descriptor to what it is.
WIRED = {
    "waypost-qmgr": {0: "/dev/null", 1: "/dev/null", LIFELINE: "read", WIRING["kRouteQueries"]: "write",
                     WIRING["kRouteAnswers"]: "read", WIRING["kNoticeRequests"]: "write",
                     WIRING["kNoticeAnswers"]: "read", WIRING["kJobs"]: "socket", WIRING["kControl"]: "socket",
                     WIRING["kStarter"]: "write", WIRING["kLocalJobs"]: "socket", WIRING["kOverlays"]: "socket"},
    "waypost-route": {0: "read", 1: "write", LIFELINE: "read"},
    "waypost-bounce": {0: "read", 1: "write", LIFELINE: "read"},
    "waypost-deliver": {WIRING["kManager"]: "socket", 1: "/dev/null", LIFELINE: "read", WIRING["kTemplate"]: "socket",
                        WIRING["kOracle"]: "socket"},
    "waypost-sasl": {WIRING["kScopes"]: "socket", 1: "/dev/null", LIFELINE: "read"},
    "waypost-token": {0: "socket", 1: "/dev/null"},
    "waypost-overlay": {WIRING["kOverlayManager"]: "socket", 1: "/dev/null", LIFELINE: "read"},
    "waypost-lspawn": {WIRING["kLocalManager"]: "socket", 1: "/dev/null", LIFELINE: "read"},
    "waypost-sender": {WIRING["kSpawner"]: "socket", 1: "/dev/null", LIFELINE: "read"},
    "waypost-outpost": {0: "socket"},
    "waypost-accept": {WIRING["kHandovers"]: "socket", 1: "/dev/null", LIFELINE: "read"},
    "waypost-message": {1: "/dev/null", LIFELINE: "read"},
    "waypost-tls": {0: "socket", 1: "log"},
    "waypost-direct": {0: "socket", 1: "log"},
    "waypost-smtp": {0: "socket", 1: "log"},
}
# Two ends of one pipe.
JOINED = [
    (("waypost-qmgr", WIRING["kRouteQueries"]), ("waypost-route", 0)),
    (("waypost-route", 1), ("waypost-qmgr", WIRING["kRouteAnswers"])),
    (("waypost-qmgr", WIRING["kNoticeRequests"]), ("waypost-bounce", 0)),
    (("waypost-bounce", 1), ("waypost-qmgr", WIRING["kNoticeAnswers"])),
]
LOOP = ("anon_inode:[eventpoll]", "anon_inode:[eventfd]", "pipe:")
# What a program makes for itself; a pipe must have both ends in the program.
OWN = {
    "waypost-qmgr": (*LOOP, "anon_inode:[timerfd]", "anon_inode:inotify", "/var/spool/waypost"),
    "waypost-deliver": (*LOOP, "socket:"),  # a socket to each sender
    "waypost-sasl": (*LOOP, "socket:"),     # one to each sender that logs in
    "waypost-overlay": LOOP,
    # A socket to each process that has TLS ready; what the next sender is confined to.
    "waypost-lspawn": ("anon_inode:[signalfd]",),
    "waypost-sender": ("socket:", "anon_inode:[landlock-ruleset]"),
    "waypost-tls": ("anon_inode:[landlock-ruleset]",),
    "waypost-accept": ("anon_inode:[signalfd]",),
    "waypost-message": ("socket:", "/var/spool/waypost/new"),  # its caller, and the message
    "waypost-direct": (*LOOP, "socket:"),   # connections and queries
    "waypost-smtp": (*LOOP, "socket:"),
}


class Descriptor:
    def __init__(self, pid, number):
        self.target = os.readlink(f"/proc/{pid}/fd/{number}")
        info = Path(f"/proc/{pid}/fdinfo/{number}").read_text()
        self.flags = int(re.search(r"^flags:\s*(\d+)", info, re.M)[1], 8)

    def kind(self, log):
        if self.target == log:
            return "log"
        if self.target.startswith("pipe:"):
            return ("read", "write", "both")[self.flags & os.O_ACCMODE]
        return "socket" if self.target.startswith("socket:") else self.target


def descriptors(pid):
    numbers = sorted(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir())
    found = {}
    for number in numbers:
        try:
            found[number] = Descriptor(pid, number)
        except FileNotFoundError:
            pass  # closed meanwhile: a connection that came to its end
    return found


def audit(name, has, log, holders):
    """What is wrong with the descriptors of one process."""
    wired = {**WIRED[name], 2: "log"}
    for number, kind in wired.items():
        if number not in has:
            yield f"{name}: {number} is not there"
        elif has[number].kind(log) != kind:
            yield f"{name}: {number} is {has[number].kind(log)} ({has[number].target}), not {kind}"
    for number in set(has) - set(wired):
        target = has[number].target
        if not target.startswith(OWN.get(name, ())):
            yield f"{name}: {number} is {target}, which nobody gave it"
        if target.startswith("pipe:") and holders[target] != {name}:
            yield f"{name}: {number} is {target}, which {holders[target]} hold"


def holders_of(all_descriptors):
    """Pipe to the names of the processes that hold an end of it."""
    found = {}
    for name, has in all_descriptors.items():
        for one in has.values():
            if one.target.startswith("pipe:"):
                found.setdefault(one.target, set()).add(name)
    return found


def test_every_process_holds_what_it_was_given_and_nothing_else(box):
    system = Installed(box, settings=LATER, tables=TABLES)
    pids = all_at_work(system, Scenery(box))
    log = str(system.log_file)
    has = {name: descriptors(pid) for name, pid in pids.items()}
    holders = holders_of(has)
    wrong = [line for name in WIRED for line in audit(name, has[name], log, holders)]
    for (writer, out), (reader, in_) in JOINED:
        if has[writer][out].target != has[reader][in_].target:
            wrong.append(f"{writer} {out} and {reader} {in_} are different pipes")
    assert not wrong, "\n".join(wrong)


def test_only_the_starter_keeps_the_tree_alive(box):
    system = Installed(box, settings=LATER, tables=TABLES)
    pids = all_at_work(system, Scenery(box))
    has = {name: descriptors(pid) for name, pid in pids.items()}
    lifeline = has["waypost-qmgr"][LIFELINE].target
    ends = {(name, one.flags & os.O_ACCMODE) for name, all_of in has.items() for one in all_of.values()
            if one.target == lifeline}
    members = {"waypost-qmgr", "waypost-route", "waypost-bounce", "waypost-deliver", "waypost-sender",
               "waypost-sasl", "waypost-lspawn", "waypost-overlay"}
    assert ends == {(name, os.O_RDONLY) for name in members} | {("waypost-start", os.O_WRONLY)}
    # Of pipes and sockets the starter keeps this end, the one on which the manager tells it that mail moves, and what
    # waypost-accept will be given again when it has left: its socket, and a lifeline of its own. And one that only it and
    # the outpost know.
    kept = {one.target for one in has["waypost-start"].values() if one.target.startswith(("pipe:", "socket:"))}
    door = {has["waypost-accept"][number].target for number in (WIRING["kHandovers"], LIFELINE)}
    orders = kept - {lifeline, has["waypost-qmgr"][WIRING["kStarter"]].target} - door
    assert kept - orders == {lifeline, has["waypost-qmgr"][WIRING["kStarter"]].target} | door
    assert [target.split(":")[0] for target in orders] == ["socket"], orders
