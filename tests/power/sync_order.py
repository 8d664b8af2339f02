#!/usr/bin/python3
"""The order of syncs in which waypost-queue makes a message durable, and waypost-start the spool, as the kernel saw it.

    sync_order.py [--build DIR]

Power cuts on ext4 cannot show that the folder's fsync is missing: there the fsync of the file commits its
name too. Other file systems promise that only for the folder's own fsync, so this test asks strace:
    the whole file is written, then named, then fsync(file), then fsync(folder), each successful, then exit 0
    waypost-accept does the same, and then it answers
    when a sync fails (strace injects EIO), the name goes and the exit status is 53
    with remove_sync = "batch" the manager syncs each folder in which it removed a name, after that
    every folder that waypost-start makes below the spool, and the spool itself, is durable before the first
    member starts: the folder that holds its name is synced after mkdir
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))

import scene  # noqa: E402

from letters import Letter  # noqa: E402  (scene sets the path)
from sandbox import wait_until  # noqa: E402
from waypost import BUILD  # noqa: E402

CALL = re.compile(r"(?P<call>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)")
MADE = re.compile(r'(?:\w+<(?P<within>[^>]*)>, )?"(?P<name>[^"]*)"')
TRACED = ("write,pwrite64,writev,pwritev,linkat,rename,renameat,renameat2,unlink,unlinkat,"
          "fsync,fdatasync,syncfs,exit_group")


def run_traced(stage, letter, *strace):
    """Runs waypost-queue under strace: (exit status, [(call, arguments, result)])."""
    trace = stage.box.folder / "trace"
    uid = stage.waypost.uid
    # waypost-queue is not dumpable: only root can follow its descriptors.
    argv = ["strace", "--decode-fds=path", "--output", trace, f"--trace={TRACED}", *strace,
            "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", BUILD / "waypost-queue"]
    with stage.injector(letter, argv, uid=0) as child:
        status = child.wait(240)
    found = (CALL.match(line) for line in trace.read_text(errors="replace").splitlines())
    return status, [(m["call"], m["arguments"], int(m["result"])) for m in found if m]


def handed_over_traced(stage, letter):
    """waypost-accept takes a letter under strace: (exit status of waypost-queue, [(call, arguments, result)])."""
    trace = stage.box.folder / "accept-trace"
    stage.waypost.start()
    assert stage.by_handover(letter) == 0  # so that it runs
    (pid,) = wait_until(lambda: len(found := stage.waypost.pids_of("waypost-accept")) == 1 and found, 10, "it to wait")
    argv = ["strace", "-f", "-p", str(pid), "--decode-fds=path", "--output", trace, f"--trace={TRACED},sendto"]
    tracer = subprocess.Popen([str(word) for word in argv], stderr=subprocess.PIPE)
    tracer.stderr.readline()  # that it is attached
    status = stage.by_handover(letter)
    wait_until(lambda: "S0 " in trace.read_text(errors="replace"), 30, "the answer in the trace")
    tracer.terminate()
    tracer.wait(120)
    stage.waypost.stop()
    found = (CALL.search(line) for line in trace.read_text(errors="replace").splitlines())
    return status, [(m["call"], m["arguments"], int(m["result"])) for m in found if m]


def steps(calls, new):
    """The story in words, without what concerns other files: write, name, sync file, sync folder, unname."""
    words = []
    for call, arguments, result in calls:
        in_new = new in arguments
        if call in ("write", "pwrite64", "writev", "pwritev") and in_new:
            word = "write"
        elif call.startswith(("link", "rename")):
            word = "name"
        elif call.startswith("unlink"):
            word = "unname"
        elif call == "sendto" and "S0 " in arguments:
            word = "answer"
        elif call in ("fsync", "fdatasync") and in_new:
            folder = re.search(re.escape(new) + r"\/?>", arguments)
            word = f"{call} {'folder' if folder else 'file'}"
        else:
            continue
        word += "" if result >= 0 else " failed"
        if not words or words[-1] != word:
            words.append(word)
    return words


def start_traced(stage):
    """The calls of waypost-start on a home without a spool, until its first child."""
    trace, uid = stage.box.folder / "start-trace", stage.waypost.uid
    shutil.rmtree(stage.spool)
    argv = ["strace", "--decode-fds=path", "--output", trace, "--trace=mkdir,mkdirat,fsync,clone,clone3,fork,vfork",
            "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", BUILD / "waypost-start"]
    tracer = subprocess.Popen([str(word) for word in argv], env=stage.waypost.environment(), cwd=stage.waypost.home,
                              stderr=subprocess.DEVNULL)
    wait_until(lambda: "waypost-qmgr" in stage.waypost.members(), 20, "the first member to start")
    os.kill(min(stage.waypost.pids_of("waypost-start")), signal.SIGTERM)  # the others are its forks
    tracer.wait(120)
    found = [CALL.match(line) for line in trace.read_text(errors="replace").splitlines()]
    calls = [(m["call"], m["arguments"], int(m["result"])) for m in found if m]
    children = [at for at, (call, _, _) in enumerate(calls) if "clone" in call or "fork" in call]
    return calls[:children[0]] if children else []


def folders_at_risk(calls, spool):
    """(folders made at or below the spool, those of them whose name no later sync of the folder above covers)"""
    made, at_risk = [], {}
    for call, arguments, result in calls:
        if result < 0:
            continue
        if call.startswith("mkdir"):
            parts = MADE.match(arguments)
            path = os.path.join(parts["within"] or "", parts["name"])
            if path.startswith(spool):
                made.append(path)
                at_risk[path] = os.path.dirname(path)
        elif call == "fsync":
            synced = re.search(r"<(.*)>", arguments)[1]
            at_risk = {path: above for path, above in at_risk.items() if above != synced}
    return made, sorted(at_risk)


def removals_traced(stage, rng, letters=3):
    """Mail is delivered by a traced manager: (how many names it removed, the folders that it did not sync later)"""
    trace = stage.box.folder / "manager-trace"
    stage.waypost.write_config(scene.QUICK + 'remove_sync = "batch"\n', scene.tables(logs_in=False))
    stage.waypost.start()
    (manager,) = stage.waypost.pids_of("waypost-qmgr")
    argv = ["strace", "-f", "-p", str(manager), "--decode-fds=path", "--output", trace, "--trace=unlink,unlinkat,fsync"]
    tracer = subprocess.Popen([str(word) for word in argv], stderr=subprocess.PIPE)
    tracer.stderr.readline()  # that it is attached
    for _ in range(letters):
        assert stage.by_queue(Letter(rng, ("take",))) == 0
    wait_until(lambda: len(removed_folders(trace)) >= letters, 30, "the letters to be delivered")
    try:
        wait_until(lambda: not unsynced_folders(trace), 10, "the folders to be synced")
    except AssertionError:
        pass  # the caller says which are left
    tracer.terminate()
    tracer.wait(120)
    stage.waypost.stop()
    return len(removed_folders(trace)), unsynced_folders(trace)


def calls_in(trace):
    found = (CALL.search(line) for line in trace.read_text(errors="replace").splitlines())
    return [(m["call"], m["arguments"]) for m in found if m and int(m["result"]) == 0]


def removed_folders(trace):
    return [os.path.dirname(path_of(arguments)) for call, arguments in calls_in(trace) if call.startswith("unlink")]


def path_of(arguments):
    parts = MADE.match(arguments)
    return os.path.join(parts["within"] or "", parts["name"])


def unsynced_folders(trace):
    left = set()
    for call, arguments in calls_in(trace):
        if call == "fsync":
            left.discard(re.search(r"<(.*)>", arguments)[1])
        elif call.startswith("unlink"):
            left.add(os.path.dirname(path_of(arguments)))
    return sorted(left)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    options = parse.parse_args()

    def run(folder):
        verdict = scene.Verdict()
        with scene.Scene(folder) as stage:
            new = os.path.join(stage.spool, "new")
            os.makedirs(new, exist_ok=True)
            os.chown(new, stage.waypost.uid, stage.waypost.uid)
            rng = random.Random(1)
            for size in (300, 150000):
                status, calls = run_traced(stage, Letter(rng, ("take",), size=size))
                words = steps(calls, new)
                good = status == 0 and words == ["write", "name", "fsync file", "fsync folder"]
                verdict.line(good, f"{size} bytes: {', '.join(words)}; exit {status}")
            status, calls = handed_over_traced(stage, Letter(rng, ("take",), size=3000))
            words = steps(calls, new)
            verdict.line(status == 0 and words == ["write", "name", "fsync file", "fsync folder", "answer"],
                         f"by waypost-accept: {', '.join(words)}; exit {status}")
            for sync in (1, 2):
                status, calls = run_traced(stage, Letter(rng, ("take",)), f"--inject=fsync:error=EIO:when={sync}")
                words = steps(calls, new)
                failed = f"fsync {'file' if sync == 1 else 'folder'} failed"
                good = status == 53 and words[-1] == "unname" and words.count(failed) == 1
                verdict.line(good, f"fsync number {sync} fails: {', '.join(words)}; exit {status}")
            made, at_risk = folders_at_risk(start_traced(stage), str(stage.spool))
            folders = 1 + 5 + 32  # spool; new, tmp, bad, sasl, cur; cur/00 to cur/31
            verdict.line(len(made) == folders and not at_risk,
                         f"waypost-start made {len(made)} folders of {folders}; not synced: {at_risk or 'none'}")
            removed, left = removals_traced(stage, rng)
            verdict.line(removed and not left, f"in batch: {removed} names removed; folders not synced: {left or 'none'}")
        return verdict.end()

    return scene.isolated(run, sys.argv, options.build)


if __name__ == "__main__":
    sys.exit(main())
