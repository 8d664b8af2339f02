"""The installed system: every program under its own user, and what an ordinary user can reach of it: nothing."""

import os
import stat
import subprocess
from pathlib import Path

from confined import LATER, TABLES, all_at_work
from installed import ATTEMPT, ORDINARY, SENDMAIL, SPOOL, Installed
from peers import Postfix
from sandbox import open_files, wait_until
from scenery import Scenery
from sink import Sink, refuse
from waypost import new_message

QUEUE = "/usr/local/libexec/waypost/waypost-queue"

# Tried by an ordinary user on a queue file of somebody else, and on one of their own; each must fail, or show that
# the file cannot even be named. Prints what succeeded.
INTRUDER = ATTEMPT + r"""
import ctypes, os, sys
path, copy = sys.argv[1], sys.argv[2]
libc = ctypes.CDLL(None, use_errno=True)
attempt("open for reading", lambda: os.open(path, os.O_RDONLY))
attempt("open for writing", lambda: os.open(path, os.O_WRONLY))
attempt("open for appending", lambda: os.open(path, os.O_WRONLY | os.O_APPEND))
attempt("open as a path", lambda: os.open(path, os.O_PATH))
attempt("truncate", lambda: os.truncate(path, 0))
attempt("chmod", lambda: os.chmod(path, 0o666))
attempt("chown", lambda: os.chown(path, os.getuid(), os.getgid()))
attempt("set times", lambda: os.utime(path, (0, 0)))
attempt("hard link", lambda: os.link(path, copy))
attempt("rename", lambda: os.rename(path, copy))
attempt("unlink", lambda: os.unlink(path))
attempt("stat", lambda: os.stat(path))
attempt("list the folder", lambda: os.listdir(os.path.dirname(path)))
attempt("extended attribute", lambda: os.setxattr(path, "user.x", b"1"))
attempt("create beside it", lambda: os.open(path + "x", os.O_WRONLY | os.O_CREAT, 0o600))
attempt("inotify", lambda: [libc.inotify_add_watch(libc.inotify_init(), path.encode(), 0xfff) >= 0 or
                            (_ for _ in ()).throw(OSError())])
"""

# Run as the caller of a waypost-queue that is at work, with its process id: what it can take from it.
THIEF = r"""
import ctypes, os, sys
pid = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
def succeeded(name, result):
    if result >= 0:
        print(name)
for number in range(8):
    try:
        os.open(f"/proc/{pid}/fd/{number}", os.O_RDWR)
        print("open a descriptor through /proc")
    except OSError:
        pass
try:
    open(f"/proc/{pid}/mem", "rb")
    print("read its memory")
except OSError:
    pass
PTRACE_SEIZE, PIDFD_GETFD = 0x4206, 438
succeeded("trace it", libc.ptrace(PTRACE_SEIZE, pid, 0, 0))
pidfd = os.pidfd_open(pid)
for number in range(8):
    succeeded("copy a descriptor", libc.syscall(PIDFD_GETFD, pidfd, number, 0))
"""

EXPECTED_USERS = {"waypost-qmgr": "wayqueue", "waypost-route": "wayroute", "waypost-bounce": "waybounce",
                  "waypost-deliver": "waydeliver", "waypost-sasl": "waysasl", "waypost-token": "waysasl",
                  "waypost-overlay": "waydkim", "waypost-start": "root"}


def queue_files():
    """Every message's file, in new/ and in cur/XX/."""
    return [path for folder in ("new", "cur") for path in (SPOOL / folder).rglob("*") if path.is_file()]


def intrude(system, user, path):
    copy = f"/tmp/stolen-{user}"
    done = system.run(user, ["/usr/bin/python3", "-c", INTRUDER, str(path), copy])
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def test_a_whole_retry_cycle_on_the_installed_system(box):
    scenery = Scenery(box)
    mx1 = Sink(scenery.host("mx1").listen(25), refuse("RCPT", "450 4.7.1 Greylisted", 1))
    Sink(scenery.host("mx2").listen(25), refuse("RCPT", "550 5.1.1 no"))
    home = Postfix(box, scenery.host("home"))
    system = Installed(box).start()
    token, message = new_message()
    system.send("alice", message, "bob@example.test", "carol@two.test")
    assert token.encode() in mx1.wait_for(1)[0].data
    (notice,) = home.wait_for(1)
    assert b"carol@two.test" in notice and token.encode() in notice
    system.wait_for_empty_queue()
    assert sum(line.startswith("MAIL ") for line in mx1.commands()) == 2 and queue_files() == []


def test_each_program_has_its_own_user(box):
    system = Installed(box, settings=LATER, tables=TABLES)
    all_at_work(system, Scenery(box))
    users = system.users_of_members()
    for program, user in EXPECTED_USERS.items():
        assert user in users[program], f"{program} runs as {users[program]}"
    for program in ("waypost-qmgr", "waypost-route", "waypost-bounce", "waypost-sasl", "waypost-token", "waypost-overlay"):
        assert users[program] == {EXPECTED_USERS[program]}, f"{program} also runs as {users[program]}"
    others = set().union(*(value for name, value in users.items() if name != "waypost-start"))
    assert "waysend" in others, f"a sender runs as waysend, of {users}"


def test_three_users_cannot_touch_queue_files(box):
    Scenery(box).host("mx1")  # which refuses connections: mail stays
    system = Installed(box, settings=LATER)
    for user in ORDINARY:
        system.send(user, new_message()[1], "bob@example.test")
    in_new = queue_files()
    system.start()
    system.send("alice", new_message()[1], "bob@example.test")
    wait_until(lambda: [row["recipients"][0]["attempts"] for row in system.list()] == [1] * 4, 10, "the first attempts")
    in_cur = queue_files()
    assert len(in_new) == 3 and len(in_cur) == 4
    for path in in_cur:
        before = path.stat()
        content = path.read_bytes()
        for user in ORDINARY:
            assert intrude(system, user, path) == [], f"{user} at {path}"
        after = path.stat()
        assert (before.st_uid, before.st_mode, before.st_nlink, before.st_size) == \
               (after.st_uid, after.st_mode, after.st_nlink, after.st_size)
        assert content == path.read_bytes()
    assert system.tree.poll() is None


def test_three_users_cannot_touch_queue_files_before_the_manager_saw_them(box):
    Scenery(box)
    system = Installed(box, settings=LATER)
    for user in ORDINARY:
        system.send(user, new_message()[1], "bob@example.test")
    files = queue_files()
    assert len(files) == 3 and {path.parent.name for path in files} == {"new"}
    assert {path.stat().st_uid for path in files} == set(ORDINARY.values()), "a file belongs to the caller's uid"
    for path in files:
        for user in ORDINARY:
            assert intrude(system, user, path) == [], f"{user} at {path}"


def test_running_queue_program_lends_its_caller_nothing(box):
    Scenery(box)
    system = Installed(box, settings=LATER)
    uid = ORDINARY["alice"]
    child = subprocess.Popen([QUEUE], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=box.environment(), cwd="/",
                             user=uid, group=uid, extra_groups=[])
    child.stdin.write(b"Subject: half a message\n")
    child.stdin.flush()
    wait_until(lambda: any(str(SPOOL) in target for target in open_files(child.pid)), 10, "waypost-queue to open its file")
    done = system.run("alice", ["/usr/bin/python3", "-c", THIEF, str(child.pid)])
    assert done.returncode == 0 and done.stdout == b"", done
    child.kill()
    child.wait()


def test_spool_has_the_documented_owners_and_modes(box):
    Scenery(box)
    system = Installed(box).start()
    new = SPOOL / "new"
    assert (new.owner(), new.group(), stat.S_IMODE(new.stat().st_mode)) == ("wayqueue", "waydrop", 0o1770)
    for folder in (SPOOL / "cur").iterdir():
        assert (folder.owner(), stat.S_IMODE(folder.stat().st_mode)) == ("wayqueue", 0o700), folder
    queue = Path(QUEUE).stat()
    assert stat.S_IMODE(queue.st_mode) & 0o6000 == 0o2000, "waypost-queue is set-gid, and nothing else"
    setid = [path for path in Path("/usr/local").rglob("*") if path.is_file() and not path.is_symlink()
             and path.stat().st_mode & 0o6000 and path.name != "waypost-queue"]
    assert setid == []
    assert system.tree.poll() is None


def test_users_see_only_their_own_messages(box):
    Scenery(box)
    system = Installed(box, settings=LATER).start()
    for user in ("alice", "bob"):
        system.send(user, new_message()[1], "x@example.test")
    wait_until(lambda: len(system.list()) == 2, 10, "both in the queue")
    (of_alice,) = system.list("alice")
    assert of_alice["account"] == "alice" and of_alice["sender"] == "alice@home.test"
    assert system.list("carol") == []
    waypost = "/usr/local/bin/waypost"
    its_id = of_alice["id"]
    for words in (["why", its_id], ["show", its_id]):
        done = system.run("bob", [waypost, *words])
        assert done.returncode == 100 and not done.stdout, f"bob: {words}: exit {done.returncode}: {done.stdout}"
        assert system.must("alice", [waypost, *words])
    of_everybody = system.must("root", [waypost, "why", "x@example.test"])
    assert "alice@home.test" in of_everybody and "bob@home.test" in of_everybody
    assert "bob@" not in system.must("alice", [waypost, "why", "x@example.test"])
    for words in (["why", "alice@home.test"], ["why", "--transcript", "alice@home.test"]):
        done = system.run("bob", [waypost, *words])
        assert done.returncode == 100 and not done.stdout, f"bob: {words}: exit {done.returncode}: {done.stdout}"
    assert system.run("carol", [waypost, "reload"]).returncode != 0, "a reload is not for everybody"


def test_set_gid_queue_obeys_a_home_only_after_giving_up_its_group(box):
    Scenery(box)
    system = Installed(box, settings=LATER)
    home = box.path("of-alice", owner=ORDINARY["alice"])
    for part in ("etc", "run", "spool", "spool/new", "spool/cur", "spool/tmp", "spool/bad"):
        box.path(f"of-alice/{part}", owner=ORDINARY["alice"])
    # A personal home whose new/ is the system's: the group is gone, so it must fail.
    os.rmdir(home / "spool/new")
    os.symlink(SPOOL / "new", home / "spool/new")
    script = f"exec /usr/bin/env WAYPOST_HOME={home} {SENDMAIL} -i -f alice@home.test -- bob@example.test"
    done = system.run("alice", ["/bin/sh", "-c", script], new_message()[1])
    assert done.returncode != 0
    assert queue_files() == [], "nothing may come into the system's queue by way of WAYPOST_HOME"


def test_login_and_peer_count_only_from_uids_of_waypost(box):
    Scenery(box)
    system = Installed(box, settings=LATER)
    _, message = new_message()
    envelope = box.folder / "envelope"
    envelope.write_bytes(b"Falice@home.test\0Asmtp:root\0P192.0.2.1\0Tbob@example.test\0\0")
    system.run("alice", ["/bin/sh", "-c", f"exec {QUEUE} 1<{envelope}"], message)
    assert all(row["account"] == "alice" for row in system.list())


def test_account_is_the_real_user_whatever_the_sender_says(box):
    scenery = Scenery(box)
    relay = Sink(scenery.host("relay").listen(25))
    mx1 = Sink(scenery.host("mx1").listen(25))
    tables = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n[[account.alice.route]]\ntransport = "relay"\n'
    system = Installed(box, tables=tables).start()
    system.must("alice", [SENDMAIL, "-i", "-f", "bob@home.test", "--", "x@example.test"], new_message()[1])
    relay.wait_for(1)
    system.must("bob", [SENDMAIL, "-i", "-f", "alice@home.test", "--", "x@example.test"], new_message()[1])
    mx1.wait_for(1)
    assert len(relay.messages) == 1
