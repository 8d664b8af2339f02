"""Every file of an installed waypost with its owner and mode, held against the table in waypost-install(7); and each user of
the system, tried at what is not theirs."""

import fnmatch
import os
import pwd
import re
import stat
import subprocess
from pathlib import Path

from installed import ATTEMPT, ORDINARY, SOURCE, Installed
from sandbox import wait_until
from scenery import Scenery
from test_privilege import LATER, queue_files
from waypost import new_message

LIBEXEC = "/usr/local/libexec/waypost"
ROOTS = (LIBEXEC, "/etc/waypost", "/run/waypost", "/var/spool/waypost", "/var/log/waypost")
CREDENTIAL = "smtp-login"
SIGNING_KEY = "/etc/waypost/dkim/home.test/s.pem"

# Each line: what is tried, and how; run as a user, with the paths of a message, a key, a sealed credential, a key that signs.
TRIALS = ATTEMPT + r"""
import os, socket, sys
message, key, sealed, signing = sys.argv[1:]
attempt("read a message", lambda: os.open(message, os.O_RDONLY))
attempt("change a message", lambda: os.open(message, os.O_WRONLY))
attempt("list the queue's folder", lambda: os.listdir("/var/spool/waypost/cur"))
attempt("list the folder of new messages", lambda: os.listdir("/var/spool/waypost/new"))
attempt("put something into the queue's folder", lambda: os.mkdir("/var/spool/waypost/cur/99"))
attempt("put something into the folder of damage", lambda: os.mkdir("/var/spool/waypost/bad/x"))
attempt("put something beside the queue", lambda: os.mkdir(f"/var/spool/waypost/x{os.getuid()}"))
attempt("drop a name into new", lambda: os.close(os.open(f"/var/spool/waypost/new/.x{os.getuid()}", os.O_CREAT | os.O_WRONLY)))
attempt("read a key", lambda: os.open(key, os.O_RDONLY))
attempt("read a sealed credential", lambda: os.open(sealed, os.O_RDONLY))
attempt("read a key that signs", lambda: os.open(signing, os.O_RDONLY))
attempt("change a key that signs", lambda: os.open(signing, os.O_WRONLY))
attempt("add a key that signs", lambda: os.mkdir("/etc/waypost/dkim/home.test/x"))
attempt("change a sealed credential", lambda: os.open(sealed, os.O_WRONLY))
attempt("add a credential", lambda: os.mkdir("/etc/waypost/credentials/x"))
attempt("change the configuration", lambda: os.open("/etc/waypost/waypost.toml", os.O_WRONLY))
attempt("change what is compiled", lambda: os.open("/etc/waypost/snapshot", os.O_WRONLY))
attempt("put a socket in the place of another", lambda: os.rename("/run/waypost/control", "/run/waypost/x"))
attempt("change a program", lambda: os.open("/usr/local/libexec/waypost/waypost-queue", os.O_WRONLY))
attempt("read the log", lambda: os.listdir("/var/log/waypost"))
"""
ALLOWED = {
    "wayqueue": {"read a message", "change a message", "list the queue's folder", "list the folder of new messages",
                 "put something into the queue's folder", "put something into the folder of damage",
                 "put something beside the queue", "drop a name into new"},
    "waysasl": {"read a key", "read a sealed credential"},
    "waydkim": {"read a key that signs"},
    "waylog": {"read the log"},
}


def documented():
    """Pattern to (owner, group, mode), of the table in the manual."""
    rows = re.findall(r"(?m)^\.It Pa (\S+) Ta (.+?) Ta (.+?) Ta ([0-7]{4})$", (SOURCE / "man/waypost-install.7").read_text())
    return {re.sub("^libexec", LIBEXEC, path): (owner.replace("\\ ", " "), group, mode) for path, owner, group, mode in rows}


def row_of(path, table):
    """The most exact pattern that fits, component by component."""
    fitting = [pattern for pattern in table if pattern.count("/") == path.count("/") and
               all(fnmatch.fnmatchcase(a, b) for a, b in zip(path.split("/"), pattern.split("/")))]
    return max(fitting, key=lambda pattern: len(pattern.replace("*", "")), default=None)


def populated(box):
    """A running system with a message of alice's that waits, and a credential."""
    Scenery(box).host("mx1")  # which refuses connections: mail stays
    system = Installed(box, settings=LATER).start()
    system.must("root", ["/usr/local/bin/waypost", "credential", "add", CREDENTIAL], b"secret\n")
    system.must("root", ["/usr/local/bin/waypost", "dkimsign", "keygen", "home.test", "s", "--type", "ed25519"])
    system.send("alice", new_message()[1], "bob@example.test")
    wait_until(lambda: [row["recipients"][0]["attempts"] for row in system.list()] == [1], 10, "the first attempt")
    return system


def users_of_waypost():
    listed = subprocess.run([SOURCE / "etc/install-system", "users"], stdout=subprocess.PIPE, text=True, check=True)
    return listed.stdout.split()


def test_every_file_has_the_documented_owner_and_mode(box):
    populated(box)
    table, used, wrong = documented(), set(), []
    paths = [path for root in ROOTS for path in (Path(root), *Path(root).rglob("*")) if not path.is_symlink()]
    for path in paths:
        row = row_of(str(path), table)
        used.add(row)
        if row is None:
            wrong.append(f"{path}: not documented")
            continue
        owner, group, mode = table[row]
        status = path.stat()
        found = ("the caller" if status.st_uid == ORDINARY["alice"] else path.owner(), path.group(),
                 f"{stat.S_IMODE(status.st_mode):04o}")
        if found != (owner, group, mode):
            wrong.append(f"{path}: {found}, documented: {table[row]}")
    assert not wrong, "\n".join(wrong)
    assert not table.keys() - used, f"documented, and not there: {sorted(table.keys() - used)}"
    for link in ("bin/waypost", "bin/mailq", "bin/newaliases", "sbin/sendmail", "sbin/waypost-start"):
        path = Path("/usr/local") / link
        assert path.is_symlink() and path.resolve().parent == Path(LIBEXEC), link


def test_users_of_the_tree_are_those_that_installation_makes(_box):
    wanted = set(re.findall(r'\{"(way[a-z]+)"', (SOURCE / "start/accounts.cc").read_text()))
    made = set(users_of_waypost())
    assert wanted and wanted <= made, f"installation makes no {sorted(wanted - made)}"


def test_nobody_reaches_what_is_not_theirs(box):
    populated(box)
    (message,) = queue_files()
    (key,) = Path("/etc/waypost/credentials").glob("key-*")
    sealed = f"/etc/waypost/credentials/{CREDENTIAL}.sealed"
    for user in [*users_of_waypost(), *ORDINARY, "nobody"]:
        entry = pwd.getpwnam(user)
        done = subprocess.run(["/usr/bin/python3", "-c", TRIALS, str(message), str(key), sealed, SIGNING_KEY], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, cwd="/", user=entry.pw_uid,
                              group=entry.pw_gid, extra_groups=os.getgrouplist(user, entry.pw_gid))
        assert done.returncode == 0, done.stderr
        assert set(done.stdout.splitlines()) == ALLOWED.get(user, set()), f"{user}: {done.stdout}"
