"""waypost installed as on a real machine: `make install install-system`, its own users and modes, run by root.

It is installed for true, into folders that only this test's mount namespace sees: /etc and /usr/local are overlays,
/var/spool and /var/log are folders of the test on the disk. So install-system may add users and groups, and the test adds three
ordinary ones: alice, bob and carol.
"""

import json
import os
import pwd
import subprocess
from pathlib import Path

from sandbox import wait_until
from testing import PATIENCE
from waypost import CONFIG_HEAD, RETRY_QUICKLY, start_tree, stop_tree

SOURCE = Path(__file__).resolve().parent.parent.parent
ORDINARY = {"alice": 2001, "bob": 2002, "carol": 2003}
SPOOL = Path("/var/spool/waypost")
SENDMAIL = "/usr/local/sbin/sendmail"
# The beginning of a program that tries what its user may not, and prints what succeeded.
ATTEMPT = """
def attempt(name, action):
    try:
        action()
    except OSError:
        return
    print(name)
"""


def cover(box, folder):
    """Lays an overlay over a folder of the system: it may be changed, and nothing of it remains."""
    base = box.path("over" + folder.replace("/", "-"))
    for part in ("upper", "work"):
        (base / part).mkdir()
    options = f"lowerdir={folder},upperdir={base}/upper,workdir={base}/work"
    subprocess.run(["mount", "-t", "overlay", "-o", options, "none", folder], check=True)


class Installed:
    def __init__(self, box, settings=RETRY_QUICKLY, tables=""):
        self.box = box
        for folder in ("/etc", "/usr/local"):
            cover(box, folder)
        for folder in ("spool", "log"):
            subprocess.run(["mount", "--bind", box.path(f"var-{folder}"), f"/var/{folder}"], check=True)
        self._add_people()
        self._install()
        Path("/etc/waypost").mkdir(exist_ok=True)
        Path("/etc/waypost/waypost.toml").write_text(CONFIG_HEAD + settings + tables)
        self.log_file = box.folder / "installed-waypost.log"
        self.log_file.touch()
        box.watch_log(self.log_file)
        self.tree = None
        self.must("root", ["/usr/local/libexec/waypost/waypost-config", "compile"])
        box.at_end(self._end)

    def _add_people(self):
        for name, uid in ORDINARY.items():
            for file, line in (("passwd", f"{name}:x:{uid}:{uid}::/:/bin/sh\n"), ("group", f"{name}:x:{uid}:\n")):
                with open(f"/etc/{file}", "a", encoding="ascii") as database:
                    database.write(line)

    def _install(self):
        build = Path(os.environ["WAYPOST_BUILD"]).name
        command = ["make", "-C", str(SOURCE), f"BUILD={build}", "PREFIX=/usr/local", "install", "install-system"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, f"make install install-system: {done.stdout}"

    # ---- running things as somebody

    def run(self, user, argv, stdin=b""):
        entry = pwd.getpwnam(user)
        return subprocess.run(argv, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", check=False,
                              env=self.box.environment(USER=user, HOME="/"), timeout=30 * PATIENCE,
                              user=entry.pw_uid, group=entry.pw_gid, extra_groups=os.getgrouplist(user, entry.pw_gid))

    def must(self, user, argv, stdin=b""):
        done = self.run(user, argv, stdin)
        assert done.returncode == 0, f"{argv} as {user}: exit {done.returncode}: {done.stderr.decode()}"
        return done.stdout.decode()

    def send(self, user, message, *recipients):
        self.must(user, [SENDMAIL, "-i", "-f", f"{user}@home.test", "--", *recipients], message)

    def list(self, user="root"):
        return [json.loads(line) for line in self.must(user, ["/usr/local/bin/waypost", "list", "--json"]).splitlines()]

    # ---- the tree

    def start(self, program="/usr/local/sbin/waypost-start"):
        self.tree = start_tree(program, self.log_file, env=self.box.environment(), cwd="/")
        return self

    def stop(self):
        tree, self.tree = self.tree, None
        stop_tree(tree, 20)

    def _end(self):
        if self.tree is not None and self.tree.poll() is None:
            self.stop()

    def users_of_members(self):
        """Program name to the users that its processes have as real, effective, saved or file system user."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                program = Path(os.readlink(entry / "exe")).name
                (line,) = [s for s in (entry / "status").read_text().splitlines() if s.startswith("Uid:")]
            except OSError:
                continue
            if program.startswith("waypost"):
                uids = {pwd.getpwuid(int(uid)).pw_name for uid in line.split()[1:]}
                found.setdefault(program, set()).update(uids)
        return found

    def wait_for_empty_queue(self, seconds=20):
        wait_until(lambda: not self.list(), seconds, "an empty queue")
