"""A Debian machine on which waypost's package is installed: a private root (tests/peers/callers) with an overlay of this
test over it, in the network of the test, at 10.77.0.1. Postfix is its mail server until install_waypost().

Nothing is configured: the package's own waypost.toml holds. The machine is home.test; mail for others goes straight to their
servers, and root's to ADMIN, as /etc/aliases has said since Postfix's days.
"""

import fcntl
import json
import os
import re
import subprocess
from pathlib import Path

from peers import debian_root
from sandbox import show, wait_until
from testing import PATIENCE, Skip
from waypost import start_tree, stop_tree

SOURCE = Path(__file__).resolve().parent.parent.parent
ADMIN = "admin@example.test"
ALICE = 2001
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def package_file():
    """The package that `make deb` made."""
    found = sorted((SOURCE / "build/deb").glob("waypost_*.deb"))
    if not found:
        raise Skip("no package in build/deb: make deb")
    return found[-1]


class Debian:
    """layer: what of tests/peers/callers lies over it."""

    def __init__(self, box, resolver="10.77.0.2", layer=None):
        self.box = box
        base = box.path("debian")
        self.root = base / "root"
        for part in ("upper", "work", "root"):
            (base / part).mkdir()
        callers = debian_root("callers")
        lower = f"{callers}.layers/{layer}:{callers}" if layer else callers
        overlay = f"lowerdir={lower},upperdir={base}/upper,workdir={base}/work"
        subprocess.run(["mount", "-t", "overlay", "-o", overlay, "none", self.root], check=True)
        for kernel in ("proc", "dev"):
            subprocess.run(["mount", "--rbind", f"/{kernel}", self.root / kernel], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", self.root / "run"], check=True)
        (self.root / "run/lock").mkdir(mode=0o1777)
        self.write("etc/mailname", "home.test\n")
        self.write("etc/aliases", f"postmaster: root\nroot: {ADMIN}\n")
        self.write("etc/resolv.conf", f"nameserver {resolver}\n")
        self.run(["useradd", "--uid", str(ALICE), "--create-home", "--shell", "/bin/sh", "alice"])
        self.log_file = box.folder / "debian-waypost.log"
        self.log_file.touch()
        box.watch_log(self.log_file)
        self.tree = None
        box.at_end(self._end)

    # ---- files and programs of the machine

    def write(self, name, text, mode=0o644):
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def environment(self, user="root", **more):
        home = "/root" if user == "root" else f"/home/{user}"
        return {"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": home, "USER": user, "LOGNAME": user,
                "DEBIAN_FRONTEND": "noninteractive", **more}

    def command(self, argv, user="root"):
        who = [] if user == "root" else [f"--userspec={user}:{user}"]
        return ["chroot", *who, str(self.root), *map(str, argv)]

    def try_to(self, argv, user="root", stdin="", timeout=60, **environment):
        """Runs it, and returns the completed process whatever its exit status; output and errors are one text."""
        return subprocess.run(self.command(argv, user), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", check=False, timeout=timeout * PATIENCE, cwd="/",
                              env=self.environment(user, **environment))

    def run(self, argv, user="root", stdin="", timeout=60, **environment):
        done = self.try_to(argv, user, stdin, timeout, **environment)
        assert done.returncode == 0, f"{show(argv)} as {user}: exit {done.returncode}: {done.stdout}"
        return done.stdout

    def shell(self, line, user="root", stdin="", **environment):
        return self.run(["/bin/sh", "-c", line], user, stdin, **environment)

    def start(self, argv, log):
        """Starts a daemon of the machine in the foreground."""
        return self.box.start(self.command(argv), log, env=self.environment())

    # ---- the package

    def install(self, package):
        """apt-get install of a file: what conflicts with it goes. Returns what was said."""
        copy = self.root / "tmp" / Path(package).name
        copy.write_bytes(Path(package).read_bytes())
        # The machine is gone when the test ends: its disk need not be waited for.
        return self.run(["apt-get", "install", "-q", "-y", "-o", "Dpkg::Options::=--force-unsafe-io", "-o",
                         "APT::Sandbox::User=root", f"/tmp/{copy.name}"], timeout=120)

    def install_waypost(self):
        self.install(package_file())
        return self

    def rebuilt(self, version):
        """The package with another version number, as an upgrade would bring it."""
        work = self.root / "tmp/rebuild"
        self.run(["dpkg-deb", "-R", f"/tmp/{package_file().name}", "/tmp/rebuild"])
        control = work / "DEBIAN/control"
        control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
        file = self.root / f"tmp/waypost_{version}.deb"
        self.run(["dpkg-deb", "-Znone", "-b", "/tmp/rebuild", f"/tmp/{file.name}"])
        return file

    def status_of(self, package):
        """As dpkg has it: "installed", "config-files", or "" for none."""
        return self.try_to(["dpkg-query", "-W", "-f", "${db:Status-Status}", package]).stdout.partition("dpkg-query")[0]

    # ---- the tree

    def start_waypost(self):
        self.tree = start_tree("/usr/sbin/waypost-start", self.log_file, env=self.environment(), cwd="/",
                               preexec_fn=lambda: os.chroot(self.root))
        return self

    def stop_waypost(self):
        tree, self.tree = self.tree, None
        stop_tree(tree, 20)

    def _end(self):
        if self.tree is not None and self.tree.poll() is None:
            self.stop_waypost()

    def list(self):
        return [json.loads(line) for line in self.run(["waypost", "list", "--json"]).splitlines()]

    def wait_for_empty_queue(self, seconds=30):
        wait_until(lambda: not self.list(), seconds, "an empty queue")

    def mailbox(self, user):
        """What lies in /var/mail for them, no letter by half: read under the lock of who writes; None when there is nothing."""
        path = self.root / "var/mail" / user
        if not path.exists():
            return None
        with path.open(errors="replace") as file:
            fcntl.lockf(file, fcntl.LOCK_SH)
            return file.read()

    def send(self, message, recipient, user="alice"):
        self.run(["/usr/sbin/sendmail", "-i", "-f", f"{user}@home.test", "--", recipient], user, message.decode())
