"""waypost as the tests see it: a home of its own, run by an ordinary user, its commands and its log.

Programs are those of the build directory, reached by a path that any user may walk. Nothing here looks into the
spool's files: what a test asserts, it sees through commands, exit codes, logs, and what arrives at a peer.
"""

import json
import os
import re
import select
import signal
import subprocess
import time
import uuid
from pathlib import Path

from sandbox import ORDINARY_UID, show, wait_until
from testing import PATIENCE

BUILD = Path("/run/waypost-build")
START_LIMIT = 15.0 * PATIENCE  # seconds from start to the newline on the readiness descriptor; far more than it takes

CONFIG_HEAD = """
hostname = "out.home.test"
postmaster = "postmaster@home.test"
resolver = "10.77.0.2"
"""
# An attempt each second; nothing bounces because a busy machine took its time between two of them.
RETRY_QUICKLY = 'retry = ["1s", "1s", "1s", "1s", "1s", "1s", "1s", "1s"]\nexpire_after = "1h"\n'


def mount_build():
    """Binds the build directory where every user of the sandbox can execute from."""
    if not BUILD.exists():
        BUILD.mkdir()
        subprocess.run(["mount", "--bind", os.environ["WAYPOST_BUILD"], BUILD], check=True)


def new_message(subject="hello", body="one line\n", sender="alice@home.test", to="bob@example.test"):
    """(token, message): complete, so that sendmail adds nothing to its header; the token is in it once."""
    token = uuid.uuid4().hex
    text = (f"From: {sender}\nTo: {to}\nSubject: {subject}\nDate: Sat, 21 Nov 2026 12:00:00 +0000\n"
            f"Message-ID: <{token}@home.test>\n\n{body}")
    return token, text.encode()


def log_fields(line):
    """The key=value pairs of a log line."""
    return {key: value[1:-1].replace('\\"', '"') if value.startswith('"') else value
            for key, value in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)', line)}


def start_tree(program, log_file, **popen):
    """Starts waypost-start, and returns it once it said on its readiness descriptor that mail moves."""
    ready, tell = os.pipe()
    with open(log_file, "ab") as log:
        tree = subprocess.Popen([program, "-d", str(tell)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                pass_fds=[tell], **popen)
    os.close(tell)
    readable, _, _ = select.select([ready], [], [], START_LIMIT)
    said = os.read(ready, 1) if readable else b""
    os.close(ready)
    if said != b"\n":
        ended = tree.poll()
        tree.kill()
        tree.wait()
        raise AssertionError(f"waypost-start was not ready: said {said!r}, exit status {ended}")
    return tree


def stop_tree(tree, seconds):
    """SIGTERM to waypost-start, which drains; the exit status must be 0."""
    tree.send_signal(signal.SIGTERM)
    status = tree.wait(seconds * PATIENCE)
    assert status == 0, f"waypost-start ended with {status} after SIGTERM"


def living_members():
    """The living processes of a tree: name to list of process ids."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            program = Path(os.readlink(entry / "exe")).name
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue  # It ended meanwhile, or is a zombie, or the kernel's.
        ours = program.startswith("waypost") and not program.startswith("waypost-sink")
        if ours and state != "Z":
            found.setdefault(program.removesuffix(" (deleted)"), []).append(int(entry.name))
    return found


class Waypost:
    """A home below the sandbox's folder. settings: lines of the top table; tables: the rest of waypost.toml."""

    def __init__(self, box, settings=RETRY_QUICKLY, tables="", uid=ORDINARY_UID, name="home"):
        mount_build()
        self.box, self.uid = box, uid
        self.home = box.path(name, owner=uid)
        for part in ("etc", "run", "spool", "spool/new", "spool/cur", "spool/tmp", "spool/bad"):
            box.path(f"{name}/{part}", owner=uid)
        self.log_file = box.folder / f"{name}-waypost.log"
        self.log_file.touch()
        box.watch_log(self.log_file)
        self.tree = None
        self.write_config(settings, tables)
        done = self.config("compile")
        assert done.returncode == 0, f"waypost-config compile: {done.stderr}"
        box.at_end(self._end)

    # ---- running programs

    def environment(self):
        return self.box.environment(WAYPOST_HOME=str(self.home), HOME=str(self.home), USER="nobody")

    def identity(self):
        """Arguments of subprocess, for a process of the home's owner."""
        return {"user": self.uid, "group": self.uid, "extra_groups": []}

    def run(self, argv, stdin=b"", name=None, timeout=90 * PATIENCE):
        """Runs a program of the build as the home's owner; name is what argv[0] says."""
        program = BUILD / argv[0]
        return subprocess.run([name or str(program), *map(str, argv[1:])], executable=program, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), cwd=self.home,
                              timeout=timeout, check=False, **self.identity())

    def command(self, *words):
        """`waypost WORDS`: must succeed; its output as text."""
        done = self.run(["waypost", *words])
        output = done.stdout.decode()
        assert done.returncode == 0, f"waypost {show(words)}: exit {done.returncode}: {done.stderr.decode()}{output}"
        return output

    def config(self, *words):
        done = self.run(["waypost-config", *words])
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def write_config(self, settings=RETRY_QUICKLY, tables=""):
        path = self.home / "etc/waypost.toml"
        path.write_text(CONFIG_HEAD + settings + tables)
        os.chown(path, self.uid, self.uid)

    # ---- handing in mail

    def sendmail(self, message, *arguments):
        """sendmail as programs call it; the completed process, whatever its exit status."""
        return self.run(["waypost-inject", *arguments], stdin=message, name="sendmail")

    def send(self, message, *recipients, sender="alice@home.test"):
        """Hands in a message that must be accepted."""
        done = self.sendmail(message, "-i", "-f", sender, "--", *recipients)
        assert done.returncode == 0, f"sendmail: exit {done.returncode}: {done.stderr.decode()}"

    def queue(self, message, envelope):
        """waypost-queue: the message on descriptor 0, the envelope on 1. Returns the completed process."""
        read_end, write_end = os.pipe()
        with subprocess.Popen([BUILD / "waypost-queue"], stdin=subprocess.PIPE, stdout=read_end, stderr=subprocess.PIPE,
                              env=self.environment(), cwd=self.home, **self.identity()) as child:
            os.close(read_end)
            try:
                child.stdin.write(message)
                child.stdin.close()
                os.write(write_end, envelope)
            except BrokenPipeError:
                pass  # It gave up early; its exit status says why.
            os.close(write_end)
            child.stdin = None
            _, errors = child.communicate(timeout=60 * PATIENCE)
        return subprocess.CompletedProcess(child.args, child.returncode, stderr=errors)

    # ---- the tree

    def start(self):
        """Starts the tree and waits for its newline."""
        self.tree = start_tree(BUILD / "waypost-start", self.log_file, env=self.environment(), cwd=self.home,
                               **self.identity())
        return self

    def stop(self, seconds=20):
        """SIGTERM, which drains; the exit status must be 0, and nothing may be left."""
        tree, self.tree = self.tree, None
        stop_tree(tree, seconds)
        wait_until(lambda: not self.members(), 5, "the tree's members to end")

    def _end(self):
        if self.tree is not None and self.tree.poll() is None:
            self.stop()

    def members(self):
        """The living processes of the tree: name to list of process ids."""
        return living_members()

    def named(self, *names):
        """Process ids of those that go by such a name (forks have names of their own), oldest first."""
        found = []
        for pid in sorted(pid for pids in self.members().values() for pid in pids):
            try:
                name = Path(f"/proc/{pid}/comm").read_text().strip()
            except OSError:
                continue  # It ended meanwhile.
            if name in names:
                found.append(pid)
        return found

    def senders(self):
        """Process ids of the senders that live, oldest first."""
        return self.named("waypost-direct", "waypost-smtp")

    def pids_of(self, member):
        """Process ids, once there are any: the tree is ready when the queue is loaded, others may still be starting."""
        return wait_until(lambda: self.members().get(member), 10, f"{member} to run")

    # ---- looking at the queue

    def list(self, *filters):
        return [json.loads(line) for line in self.command("list", "--json", *filters).splitlines()]

    def why(self, message_id):
        return [json.loads(line) for line in self.command("why", "--json", message_id).splitlines()]

    def wait_for_empty_queue(self, seconds=20):
        wait_until(lambda: not self.list(), seconds, "an empty queue")

    def wait_for_attempts(self, count, seconds=20):
        """Waits until the one message in the queue has that many attempts behind it; returns its list object.

        A delivery is behind it once the recipient is marked, which comes a moment after the attempt is told.
        """

        def settled(recipient):
            return recipient["attempts"] >= count and (recipient["state"] != "pending" or recipient["class"])

        def tried():
            rows = self.list()
            return rows[0] if rows and all(map(settled, rows[0]["recipients"])) else None

        return wait_until(tried, seconds, f"{count} attempts")

    def log(self):
        return self.log_file.read_text(errors="replace")

    def events(self, **wanted):
        """The log lines that have all the wanted fields, as dictionaries."""
        lines = [log_fields(line) for line in self.log().splitlines() if "event=" in line]
        return [line for line in lines if all(line.get(key) == value for key, value in wanted.items())]

    def wait_for_log(self, text, seconds=10):
        wait_until(lambda: text in self.log(), seconds, f"{text!r} in the log")


def pause(seconds):
    """For what must not happen: the time in which it would have."""
    time.sleep(seconds)
