#!/usr/bin/python3
"""Runs the system tests: run.py [-j WORKERS] [--build DIR] [--keep] [--long] [NAME ...]

Every function test_* in every test_*.py beside this file is a test (with --long: in every long_*.py, which take too
long for every change); NAME selects those whose "file.function" contains it. Each runs in its own process, in namespaces and a folder of its own (see sandbox.py), and must end
within its time limit. A line a test; the output and the logs of one that failed; at last "N passed, N failed",
and the exit status says the same. No test found is a failure.

The programs under test are those of --build, or of $WAYPOST_BUILD, or of build/release.
"""

import argparse
import concurrent.futures
import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import peers
from sandbox import Sandbox, isolated_command
from testing import Skip, time_limit_of

HERE = Path(__file__).resolve().parent
PASSED, FAILED, SKIPPED = "passed", "FAILED", "skipped"
SKIP_STATUS = 77
REASON = "reason: "  # a line of a test that was skipped or failed: why, shown before all that it printed
NOTE = "note: "  # a line of a test that is shown when it passed, too: what it counted
CLOSING_TIME = 30  # seconds for a test that ran out of time to end its servers, before it is killed


def discover(modules, selected):
    names = []
    for file in sorted(HERE.glob(modules)):
        module = importlib.import_module(file.stem)
        functions = [name for name, value in vars(module).items()
                     if name.startswith("test_") and callable(value) and value.__module__ == file.stem]
        names += [f"{file.stem}.{name}" for name in functions]
    return [name for name in names if not selected or any(part in name for part in selected)]


def find_function(name):
    module, function = name.split(".")
    return getattr(importlib.import_module(module), function)


def run_inside(name, folder):
    """In the namespaces: runs the test in a child, and as their first process reaps what loses its parent."""
    child = os.fork()
    if child == 0:
        os._exit(run_function(name, folder))
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def stop_in_time(*_):
    """On SIGALRM: the test fails where it stands, and its logs are shown as of any other failure."""
    raise TimeoutError("the test's time limit passed")


def run_function(name, folder):
    function = find_function(name)
    signal.signal(signal.SIGALRM, stop_in_time)
    signal.alarm(time_limit_of(function))
    status = 0
    box = Sandbox(folder)
    try:
        try:
            function(box)
        finally:
            signal.alarm(0)
            box.close()
        reports = box.sanitizer_reports()
        assert not reports, f"a sanitizer reported:\n{reports}"
    except Skip as reason:
        print(f"{REASON}{reason}")
        status = SKIP_STATUS
    except BaseException as error:  # Whatever it was, it is this test's failure, and is shown.
        print(f"{REASON}{error!r}")
        traceback.print_exc()
        box.print_logs()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def run_one(name, options):
    """In the runner: one test from its folder to its verdict."""
    folder = tempfile.mkdtemp(prefix="waypost-test-", dir=options.folder)
    argv = isolated_command([sys.executable, __file__, "--inside", name, "--folder", folder])
    begun = time.monotonic()
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=time_limit_of(find_function(name)) + CLOSING_TIME, check=False)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        status, output = 1, (expired.stdout or b"") + b"\nit was killed: its time limit passed\n"
    took = time.monotonic() - begun
    if options.keep:
        output += f"\nits folder: {folder}\n".encode()
    else:
        shutil.rmtree(folder, ignore_errors=True)
    verdict = {0: PASSED, SKIP_STATUS: SKIPPED}.get(status, FAILED)
    return name, verdict, took, output.decode(errors="replace")


def report(name, verdict, took, output):
    reasons = [line for line in output.splitlines() if line.startswith(REASON)] if verdict != PASSED else []
    print(f"{verdict:8}{took:7.1f} s  {name}  {' '.join(reasons)}".rstrip(), flush=True)
    if verdict == PASSED:
        notes = [line for line in output.splitlines() if line.startswith(NOTE)]
        print("".join(f"    {line}\n" for line in notes), end="", flush=True)
    if verdict == FAILED:
        print("\n".join("    " + line for line in output.splitlines()), flush=True)


def run_all(options):
    if os.geteuid() != 0:
        sys.exit("The system tests make network namespaces and users of their own: run them as root.")
    if not os.path.isdir(os.environ["WAYPOST_BUILD"]):
        sys.exit(f"There is no build in {os.environ['WAYPOST_BUILD']}: run make first.")
    names = discover("long_*.py" if options.long else "test_*.py", options.names)
    print(f"{len(names)} system tests of {os.environ['WAYPOST_BUILD']}, {options.workers} at a time", flush=True)
    peers.debian_root()
    if options.long:
        peers.debian_root("callers")
    counts = {PASSED: 0, FAILED: 0, SKIPPED: 0}
    with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
        for result in concurrent.futures.as_completed([pool.submit(run_one, name, options) for name in names]):
            report(*result.result())
            counts[result.result()[1]] += 1
    skipped = f", {counts[SKIPPED]} skipped" if counts[SKIPPED] else ""
    print(f"{counts[PASSED]} passed, {counts[FAILED]} failed{skipped}")
    return 0 if counts[PASSED] and not counts[FAILED] else 1


def main():
    parser = argparse.ArgumentParser(description="Runs the system tests.")
    parser.add_argument("-j", "--workers", type=int, default=3)
    parser.add_argument("--build", default=os.environ.get("WAYPOST_BUILD", HERE.parent.parent / "build/release"))
    parser.add_argument("--keep", action="store_true", help="keep the folders of the tests, and say where they are")
    parser.add_argument("--long", action="store_true", help="those that take too long for every change")
    # On a disk: the queue refuses file systems that lose everything when power fails.
    parser.add_argument("--folder", default="/var/tmp", help="where the tests' folders are made")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.environ["WAYPOST_BUILD"] = str(Path(options.build).resolve())
    return run_inside(options.inside, options.folder) if options.inside else run_all(options)


if __name__ == "__main__":
    sys.exit(main())
