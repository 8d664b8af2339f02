"""What each program may do, tried in its place: in the very process, with its user, descriptors and confinement.

Every act that is not named here for a program is one that the kernel must refuse it, with EPERM or EACCES. That the
same acts succeed in an unconfined process of the same user is seen first.
"""

import os
import pwd
import signal
import subprocess
from pathlib import Path

from confined import FREE, LATER, OLD_KERNEL, TABLES, Scene, all_at_work, confined, processes
from installed import SENDMAIL, Installed
from sandbox import open_files, wait_until
from scenery import Scenery
from sink import Sink
from testing import PATIENCE, time_limit
from waypost import new_message

LIBEXEC = Path("/usr/local/libexec/waypost")
USERS = {"waypost-start": "root", "waypost-qmgr": "wayqueue", "waypost-route": "wayroute",
         "waypost-bounce": "waybounce", "waypost-deliver": "waydeliver",
         "waypost-accept": "wayaccept", "waypost-message": "wayaccept", "waypost-sasl": "waysasl",
         "waypost-overlay": "waydkim"}  # all others: waysend

SOCKETS = {"a TCP socket", "a UDP socket", "a netlink socket", "connect to the mail port"}
RESOLVING = {"read /etc/resolv.conf"}
READING = RESOLVING | {"read a file", "read /etc/passwd", "read the configuration", "list a folder"}
ANY_PORT = {"connect to a strange port", "pass for a TCP server"}
MODULES = {"make memory executable"}
MAY = {
    # The alias file may be replaced at any time, and users are those of /etc/passwd.
    "waypost-route": {"read the configuration", "read /etc/passwd", "read /etc/resolv.conf"},
    "waypost-bounce": set(),
    "waypost-deliver": {"read the configuration"},
    "waypost-sasl": {"read the configuration", "watch a folder"},  # it may write, in its folder
    "waypost-overlay": {"read the configuration"},
    "waypost-qmgr": {"read /etc/passwd", "read /etc/resolv.conf", "read the configuration", "watch a folder",
                     "a local socket", "connect to a local socket"} | MODULES,
    "waypost-accept": {"read the configuration", "read /etc/passwd", "watch a folder", "fork"},
    "waypost-message": {"read the configuration", "read /etc/passwd", "watch a folder"},
    "waypost-sender": READING | SOCKETS | ANY_PORT | MODULES | {"fork"},
    "waypost-tls": RESOLVING | SOCKETS | ANY_PORT | MODULES | {"fork"},
    "waypost-direct": RESOLVING | SOCKETS | MODULES,
    "waypost-smtp": RESOLVING | SOCKETS,  # it has TLS loaded
}
# root, which makes users, sockets and processes; it never administers the machine.
START_MAY_NOT = {"write a file", "create a file", "create a file without a name", "truncate a file", "link a file",
                 "rename a file", "unlink a file", "make a symbolic link", "make a folder", "make a pipe with a name",
                 "signal another process", "signal another's thread", "trace another process",
                 "read another's memory by name", "read another's memory",
                 "compare with another process", "fork into a namespace", "unshare a namespace",
                 "another personality", "io_uring", "a key", "change the root", "mount",
                 "load a program into the kernel", "trace the kernel"}
# root again, with the right to change the user and to signal alone: what is everybody's to do it may.
LSPAWN_MAY_NOT = {"trace another process", "read another's memory", "change the root", "mount",
                  "compare with another process", "read another's memory by name"}
# What an ordinary process can do at least, whatever the machine's own rules are.
ORDINARY_ACTS = READING | SOCKETS | ANY_PORT | {
    "write a file", "create a file", "truncate a file", "link a file", "rename a file", "unlink a file",
    "make a folder", "change a mode", "signal another process", "hold another process", "limit another process",
    "a local socket", "connect to a local socket", "fork", "map writable, executable memory",
    "make memory executable", "a file in memory", "be dumpable", "execute a program"}


def show(name, answers):
    """A row an act, and one note with their number."""
    for act, answer in answers.items():
        print(f"{name}: {act}: {answer}")
    refused = sum(answer in ("EPERM", "EACCES") for answer in answers.values())
    print(f"note: {name}: {refused} of {len(answers)} acts refused")


def wrongs(name, answers, may, may_not=None):
    """What the process could do and must not, and the other way round. may_not: all but may, unless it is given."""
    show(name, answers)
    refused = set(answers) - may if may_not is None else may_not
    found = [f"{name} can {act}: {answers[act]}" for act in sorted(refused) if answers[act] not in ("EPERM", "EACCES")]
    return found + [f"{name} cannot {act}: {answers[act]}" for act in sorted(may) if answers[act] != "done"]


@time_limit(120)
def test_each_program_of_the_tree_is_denied_what_it_does_not_need(box):
    system = Installed(box, settings=LATER, tables=TABLES)
    scene = Scene(box)
    found = all_at_work(system, Scenery(box))
    oracle = found["waypost-sasl"]
    wrong = []
    for name in ("waypost-direct", "waypost-smtp", "waypost-tls", *MAY):
        if name in found:
            answers = scene.attempt(found.pop(name), USERS.get(name, "waysend"))
            wrong += wrongs(name, answers, MAY[name])
    control = scene.attempt(scene.bystander("waysend"), "waysend")
    wrong += [f"the control cannot {act}: {control[act]}" for act in sorted(ORDINARY_ACTS) if control[act] != "done"]
    assert not wrong, "\n".join(wrong)
    # It was only asked, not hurt.
    system.must("alice", [SENDMAIL, "-i", "-f", "alice@home.test", "--", "bob@example.test"], new_message()[1])
    wait_until(lambda: len(system.list()) == 1, 20, "the next message to be delivered")
    # The last act of these makes another program of them, which ends. What waits for the first is stopped; of the second
    # waypost-start hears, and rests before it starts the tree anew. What runs token commands is kept from what waypost-start
    # is; what runs users' programs is not, and has lost root's rights in its own way.
    os.kill(oracle, signal.SIGSTOP)
    answers = scene.attempt(found.pop("waypost-token"), "waysasl")
    wrong = wrongs("waypost-token", answers, {"fork", "execute a program"}, START_MAY_NOT)
    for name, may_not in (("waypost-lspawn", LSPAWN_MAY_NOT), ("waypost-start", START_MAY_NOT)):
        answers = scene.attempt(found.pop(name), "root")
        wrong += wrongs(name, answers, {"fork", "be another user", "execute a program"}, may_not)
        wait_until(lambda: "event=restart" in system.log_file.read_text(), 20, "waypost-lspawn's end to be noticed")
    system.tree.wait(20 * PATIENCE)
    wait_until(lambda: "waypost-outpost" not in processes(), 20, "the outpost to follow waypost-start")
    found.pop("waypost-outpost")
    assert not wrong, "\n".join(wrong)
    assert not found, f"not tried: {found}"


def held_queue(box, user):
    """A waypost-queue that has half a message and waits for more."""
    entry = pwd.getpwnam(user)
    child = subprocess.Popen([LIBEXEC / "waypost-queue"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd="/",
                             env=box.environment(), user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
    box.at_end(child.wait)
    box.at_end(child.kill)
    child.stdin.write(b"Subject: half a message\n")
    child.stdin.flush()
    wait_until(lambda: any("/spool/waypost" in target for target in open_files(child.pid)), 10, "waypost-queue to open its file")
    return child.pid


def test_queue_program_can_use_its_group_for_the_spool_alone(box):
    Scenery(box)
    Installed(box, settings=LATER)
    scene = Scene(box)
    may = {"read /etc/passwd", "read the configuration", "watch a folder"}
    wrong = wrongs("waypost-queue", scene.attempt(held_queue(box, "alice"), "alice"), may)
    assert not wrong, "\n".join(wrong)


def held_show(box, system, user):
    """A `waypost show` that nobody reads, of a message that no pipe holds."""
    entry = pwd.getpwnam(user)
    system.send(user, new_message(body="a line of text\n" * 20_000)[1], "bob@example.test")
    (row,) = wait_until(lambda: system.list(user), 10, "the message")
    child = subprocess.Popen([LIBEXEC / "waypost-show", row["id"]], stdout=subprocess.PIPE, cwd="/",
                             env=box.environment(), user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
    box.at_end(child.wait)
    box.at_end(child.kill)
    wait_until(lambda: confined(child.pid), 10, "waypost-show to be confined")
    return child.pid


def test_command_has_its_callers_rights_only_for_the_queue(box):
    Scenery(box).host("mx1")  # which refuses connections: the message stays
    system = Installed(box, settings=LATER).start()
    scene = Scene(box)
    may = MAY["waypost-qmgr"] | {"be another user"}
    wrong = wrongs("waypost-show", scene.attempt(held_show(box, system, "alice"), "alice"), may)
    assert not wrong, "\n".join(wrong)


def full_pipe(box):
    """The end of a pipe to write to, which takes no more: who prints there is held where it says what it did."""
    reader, writer = os.pipe()
    box.at_end(lambda: os.close(reader))
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    return writer


def as_user(box, user, **environment):
    """Arguments of subprocess."""
    entry = pwd.getpwnam(user)
    return {"cwd": "/", "stdin": subprocess.DEVNULL, "env": box.environment(**environment), "user": entry.pw_uid,
            "group": entry.pw_gid, "extra_groups": []}


def held_command(box, user, *argv, **environment):
    """A command that has promised what it may do, and cannot end."""
    writer = full_pipe(box)
    child = subprocess.Popen([LIBEXEC / argv[0], *argv[1:]], stdout=writer, **as_user(box, user, **environment))
    os.close(writer)
    box.at_end(child.wait)
    box.at_end(child.kill)
    wait_until(lambda: confined(child.pid), 10, f"{argv[0]} to be confined")
    return child.pid


def test_compiler_writes_into_one_folder_alone(box):
    Scenery(box)
    Installed(box)
    scene = Scene(box)
    folder = box.path("compiled", owner=pwd.getpwnam("alice").pw_uid)
    pid = held_command(box, "alice", "waypost-config", "compile", "--output", folder / "snapshot")
    wait_until((folder / "snapshot").exists, 10, "the snapshot")
    wrong = wrongs("waypost-config", scene.attempt(pid, "alice"), READING | {"watch a folder"})
    assert not wrong, "\n".join(wrong)


def test_commands_keep_what_they_need_of_their_callers_rights(box):
    Scenery(box)
    system = Installed(box)
    scene = Scene(box)
    wrong = wrongs("waypost-route FROM TO", scene.attempt(
        held_command(box, "alice", "waypost-route", "alice@home.test", "bob@example.test"), "alice"),
        MAY["waypost-route"])
    system.start()
    pid = held_command(box, "root", "waypost-top", "--json")
    wrong += wrongs("waypost-top", scene.attempt(pid, "root"), {"a local socket", "connect to a local socket"})
    assert not wrong, "\n".join(wrong)


def test_reload_keeps_what_the_programs_need_that_it_executes(box):
    Scenery(box)
    Installed(box)
    scene = Scene(box)
    alice = pwd.getpwnam("alice").pw_uid
    home = {part: box.path(part, owner=alice) for part in ("home", "home/etc", "home/spool", "home/temporary")}["home"]
    (home / "etc/waypost.toml").write_text('hostname = "out.home.test"\n')
    where = {"WAYPOST_HOME": str(home), "TMPDIR": str(home / "temporary")}
    subprocess.run([LIBEXEC / "waypost-reload"], stdout=subprocess.DEVNULL, check=True, **as_user(box, "alice", **where))
    pid = held_command(box, "alice", "waypost-reload", "--simulate", "--json", **where)
    wait_until(lambda: "waypost-route" in processes(), 10, "the program that it executes")
    # A program that it executes is dumpable at first, so keeping it from that itself would be for nothing.
    may = READING | MODULES | {"watch a folder", "a local socket", "connect to a local socket", "fork", "be another user",
                               "be dumpable"}
    wrong = wrongs("waypost-reload", scene.attempt(pid, "alice"), may)
    assert not wrong, "\n".join(wrong)


# Executes the program named first, stopped before its first instruction, and tells who owns its /proc entries then:
# those of a process that is not dumpable are root's.
BEFORE_FIRST_INSTRUCTION = r"""
import ctypes, os, sys
child = os.fork()
if child == 0:
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[2]))
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    os.execv(sys.argv[1], [sys.argv[1]])
os.waitpid(child, 0)
print(os.path.basename(os.readlink(f"/proc/{child}/exe")), os.stat(f"/proc/{child}/environ").st_uid)
os.kill(child, 9)
"""


def owner_before_first_instruction(system, program, user):
    entry = pwd.getpwnam(user)
    argv = ["/usr/bin/python3", "-c", BEFORE_FIRST_INSTRUCTION, str(program), str(entry.pw_uid), str(entry.pw_gid)]
    name, uid = system.must("root", argv).split()
    assert name == Path(program).name
    return pwd.getpwuid(int(uid)).pw_name


def test_senders_and_spawner_are_not_dumpable_from_their_first_instruction(box):
    Scenery(box)
    system = Installed(box)
    for name, user in (("waypost-sender", "waysend"), ("waypost-deliver", "waydeliver")):
        owner = owner_before_first_instruction(system, LIBEXEC / name, user)
        assert owner == "root", f"{name}: {owner}"
    control = owner_before_first_instruction(system, LIBEXEC / "waypost-route", "wayroute")
    assert control == "wayroute", "what may be read is dumpable at first"


def test_all_programs_of_the_tree_cannot_be_dumped_traced_or_raised(box):
    system = Installed(box, settings=LATER, tables=TABLES)
    for name, pid in all_at_work(system, Scenery(box)).items():
        fields = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
        filters = "0" if name in FREE else "2"
        assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", filters), f"{name}: {fields}"
        assert Path(f"/proc/{pid}/environ").stat().st_uid == 0, f"{name} is dumpable"


def test_start_says_once_what_the_kernel_keeps(box):
    Scenery(box)
    system = Installed(box).start()
    lines = [line for line in system.log_file.read_text().splitlines() if "event=confinement" in line]
    assert len(lines) == 1 and "landlock_abi=" in lines[0] and "seccomp=yes" in lines[0], lines


def test_kernel_without_seccomp_and_landlock_delivers_mail(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    system = Installed(box)
    wrapper = box.folder / "start-as-then"
    wrapper.write_text(f'#!/bin/sh\nexec {OLD_KERNEL} /usr/local/sbin/waypost-start "$@"\n')
    wrapper.chmod(0o755)
    system.start(wrapper)
    token, message = new_message()
    done = system.run("root", [OLD_KERNEL, "/usr/bin/setpriv", "--reuid=alice", "--regid=alice", "--clear-groups",
                               SENDMAIL, "-i", "-f", "alice@home.test", "--", "bob@example.test"], message)
    assert done.returncode == 0, done.stderr
    assert token.encode() in sink.wait_for(1)[0].data
    log = system.log_file.read_text()
    assert log.count("event=confinement") == 1 and "level=warning program=waypost-start event=confinement " \
        "landlock_abi=0 seccomp=no not_kept_from=\"system calls, files by name" in log, log
