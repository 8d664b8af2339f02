#!/usr/bin/python3
"""Each system call of each program fails once, or is the last one: nothing is lost, nobody is told a lie.

    faults.py [--build DIR] [--kills | --garbage] [--sample N] [--jobs N] [--seed N] [--only CALL] [PROGRAM...]

A clean life of each PROGRAM is recorded first: which calls it makes, of which kind, how often. Then every one of
them fails in every way that `plausible.py` names, or with --kills the program gets SIGKILL before it, or with --garbage
what it writes to another program is garbage: one fault a case, each case with a tree and letters of its own. A case
holds when

    the injector's exit status is true: 0 and the letter arrives or is reported; else it is one of its manual's,
    nothing spins: not many more calls than a clean life, no second of processor time,
    a letter handed in afterwards is accepted and arrives, and the queue runs empty,
    no notice is made twice, nothing is reported that nobody refused, nothing is torn or taken for damaged.

--sample N visits about N cases of each program, chosen by the seed; without it all. --jobs N at a time.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import scene

from fault_case import AUTHORS, PROGRAMS, SPEAKERS, Case, Player, Point, scene_for  # noqa: E402  (scene sets the path)
from plausible import NEVER_TORN, actions, call_names, garbage  # noqa: E402
import rows  # noqa: E402

# What is done: how the report calls it, and how a line of the output does.
FAULTS, KILLS, GARBAGE = (("failure of a system call", "each failed once:"), ("kill -9 at a system call", "killed before"),
                          ("garbage to its peer", "garbled:"))


def ways(what, program, name, kind):
    """What may happen at this call: actions, paired with words."""
    if name in NEVER_TORN or (what == GARBAGE and program in AUTHORS and kind == "p"):
        return []
    return [("kill", "kill")] if what == KILLS else garbage(name, kind) if what == GARBAGE else actions(name, kind)


def points(program, counts, what):
    """Every fault of a recorded life. counts: (number, kind) -> how often."""
    names, clean = call_names(), sum(counts.values())
    found = []
    for (number, kind), count in sorted(counts.items()):
        name = names.get(number, str(number))
        found += [Point(program, name, number, kind, nth, *way, clean) for nth in range(1, count + 1)
                  for way in ways(what, program, name, kind)]
    return found


def record(options, program):
    """The counts of a clean life, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--build", options.build, "--record", program],
                          stdout=subprocess.PIPE, check=True)
    life = json.loads(done.stdout.splitlines()[-1])
    return {(number, kind): count for number, kind, count in life}


def record_here(folder, program):
    with scene_for(program, folder) as stage:
        counts = Player(stage, random.Random(0)).record(program)
        stage.kill_tree()
    print(json.dumps([[number, kind, count] for (number, kind), count in counts.items()]))
    return 0


def play_here(folder, file, seed):
    """Plays the cases of a file, and writes a line of JSON for each."""
    points_here = [Point(*json.loads(line)) for line in Path(file).read_text(encoding="ascii").splitlines()]
    with scene_for(points_here[0].program, folder) as stage:
        player = Player(stage, random.Random(seed))
        for point in points_here:
            print(json.dumps(player.play(point).__dict__), flush=True)
        stage.kill_tree()
    return 0


class Run:
    """All cases of one program, shared out among jobs."""

    def __init__(self, options, verdict, seed):
        self.options, self.verdict, self.seed = options, verdict, seed
        self.what = KILLS if options.kills else GARBAGE if options.garbage else FAULTS

    def chosen(self, program):
        everything = points(program, record(self.options, program), self.what)
        if self.options.only:
            everything = [point for point in everything if point.name == self.options.only]
        rng = random.Random(f"{self.seed}/{program}")
        cases = list(everything)
        rng.shuffle(cases)  # so that a job does not get all of the slow ones
        if self.options.sample:
            cases = cases[:self.options.sample]
        return everything, cases

    def play(self, folder, cases):
        jobs = []
        for number in range(self.options.jobs):
            mine = cases[number::self.options.jobs]
            if not mine:
                break
            file = Path(folder) / f"cases{number}"
            file.write_text("\n".join(json.dumps(list(point)) for point in mine), encoding="ascii")
            out = open(Path(folder) / f"results{number}", "w+b")
            argv = [sys.executable, __file__, "--build", self.options.build, "--play", str(file), "--seed",
                    str(self.seed)]
            jobs.append((subprocess.Popen(argv, stdout=out), out, len(mine)))
        results = []
        for job, out, wanted in jobs:
            job.wait()
            out.seek(0)
            lines = [Case(**json.loads(line)) for line in out.read().splitlines() if line.startswith(b"{")]
            assert len(lines) == wanted, f"a job ended with {job.returncode} after {len(lines)} of {wanted} cases"
            results += lines
            out.close()
        return results

    def program(self, folder, program):
        everything, cases = self.chosen(program)
        begun = time.monotonic()
        results = self.play(folder, cases)
        seconds = time.monotonic() - begun
        met = [case for case in results if case.met]
        print(f"{program}: {len(everything)} injection points, {len(cases)} tried, {len(met)} met, "
              f"{len(cases) / max(seconds, 0.001):.1f} cases/s, slowest recovery "
              f"{max([case.seconds for case in met], default=0):.1f} s, "
              f"injector told no {sum(case.status not in (0, None) for case in met)}", flush=True)
        bad = [case for case in results if case.wrong]
        for case in bad[:40]:
            print(f"     {case.title}: {'; '.join(case.wrong)}")
        sums = {word: sum(getattr(case, word) for case in results) for word in ("accepted", "lost", "doubled")}
        reached = f"{len(met)} of {len(everything)} injection points met, {len(bad)} bad"
        self.verdict.line(met and not bad, f"{program} {self.what[1]} {reached}")
        rows.add(bool(met) and not bad, f"{program}: {self.what[0]}", "nothing lost, no false success, recovers", reached, **sums)
        return Counter(tried=len(cases), met=len(met), **sums)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--kills", action="store_true")
    parse.add_argument("--garbage", action="store_true")
    parse.add_argument("--sample", type=int, default=0)
    parse.add_argument("--jobs", type=int, default=4)
    parse.add_argument("--seed", type=int)
    parse.add_argument("--only")
    parse.add_argument("--record")
    parse.add_argument("--play")
    parse.add_argument("programs", nargs="*", default=[])
    options = parse.parse_args()
    if options.record:
        return scene.isolated(lambda folder: record_here(folder, options.record), sys.argv, options.build)
    if options.play:
        return scene.isolated(lambda folder: play_here(folder, options.play, options.seed), sys.argv, options.build)
    if os.geteuid() != 0:
        print("needs root (namespaces)\n0 passed, 0 failed, 1 skipped")
        return 0
    seed = scene.seed_of(options)
    verdict, total = scene.Verdict(), Counter()
    with tempfile.TemporaryDirectory(prefix="waypost-faults-") as folder:
        for program in options.programs or (SPEAKERS if options.garbage else PROGRAMS):
            total += Run(options, verdict, seed).program(folder, program)
    print(f"in all: {total['tried']} cases, {total['met']} met; accepted {total['accepted']}, lost {total['lost']}, "
          f"doubled {total['doubled']}")
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
