"""Where the crash and power-cut tests play: one home, three servers on loopback, all mail through them.

Each test program runs itself again in namespaces of its own (`isolated`), so nothing it leaves behind
outlives it. The fixtures are those of the system tests.
"""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / room) for room in ("system", "crash", "power", "proof")]

from letters import DOMAINS, Letter, Servers  # noqa: E402  (after the path is known)
from sandbox import Sandbox, isolated_command  # noqa: E402
from waypost import BUILD, Waypost  # noqa: E402

FIRST_PORT = 2525
QUICK = 'retry = ["1s"]\nexpire_after = "1h"\n'


LOGIN = ['user = "user"', 'credential = "secret"', "cleartext_auth = true"]


SIGNING = ['[domain."home.test"]', 'dkim_sign = "s"']


def tables(logs_in, signs=False):
    """A transport and a route for each server; the last one also takes the notices. logs_in: to the second one."""
    lines = [*(SIGNING if signs else []), "[defaults]", 'tls = "off"', "local_hosts = true"]
    for number in range(len(DOMAINS)):
        lines += [f"[transport.server{number}]", 'type = "smtp"', 'host = "127.0.0.1"', f"port = {FIRST_PORT + number}"]
        lines += LOGIN if logs_in and number == 1 else []
    for number, domain in enumerate(DOMAINS):
        lines += ["[[route]]", f'to = ["{domain}"]', f'transport = "server{number}"']
    return "\n".join([*lines, "[[route]]", 'transport = "server0"']) + "\n"


def listeners():
    return [socket.create_server(("127.0.0.1", FIRST_PORT + n), backlog=200) for n in range(len(DOMAINS))]


class Scene:
    """`with Scene(folder) as scene:` scene.waypost is configured and not started, scene.servers listen."""

    def __init__(self, folder, settings=QUICK, note=lambda what, **fields: None, logs_in=False, signs=False, more=""):
        self.box = Sandbox(folder)
        self.waypost = Waypost(self.box, settings=settings, tables=more + tables(logs_in, signs))
        self.signs = signs
        if signs:
            self.waypost.command("dkimsign", "keygen", "home.test", "s", "--type", "ed25519")
        if logs_in:
            done = self.waypost.run(["waypost-credential", "add", "secret"], stdin=b"pencil\n")
            assert done.returncode == 0, done.stderr
        self.spool = self.waypost.home / "spool"
        self._note = note
        self.servers, self.damaged = None, []
        self.open_servers()

    def open_servers(self, **nature):
        """Fresh servers that remember nothing, in place of those before."""
        if self.servers:
            self.servers.close()
        self.servers = Servers(listeners(), self._note, **nature)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.servers.close()
        self.box.close()

    def letter(self, rng, size):
        """One that is accepted, greylisted and refused."""
        return Letter(rng, mixture=("take", "grey", "deny"), size=size)

    def look(self):
        """What was delivered elsewhere than at the servers is counted; self.damaged: what of it is not whole."""

    # ---- handing in

    def by_sendmail(self, letter, _rng=None):
        return self.waypost.sendmail(letter.wire, "-i", "-f", letter.sender, "--", *letter.recipients).returncode

    def by_queue(self, letter, rng=None):
        """waypost-queue itself; with `rng` by a client that takes its time."""
        with self.injector(letter, [BUILD / "waypost-queue"], rng) as child:
            return end_of(child, 240)

    def injector(self, letter, argv, rng=None, stderr=subprocess.DEVNULL, uid=None):
        """Starts argv as waypost-queue is started and feeds it; the caller waits for its end."""
        read_end, write_end = os.pipe()
        way = self.waypost
        uid = way.uid if uid is None else uid
        child = subprocess.Popen([str(a) for a in argv], stdin=subprocess.PIPE, stdout=read_end, stderr=stderr,
                                 env=way.environment(), cwd=way.home, user=uid, group=uid, extra_groups=[])
        os.close(read_end)
        half = len(letter.wire) // 2
        try:
            child.stdin.write(letter.wire[:half])
            child.stdin.flush()
            linger(rng)
            child.stdin.write(letter.wire[half:])
            child.stdin.close()
            linger(rng)
            os.write(write_end, letter.envelope)
        except BrokenPipeError:
            pass  # it is gone; its exit status is what counts
        finally:
            os.close(write_end)
        child.stdin = None
        return child

    def by_handover(self, letter, rng=None):
        """waypost-queue where it cannot write the queue, as in a service that gains no rights: by waypost-accept."""
        with self.injector(letter, self.read_only_queue(), rng, uid=0) as child:
            return end_of(child, 240)

    def read_only_queue(self):
        """The command that runs waypost-queue, by root, where the spool cannot be written."""
        uid, spool = self.waypost.uid, self.spool
        return ["unshare", "--mount", "sh", "-c", f'mount --bind -o ro {spool} {spool} && exec "$@"', "sh", "setpriv",
                f"--reuid={uid}", f"--regid={uid}", "--clear-groups", BUILD / "waypost-queue"]

    def by_either(self, letter, rng):
        return self.by_sendmail(letter) if rng.random() < 0.5 else self.by_queue(letter, rng)

    def by_any(self, letter, rng):
        return self.by_handover(letter, rng) if rng.random() < 0.4 else self.by_either(letter, rng)

    # ---- the spool

    def files(self, *folders):
        """The message files in the queue; in other folders of the spool when named."""
        found = []
        for top in folders or ("new", "cur"):
            for path, _, names in os.walk(self.spool / top):
                found += [os.path.join(path, name) for name in names]
        return found

    def wait_for_empty_spool(self, seconds, held=False, every=0.02):
        """True once nothing is queued and nothing is on its way, looked at `every` so many seconds. held: what is held may stay."""
        deadline = time.monotonic() + seconds
        empty = 0
        while empty < 2:  # a letter that goes while we look may leave its notice where we looked before
            empty = 0 if self.waiting(held) else empty + 1
            if time.monotonic() > deadline and not empty:
                return False
            time.sleep(every)
        return True

    def waiting(self, held=False):
        """The queue's message files, those that are held left out when `held` says so."""
        return [path for path in self.files() if not (held and path.endswith(".held"))]

    def kill_tree(self):
        """SIGKILL to waypost-start; the lifeline ends all others. Waits until they are gone."""
        tree = self.waypost.tree
        if tree is None:
            return
        if tree.poll() is None:
            tree.kill()
        tree.wait()
        self.waypost.tree = None
        deadline = time.monotonic() + 60
        while self.tree_members():
            assert time.monotonic() < deadline, f"outlived waypost-start: {self.tree_members()}"
            time.sleep(0.01)

    def tree_members(self):
        """The tree's living processes, without those that hand in mail or look at the queue."""
        passing = ("waypost", "waypost-queue", "waypost-inject", "waypost-config")
        return {name: pids for name, pids in self.waypost.members().items() if name not in passing}


def end_of(child, seconds):
    """Its exit status; it is killed when it does not end."""
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        raise


def linger(rng):
    if rng is not None and rng.random() < 0.3:
        time.sleep(rng.uniform(0.01, 0.08))


def copy_tool(scene, tool):
    """A tracer where any user may execute it."""
    target = scene.box.folder / Path(tool).name
    if not target.exists():
        shutil.copy(tool, target)
        target.chmod(0o755)
    return target


def isolated(run, argv, build):
    """Calls run(folder) in namespaces and a folder of its own; its return value is the exit status."""
    if os.geteuid() != 0:
        print("needs root (namespaces)\n0 passed, 0 failed, 1 skipped")
        return 0
    os.environ["WAYPOST_BUILD"] = str(Path(build).resolve())
    if "WAYPOST_ISOLATED" in os.environ:
        return run(Path(os.environ["WAYPOST_ISOLATED"]))
    # On a disk: the queue refuses file systems that lose everything when power fails.
    with tempfile.TemporaryDirectory(prefix="waypost-crash-", dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # waypost runs as an ordinary user in it
        os.environ["WAYPOST_ISOLATED"] = folder
        return subprocess.run(isolated_command([sys.executable, *argv]), check=False).returncode


def seed_of(options):
    """Prints the seed, so that a failure can be repeated."""
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    return seed


class Verdict:
    """Counts the checks of one program and prints a plain line for each."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0

    def line(self, good, text):
        self.passed += bool(good)
        self.failed += not good
        print(f"{'ok  ' if good else 'FAIL'} {text}", flush=True)
        return good

    def skip(self, text):
        self.skipped += 1
        print(f"skipped: {text}", flush=True)

    def end(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 1 if self.failed or not self.passed + self.skipped else 0
