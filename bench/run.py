"""make bench: waypost against tuned Postfix and a bare skeleton, interleaved, medians of the rounds.

  run.py --programs build/release [--rounds 3] [--disk DIR] [--only SYSTEM]... [--peers ROOT] [WORKLOAD...]

The table goes to standard output, everything that was measured to results.json beside the disk image.
bench/README.md says how to read it.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

from load import message_text
from machine import Disk, isolate
from postfix import Postfix
from skeleton import Skeleton
from table import print_table
from waypost import Waypost
from workloads import ACCEPT_ONLY, ALONE, ONCE, REPEATED, Bench

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=lambda p: Path(p).resolve(), default=HERE.parent / "build/release")
    parser.add_argument("--peers", type=Path, help="a Debian root with Postfix; default: the tests' own")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--disk", type=Path, help="the folder for the disk image; default: beside the programs")
    parser.add_argument("--only", action="append", choices=["waypost", "postfix", "skeleton"])
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join([*REPEATED, *ONCE]))
    chosen = parser.parse_args()
    unknown = set(chosen.workloads) - {*REPEATED, *ONCE}
    if unknown:
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    return chosen


def peers_root():
    """The private root of the system tests, made by them when it is not there."""
    made = subprocess.run([HERE.parent / "tests/peers/root"], stdout=subprocess.PIPE, text=True)
    if made.returncode != 0:
        sys.exit("bench: no Debian root with Postfix (tests/peers/root); another one: --peers ROOT")
    return Path(made.stdout.strip())


def make_systems(chosen, stage, disk):
    message, systems = message_text(), []
    missing = Waypost.missing(chosen.programs)
    if not chosen.only or "waypost" in chosen.only:
        if missing:
            print(f"waypost is left out: {', '.join(missing)} not in {chosen.programs}", flush=True)
        else:
            systems.append(Waypost(chosen.programs, stage, disk, message))
    if not chosen.only or "postfix" in chosen.only:
        systems.append(Postfix(chosen.peers, chosen.programs, stage, disk, message))
    if not chosen.only or "skeleton" in chosen.only:
        systems.append(Skeleton(chosen.programs, stage, disk, message))
    return systems


def make_certificate(stage):
    certificate, key = stage / "certificate.pem", stage / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=sink.bench", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return [certificate, key]


def name_the_sink(stage):
    """Where a host must have a name, for its certificate: sink.bench, in this namespace alone."""
    hosts = stage / "hosts"
    hosts.write_text("127.0.0.1 localhost sink.bench\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)


def measure(bench, systems, chosen):
    """{(workload, system): [{metric: number} a round]}"""
    found = {}
    wanted = chosen.workloads or [*REPEATED, *ONCE]
    for turn in range(chosen.rounds):
        for name in [n for n in REPEATED if n in wanted]:
            for system in systems:
                attempt(bench, name, REPEATED[name], system, turn, found)
    for name in [n for n in ONCE if n in wanted]:
        for system in systems:
            attempt(bench, name, ONCE[name], system, 0, found)
    return found


def attempt(bench, name, workload, system, turn, found):
    """A workload that fails is said and left out; the others still count."""
    if (system.name == "skeleton" and name not in ACCEPT_ONLY) or (system.name != "waypost" and name in ALONE):
        return
    began = time.monotonic()
    try:
        figures = workload(bench, system)
    except (OSError, RuntimeError, TimeoutError, subprocess.SubprocessError) as error:
        print(f"  round {turn + 1} {name:8}{system.name:9} FAILED: {error}", flush=True)
        system.stop()
        return
    found.setdefault((name, system.name), []).append(figures)
    shown = "  ".join(f"{metric} {value:.4g}" for metric, value in figures.items())
    print(f"  round {turn + 1} {name:8}{system.name:9} {shown}   [{time.monotonic() - began:.0f} s]", flush=True)


def medians(rounds):
    return {metric: statistics.median(one[metric] for one in rounds) for metric in rounds[0]}


def main():
    chosen = arguments()
    if os.geteuid() == 0 and chosen.peers is None and (not chosen.only or "postfix" in chosen.only or {"W4s", "W6s"} & set(chosen.workloads)):
        chosen.peers = peers_root()
        sys.argv[1:1] = ["--peers", str(chosen.peers)]
    isolate()
    for number in (signal.SIGINT, signal.SIGTERM):  # what was mounted and started goes, however this ends
        signal.signal(number, signal.default_int_handler)
    folder = chosen.programs / "bench/run"
    stage = folder / "stage"
    stage.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", stage], check=True)
    great = "W7M" in (chosen.workloads or ONCE)
    disk = Disk((chosen.disk or folder).resolve() / "disk.img", stage / "disk", size="20G" if great else "6G")
    bench = Bench(chosen.programs, stage, disk, chosen.peers)
    bench.certificate = make_certificate(stage)
    name_the_sink(stage)
    systems = make_systems(chosen, stage, disk)
    try:
        found = measure(bench, systems, chosen)
    finally:
        for system in systems:
            system.close()
        bench.sink_group.remove()
        disk.close()
    results = {key: medians(rounds) for key, rounds in found.items()}
    (folder / "results.json").write_text(json.dumps(
        [{"workload": w, "system": s, "rounds": rounds} for (w, s), rounds in found.items()], indent=1))
    print_table(results)
    return 0 if len(found) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")
