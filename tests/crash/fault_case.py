"""One fault, one life: what is done with a program whose system call is bent, and what must hold afterwards."""

import os
import select
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import doors
import scene

from letters import Account  # noqa: E402  (scene sets the path)
from local_scene import LocalScene  # noqa: E402
from plausible import GARBAGE  # noqa: E402
from waypost import BUILD, log_fields  # noqa: E402

FAULTAT = Path(__file__).resolve().parents[2] / "build/crash/faultat"

# The members of the tree, and what forks off them; then those that hand in mail.
MEMBERS = ("waypost-start", "waypost-start.fork", "waypost-config", "waypost-qmgr", "waypost-route", "waypost-bounce",
           "waypost-deliver", "waypost-sender", "waypost-sender.fork", "waypost-sasl", "waypost-accept",
           "waypost-accept.fork", "smtpd/waypost-accept.fork", "waypost-overlay", "signing/waypost-qmgr")
SIGNING = ("waypost-overlay", "signing/waypost-qmgr")
LOCAL = ("waypost-lspawn", "waypost-lspawn.fork", "waypost-local")
INJECTORS = ("waypost-queue", "waypost-inject", "waypost-inject.fork", "waypost-inject/waypost-queue",
             "handover/waypost-queue", "becoming/waypost-inject", "becoming/waypost-queue", "waypost-smtpd",
             "waypost-smtpd.fork", "listening/waypost-smtpd.fork", "waypost-dkimsign")
PROGRAMS = MEMBERS + LOCAL + INJECTORS
# What these write into a pipe is the message itself, to which no record could be compared.
AUTHORS = ("waypost-smtpd.fork", "listening/waypost-smtpd.fork", "signing/waypost-qmgr")
LINKED = ("waypost-dkimsign",)  # when it is started, to libraries; each may be what cannot be read
# Those that write to another program, and not what somebody has handed in.
SPEAKERS = ("waypost-start.fork", "waypost-qmgr", "waypost-route", "waypost-bounce", "waypost-deliver",
            "waypost-sender.fork", "waypost-sasl", "waypost-accept.fork", "smtpd/waypost-accept.fork",
            "handover/waypost-queue", "waypost-lspawn", "waypost-local", "waypost-smtpd", "waypost-smtpd.fork",
            "listening/waypost-smtpd.fork", *SIGNING)

INJECTED = 90_000    # bytes of a letter: it goes through pipes and buffers in several parts
BECOMING = 40_000    # one that fits into a pipe: sendmail needs no other process for it
SECONDS = 40         # in which a message is accounted for once the fault is gone; far more than it takes
CALLS_MORE = 5000    # beside twenty clean lives
CPU_SECONDS = 2.0


class Point(NamedTuple):
    """The nth call `name` of this kind, and what happens to it: `word` for people, `action` for faultat."""
    program: str
    name: str
    number: int
    kind: str
    nth: int
    action: str
    word: str
    clean: int  # calls of a clean life

    @property
    def title(self):
        return f"{self.program} {self.name}/{self.kind} {self.nth} {self.word}"


class Case:
    """What came of a point; `wrong` is empty when everything held."""

    def __init__(self, title, **known):
        self.title, self.met, self.about = title, False, ""
        self.status, self.seconds, self.calls = None, 0.0, 0
        self.accepted, self.lost, self.doubled = 0, 0, 0  # recipients
        self.ended, self.wrong = [], []
        self.__dict__.update(known)


class Report:
    """What faultat wrote."""

    def __init__(self, path):
        self.bent, self.total, self.counts = None, 0, {}
        for line in path.read_text(errors="replace").splitlines() if path.exists() else ():
            word, *rest = line.split(" ", 3)
            if word == "bent":
                self.bent = rest[-1]
            elif word == "calls":
                self.total = int(rest[0].partition("=")[2])
            elif word == "count":
                self.counts[int(rest[0]), rest[1]] = int(rest[2])


def cpu_seconds(pids, of=max):
    """The processor time that these have used: the most, or the sum."""
    used = [0]
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used.append(int(words[11]) + int(words[12]))
    return of(used) / os.sysconf("SC_CLK_TCK")


def scene_for(program, folder):
    """Where that program is at work."""
    if program in LOCAL or program == "waypost-start.fork":  # which starts waypost-lspawn
        return LocalScene(folder)
    return scene.Scene(folder, logs_in=program == "waypost-sasl", signs=program in SIGNING)


class Player:
    """Plays one point after another in one home, each with fresh servers, letters and account."""

    def __init__(self, stage, rng):
        self.stage, self.rng, self.number, self.torn = stage, rng, 0, 0
        self.way = stage.waypost

    # ---- tracing

    def bent(self, words):
        """The report's path, and what makes a command one under faultat, as the home's user."""
        self.number += 1
        report = self.stage.box.folder / f"report{self.number}"
        return report, lambda argv: [FAULTAT, report, *map(str, words), "--", *(argv if "unshare" in argv else self.as_user(argv))]

    def as_user(self, argv):
        """The command that runs argv as the home's user."""
        uid = self.way.uid
        return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *argv]

    def start_tree(self, words):
        """The tree, traced. True once mail moves; False when waypost-start ended before."""
        ready, tell = os.pipe()
        report, traced = self.bent(words)
        argv = traced([BUILD / "waypost-start", "-d", str(tell)])
        with open(self.way.log_file, "ab") as log:
            self.way.tree = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             pass_fds=[tell], env=self.way.environment(), cwd=self.way.home)
        os.close(tell)
        readable, _, _ = select.select([ready], [], [], SECONDS)
        moves = bool(readable) and os.read(ready, 1) == b"\n"
        os.close(ready)
        return report, moves

    def refused_start(self):
        """The exit status of a waypost-start that was not ready, once all that it had started are gone; else None."""
        try:
            return self.way.tree.wait(30)
        except subprocess.TimeoutExpired:
            return None

    def end_tree(self):
        """faultat writes its counts, and takes the tree with it."""
        if self.way.tree is not None and self.way.tree.poll() is None:
            self.way.tree.terminate()
            self.way.tree.wait(30)
        self.stage.kill_tree()

    def reap_orphans(self):
        """Those that the trees of cases before have left to us, who are the first process here: each is one more to look at
        whenever we look for members."""
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return  # we have none at all
            if ended is None or (self.way.tree is not None and ended.si_pid == self.way.tree.pid):
                return  # all live; or it is one whose exit status is wanted
            os.waitpid(ended.si_pid, 0)

    # ---- letters

    def letter(self, size=3000):
        return self.stage.letter(self.rng, size)

    def injected(self, program):
        return self.letter(BECOMING if program.startswith("becoming/") else INJECTED)

    def hand_in(self, program, letter):
        """The injector's exit status, None when it does not end."""
        if program.startswith("smtpd/"):
            return doors.hand_in(self.stage, program, letter, self.as_user)
        way = self.stage.by_handover if program.startswith("waypost-accept") else self.stage.by_queue
        try:
            return way(letter)
        except subprocess.TimeoutExpired:
            return None

    def settled(self, account):
        if self.way.tree is not None and self.way.tree.poll() is not None:
            self.end_tree()
            self.way.start()  # as a supervisor would
        self.stage.look()
        return not self.stage.files() and not account.lost(self.stage.servers)

    def wait_settled(self, account):
        deadline = time.monotonic() + SECONDS
        while not self.settled(account):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def accepted_at_last(self, program, account):
        """Hands in letters until one is taken: the fault is gone. False: it does not recover."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            letter = self.letter()
            status = self.hand_in(program, letter)
            account.enter(letter, status)
            if status == 0:
                return True
            time.sleep(0.05)
        return False

    # ---- a member of the tree

    def record(self, program):
        """A clean life: (number, kind) -> calls."""
        if program in INJECTORS:
            self.way.start()
            report, _ = self.inject(program, ["count"], self.injected(program))
            return Report(report).counts
        account = Account()
        report, moves = self.start_tree([program.rpartition("/")[2], "count"])
        assert moves, f"the tree does not start under faultat: {self.way.log()[-2000:]}"
        assert self.accepted_at_last(program, account) and self.wait_settled(account), "a clean life does not end"
        self.end_tree()
        return Report(report).counts

    def play(self, point):
        if point.program not in INJECTORS:  # a tree that lives on has connections to the servers of before
            self.stage.open_servers()
        case, before = Case(point.title), len(self.way.log())
        self.torn = len(self.stage.servers.torn())  # of cases before, where the servers stay
        words = [point.program.rpartition("/")[2], point.number, point.kind, point.nth, point.action]
        account = Account()
        begun = time.monotonic()
        if point.program in INJECTORS:
            report = self.play_injector(point, words, account, case)
        else:
            report = self.play_member(point, words, account, case)
        case.seconds = time.monotonic() - begun
        case.met, case.about, case.calls = report.bent is not None, report.bent, report.total
        lines = [log_fields(line) for line in self.way.log()[before:].splitlines() if "event=member_ended" in line]
        case.ended = [f"{line.get('member')} {line.get('status')}" for line in lines]
        self.judge(point, account, case)
        self.reap_orphans()
        return case

    def play_member(self, point, words, account, case):
        path, moves = self.start_tree(words)
        if not moves:
            status = self.refused_start()
            if status is None:
                case.wrong.append(f"not ready after {SECONDS} s")
            elif status == 0:
                case.wrong.append("ended before it was ready, with 0")
            self.end_tree()
            self.way.start()  # as a supervisor would
        letter = self.letter()
        case.status = self.hand_in(point.program, letter)
        account.enter(letter, case.status)
        if case.status is None:
            case.wrong.append("the injector does not end")
        elif point.program.startswith("smtpd/") and case.status not in (0, *doors.TEMPORARY["smtpd"]):
            case.wrong.append(f"an SMTP client was told that its letter is refused ({case.status})")
        if not self.wait_settled(account):
            case.wrong.append(f"the letter is not accounted for after {SECONDS} s")
        if not self.accepted_at_last(point.program, account):
            case.wrong.append("no letter is accepted afterwards")
        elif not self.wait_settled(account):
            case.wrong.append("a letter handed in afterwards does not arrive")
        pids = [pid for pids in self.way.members().values() for pid in pids]
        seconds = cpu_seconds(pids)
        if seconds > CPU_SECONDS:
            case.wrong.append(f"{seconds:.1f} s of processor time")
        self.end_tree()
        return Report(path)

    # ---- those that hand in

    def inject(self, program, words, letter):
        """Runs a traced injector to its end: the report's path, the exit status."""
        path, traced = self.bent([program.rpartition("/")[2], *words])
        return path, doors.hand_in(self.stage, program, letter, traced)

    def play_injector(self, point, words, account, case):
        if self.way.tree is None:
            self.way.start()
        letter = self.injected(point.program)
        path, case.status = self.inject(point.program, words[1:], letter)
        account.enter(letter, case.status)
        if case.status is None:
            case.wrong.append(f"does not end within {SECONDS} s")
        if not self.wait_settled(account):
            case.wrong.append(f"the letter is not accounted for after {SECONDS} s")
        case.doubled = account.doubled(self.stage.servers)
        report = Report(path)
        killed, garbage = point.action in ("kill", "cut"), point.action in GARBAGE
        honest = doors.TEMPORARY[doors.kind_of(point.program)]
        if point.name in ("brk", "mmap", "mprotect") or point.program in LINKED:
            honest = honest | doors.NOT_STARTED
        if point.program in LINKED and (point.name, point.nth) == ("mmap", 1):
            honest = honest | {139}  # the first page is the loader's own, which does not look whether it has got it
        if garbage:
            honest = honest | {91}  # waypost-queue(8): what it was given is no envelope
        if case.status not in (0, None) and case.status not in honest and not killed:
            case.wrong.append(f"exit status {case.status} is no temporary failure")
        told_no = account.refused_yet_delivered(self.stage.servers)
        # A failed sync comes behind the name; and the answer of waypost-accept, or of waypost-smtpd's other half, may be
        # what was lost.
        half = point.program in ("waypost-smtpd", "listening/waypost-smtpd.fork")
        answers = ("write",) if half and point.word not in ("EINTR", "short") else ()
        unsure = ("fsync", "fdatasync", "recvfrom", *answers)
        if told_no and not killed and not garbage and point.name not in unsure:
            case.wrong.append(f"exit status {case.status}, yet delivered")
        return report

    # ---- the judgement

    def judge(self, point, account, case):
        servers, wrong = self.stage.servers, case.wrong
        lost, twice = account.lost(servers), account.reported_twice(servers)
        case.accepted = sum(len(letter.recipients) for letter in account.accepted.values())
        case.lost = len(lost)
        if lost:
            wrong.append(f"LOST {lost}")
        if twice:
            wrong.append(f"reported by two notices: {twice}")
        if account.reported_wrongly(servers):
            wrong.append(f"reported, though nobody refused them: {account.reported_wrongly(servers)}")
        if self.stage.signs and servers.signed_otherwise():
            wrong.append(f"unsigned, or signed anew: {servers.signed_otherwise()}")
        self.stage.look()
        if len(servers.torn()) > self.torn or self.stage.damaged:
            wrong.append("arrived damaged")
        if self.stage.files("bad", "tmp"):
            wrong.append(f"left behind: {self.stage.files('bad', 'tmp')}")
            for path in self.stage.files("bad", "tmp"):
                os.unlink(path)
        case.doubled = account.doubled(servers)
        # The final reply was not recorded: somebody died, or a connection on its way.
        way = ("waypost-deliver", "waypost-sender", "waypost-sender.fork", *LOCAL)
        if case.doubled and not case.ended and point.program not in way:
            wrong.append(f"delivered twice: {case.doubled}")
        if case.calls > 20 * point.clean + CALLS_MORE:
            wrong.append(f"{case.calls} calls, a clean life has {point.clean}")
        if wrong:
            wrong.append(f"[at {case.about}; injector {case.status}; ended {case.ended}; {case.seconds:.1f} s]")
