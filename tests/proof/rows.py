"""What a part of `make proof` found, in the one form that the report is made of.

A part that is run by `make proof` finds PROOF_ROWS in its environment: a file to which it appends one line for each
thing that it proved, or failed to. Without PROOF_ROWS nothing is written: the part is run by hand.

    VERDICT  ACCEPTED  LOST  DOUBLED  TEST  TARGET  REACHED        with a tab between

VERDICT is passed, failed or skipped. ACCEPTED counts recipients that were promised delivery (exit 0) and then held to
account, each as often as it was; LOST those that were neither queued, delivered nor reported; DOUBLED those that arrived
more than once. The three are `-` where no mail was counted. TEST, TARGET and REACHED are words for people.
"""

import dataclasses
import os

VERDICTS = ("passed", "failed", "skipped")


@dataclasses.dataclass(frozen=True)
class Row:
    verdict: str
    test: str
    target: str
    reached: str
    accepted: int | None = None
    lost: int | None = None
    doubled: int | None = None

    def line(self):
        counts = ["-" if count is None else str(count) for count in (self.accepted, self.lost, self.doubled)]
        words = [" ".join(word.split()) for word in (self.test, self.target, self.reached)]
        return "\t".join([self.verdict, *counts, *words]) + "\n"


def parse(line):
    """The Row of one line; ValueError when it is none."""
    verdict, *rest = line.rstrip("\n").split("\t")
    if verdict not in VERDICTS or len(rest) != 6:
        raise ValueError(f"not a row: {line!r}")
    counts = [None if word == "-" else int(word) for word in rest[:3]]
    return Row(verdict, *rest[3:], *counts)


def add(good, test, target, reached, **counts):
    """Appends a row for make proof. good: did it hold? counts: accepted, lost and doubled, all three or none."""
    assert len(counts) in (0, 3), counts
    if good and counts.get("lost"):
        raise ValueError(f"{test}: lost mail does not pass")
    _write(Row("passed" if good else "failed", test, target, reached, **counts))


def skip(test, target, reason):
    """A row that says why this could not be tried here."""
    _write(Row("skipped", test, target, reason))


def _write(row):
    path = os.environ.get("PROOF_ROWS")
    if path:
        with open(path, "a", encoding="utf-8") as rows:
            rows.write(row.line())
