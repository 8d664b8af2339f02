#!/usr/bin/python3
"""differ.py --build DIR [--cases N] [--seed S] [--all]: waypost's check_host() beside python3-spf over made-up zones.

Result, explanation and mechanism are compared, for three questions to each zone. python3-spf as it is may differ only
by what judged.py lists; with these corrections on it must agree in every case. Ends with a table of the differences by
judgement, and "N passed, N failed". --all wants each row of the table to have been needed.
"""

import argparse
import random
import sys
from pathlib import Path

from zone_check import ZoneCheck

import made_up

QUESTIONS = 3  # to each zone
BATCH = 1000  # zones at a time


def make_cases(numbers, seed, zone_check):
    cases = []
    for number in numbers:
        dice = random.Random(f"{seed}.{number}")
        records = made_up.zone(dice)
        zone_check.zone(records)
        for _ in range(QUESTIONS):
            question = made_up.question(dice)
            zone_check.check(*question)
            cases.append((number, records, question))
    return cases


def ours(answer):
    decided = answer["result"] in ("pass", "fail", "softfail", "neutral")
    return answer["result"], answer["explanation"], answer["mechanism"] if decided else ""


def needed_rows(case, mine, judged):
    """The judgements without which python3-spf would differ in that case."""
    _, records, question = case
    every = frozenset(judged.JUDGED)
    rows = [row for row in judged.JUDGED if judged.Peer(*question, records, every - {row}).answer() != mine]
    return rows or ["several at once"]


def describe(case, mine, theirs, why):
    number, records, (ip, sender, helo) = case
    texts = "".join(f"\n        {name}: {types['TXT']}" for name, types in records.items() if "TXT" in types)
    return f"zone {number}: {ip} <{sender}> {helo}: waypost {mine} ({why}), python3-spf corrected {theirs}{texts}"


def self_test(judged):
    """A difference that nobody judged must be seen: here by a correction that is left out."""
    records = {"d.test": {"TXT": ["v=spf1 a=1 a=2 all"]}}
    question = ("192.0.2.1", "a@d.test", "h.test")
    every = frozenset(judged.JUDGED)
    assert judged.Peer(*question, records, every).answer() == ("pass", "", "all")
    assert judged.Peer(*question, records, every - {"modifier-twice"}).answer()[0] == "permerror"
    assert judged.Peer(*question, records, frozenset()).answer()[0] == "permerror"


class Tally:
    """What came of all cases."""

    def __init__(self, judged):
        self.judged, self.every = judged, frozenset(judged.JUDGED)
        self.cases = self.differ = 0
        self.wrong, self.results, self.rows = [], {}, dict.fromkeys(judged.JUDGED, 0)

    def add(self, case, answer):
        _, records, question = case
        mine = ours(answer)
        self.cases += 1
        self.results[mine[0]] = self.results.get(mine[0], 0) + 1
        theirs = self.judged.Peer(*question, records, self.every).answer()
        if mine != theirs:
            self.wrong.append(describe(case, mine, theirs, answer["why"]))
        elif self.judged.Peer(*question, records, frozenset()).answer() != mine:
            self.differ += 1
            for row in needed_rows(case, mine, self.judged):
                self.rows[row] = self.rows.get(row, 0) + 1

    def tell(self, every_row):
        """Prints it; how much is wrong."""
        for text in self.wrong[:20]:
            print(f"FAILED  {text}")
        print(f"{self.cases} cases: " + ", ".join(f"{self.results[key]} {key}" for key in sorted(self.results)))
        print(f"python3-spf decides otherwise in {self.differ + len(self.wrong)}, and {len(self.wrong)} of these are not judged")
        for row, count in self.rows.items():
            print(f"{count:6} {row}: {self.judged.JUDGED[row][0] if row in self.judged.JUDGED else ''}")
        idle = [row for row in self.judged.JUDGED if not self.rows[row]] if every_row else []
        for row in idle:
            print(f"FAILED  no case needs the judgement {row}")
        # Cases that all end alike would show nothing.
        variety = sum(count * 100 >= self.cases for count in self.results.values()) >= 6
        if not variety:
            print("FAILED  fewer than six results are common among the cases")
        return len(self.wrong) + len(idle) + (not variety)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", type=Path, required=True)
    options.add_argument("--cases", type=int, default=3000)
    options.add_argument("--seed", default="1")
    options.add_argument("--all", action="store_true")
    given = options.parse_args()
    import judged
    self_test(judged)
    zone_check, tally = ZoneCheck(given.build / "tests/zone-check"), Tally(judged)
    zones = -(-given.cases // QUESTIONS)
    for first in range(0, zones, BATCH):
        cases = make_cases(range(first, min(first + BATCH, zones)), given.seed, zone_check)
        answers = zone_check.run()
        assert len(answers) == len(cases), f"{len(answers)} answers to {len(cases)} questions"
        for case, answer in zip(cases, answers):
            tally.add(case, answer)
    print(f"seed {given.seed}")
    bad = tally.tell(given.all)
    print(f"{tally.cases - len(tally.wrong)} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
