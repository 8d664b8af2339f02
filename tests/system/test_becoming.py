"""sendmail on the installed system becomes waypost-queue with what fits into its pipes: the same mail, words and exits."""

import os
import resource
import subprocess
from pathlib import Path

from installed import ORDINARY, SENDMAIL, Installed
from sandbox import wait_until
from scenery import Scenery
from waypost import CONFIG_HEAD, new_message

EX_OK, EX_DATAERR, EX_TEMPFAIL = 0, 65, 75
QUEUE = Path("/usr/local/libexec/waypost/waypost-queue")
LATER = 'retry = ["1h", "1h", "1h"]\n'
LARGE = 200 << 10  # bytes: more than a pipe holds


def letter(size):
    return new_message(to="x@example.test")[1].ljust(size - 1, b"x") + b"\n"


def without_processes(message):
    """sendmail of a user who may start no process more."""
    return subprocess.run([SENDMAIL, "-i", "x@example.test"], input=message, capture_output=True, check=False, cwd="/",
                          user=ORDINARY["alice"], group=ORDINARY["alice"], extra_groups=[],
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)))


def configure(system, settings):
    Path("/etc/waypost/waypost.toml").write_text(CONFIG_HEAD + LATER + settings)
    system.must("root", ["/usr/local/libexec/waypost/waypost-config", "compile"])


def test_small_message_needs_no_second_process_and_a_large_one_does(box):
    Scenery(box).host("mx1")  # which refuses connections: mail stays
    system = Installed(box, settings=LATER).start()
    done = without_processes(letter(4096))
    assert (done.returncode, done.stdout, done.stderr) == (EX_OK, b"", b""), done
    done = without_processes(letter(LARGE))
    assert done.returncode == os.EX_OSERR and b"vfork" in done.stderr, done
    large = letter(LARGE)
    system.must("alice", [SENDMAIL, "-i", "x@example.test"], large)
    rows = wait_until(lambda: len(found := system.list()) == 2 and found, 20, "both in the list")
    small, whole = sorted(rows, key=lambda row: row["size"])
    assert small["account"] == whole["account"] == "alice", (small, whole)
    shown = system.must("root", ["/usr/local/bin/waypost", "show", whole["id"]]).encode().replace(b"\r\n", b"\n")
    assert shown.endswith(large.split(b"\n\n", 1)[1]), "the large message is not whole"


def test_refusal_is_told_in_sendmail_s_name_and_by_its_exits(box):
    system = Installed(box, settings=LATER)
    rows = [
        ('size_max = "2KB"\n', EX_DATAERR, ["waypost-queue: the message is larger than size_max",
                                            "sendmail: the message was not accepted: the message is refused"]),
        ('queue_free_min = "99%"\n', EX_TEMPFAIL, ["waypost-queue: ", "sendmail: the message was not accepted: the queue"]),
    ]
    for settings, status, lines in rows:
        configure(system, settings)
        done = system.run("alice", [SENDMAIL, "-i", "x@example.test"], letter(4096))
        told = done.stderr.decode().splitlines()
        assert done.returncode == status and len(told) == len(lines), f"{settings}: {done}"
        assert all(line.startswith(begin) for line, begin in zip(told, lines)), f"{settings}: {told}"
    done = system.run("alice", [SENDMAIL, "-L", "backup\x1b[m", "-i", "x@example.test"], letter(4096))
    assert done.stderr.decode().splitlines()[-1].startswith("backup\\x1b[m: the message was not accepted"), done


def test_program_in_the_place_of_waypost_queue_keeps_its_own_exits(box):
    system = Installed(box, settings=LATER)
    QUEUE.rename(QUEUE.with_name("real"))
    QUEUE.write_text(f'#!/bin/sh\n[ $# = 0 ] || exit 81\nexec {QUEUE.with_name("real")}\n')
    QUEUE.chmod(0o755)
    done = system.run("alice", [SENDMAIL, "-i", "x@example.test"], letter(4096))
    assert (done.returncode, done.stderr) == (EX_OK, b""), done
    QUEUE.write_text("#!/bin/sh\nexit 31\n")
    done = system.run("alice", [SENDMAIL, "-i", "x@example.test"], letter(4096))
    assert done.returncode == EX_DATAERR and b"sendmail: the message was not accepted" in done.stderr, done
