#!/usr/bin/python3
"""Shows that each rule of story.py sees what breaks it, and nothing in an image that is as it should be.

Images are made up here: a letter, what the world outside saw, and what the spool holds or the restart did.
"""

import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / room) for room in ("crash", "system")]

from spool import Message  # noqa: E402
from story import Story  # noqa: E402

TOKEN = "00112233445566aa"
SENDER = f"from.{TOKEN}@home.test"
NOW = 100


def address(kind):
    return f"{kind}.{TOKEN}@one.test"


def story(kinds, *more):
    """Of a letter to these recipients that was accepted before the cut; more: (what, kind of the recipient)."""
    events = [{"what": "offered", "token": TOKEN, "to": [address(kind) for kind in kinds], "at": 1},
              {"what": "accepted", "token": TOKEN, "at": 10}]
    for at, (what, kind) in enumerate(more, 20):
        events.append({"what": what, "to": SENDER if kind == "from" else address(kind), "at": at})
    return Story(events)


def spool(marks, notice=False, history=(), doubled=()):
    """marks: kind of the recipient to its mark; None: the letter's file is not there."""
    letter = None if marks is None else \
        Message(TOKEN, TOKEN, SENDER, {address(kind): mark for kind, mark in marks.items()}, tuple(history))
    return SimpleNamespace(letters={TOKEN: letter} if letter else {}, notices={TOKEN: ["one"]} if notice else {},
                           doubled=list(doubled))


def restart(delivered=(), named=(), left=(), queued=(), twice=False):
    names = {address(kind): {"x.b1", "x.b2"} if twice else {"x.b1"} for kind in named}
    return SimpleNamespace(delivered=Counter(address(kind) for kind in delivered), names=names, left=set(left),
                           queued=set(queued), broken=[])


HELD = (("deciding", "hold"), ("decided", "hold"))
DROPPED = (("deciding", "drop"), ("decided", "drop"))
BOUNCED = (("deciding", "back"), ("decided", "back"))
TOLD = ("delivered", "from")
LATER = (("put off", "late"), ("put off", "late"))

# What the disk holds after the cut: story, spool, the rule that is broken.
IMAGES = (
    (story(["take"]), spool({"take": "-"}), None),
    (story(["take"]), spool(None), "lost"),
    (story(["take"]), spool({"take": "D"}), "never happened"),
    (story(["take"], ("delivered", "take")), spool(None), None),
    (story(["take", "late"], ("delivered", "take"), *LATER), spool({"take": "-", "late": "-"}), "mark lost"),
    (story(["take", "late"], ("delivered", "take"), LATER[0]), spool({"take": "-", "late": "-"}), None),
    (story(["take", "late"], ("delivered", "take"), *LATER), spool({"take": "D", "late": "-"}), None),
    (story(["take"]), spool({"take": "-"}, doubled=["new/x"]), "twice in the spool"),
    (story(["deny"]), spool({"deny": "F"}), None),
    (story(["deny"]), spool(None), "notice lost"),
    (story(["deny"]), spool({"deny": "R"}), "notice lost"),
    (story(["deny"]), spool(None, notice=True), None),
    (story(["deny"]), spool({"deny": "F"}, notice=True, history=["attempt", "notice"]), None),
    (story(["deny"]), spool({"deny": "F"}, notice=True, history=["attempt"]), "notice without record"),
    (story(["deny"], TOLD), spool({"deny": "F"}), "notice doubled"),
    (story(["deny"], TOLD), spool({"deny": "R"}), None),
    (story(["hold"], *HELD), spool({"hold": "-"}, history=["hold"]), None),
    (story(["hold"], *HELD), spool({"hold": "-"}), "decision lost"),
    (story(["hold"], *HELD), spool(None), "lost"),
    (story(["drop"], *DROPPED), spool(None), None),
    (story(["drop"], *DROPPED), spool({"drop": "-"}), "decision lost"),
    (story(["drop"]), spool(None), "lost"),
    (story(["back"], *BOUNCED), spool({"back": "-"}), "decision lost"),
    (story(["back"], *BOUNCED), spool({"back": "-"}, history=["bounce"]), None),
    (story(["back"], *BOUNCED), spool(None), "notice lost"),
    (story(["back"], *BOUNCED), spool(None, notice=True), None),
)

# What waypost did when it was started on it.
RESTARTS = (
    (story(["take"]), restart(delivered=["take"]), None),
    (story(["take"]), restart(), "lost"),
    (story(["take"], ("delivered", "take")), restart(), None),
    (story(["deny"]), restart(named=["deny"]), None),
    (story(["deny"]), restart(), "notice lost"),
    (story(["deny"], TOLD), restart(), None),
    (story(["deny"], TOLD), restart(named=["deny"]), "notice doubled"),
    (story(["deny"], TOLD), restart(named=["deny"], queued=[TOKEN]), None),
    (story(["deny"]), restart(named=["deny"], twice=True), "reported by two notices"),
    (story(["deny", "doom"], TOLD), restart(named=["doom"]), None),
    (story(["deny", "doom"], TOLD), restart(), "notice lost"),
    (story(["late"]), restart(delivered=["late"], named=["late"]), "reported wrongly"),
    (story(["hold"], *HELD), restart(left=[TOKEN]), None),
    (story(["hold"], *HELD), restart(), "lost"),
    (story(["hold"], *HELD), restart(delivered=["hold"]), "undone"),
    (story(["hold"]), restart(delivered=["hold"]), None),
    (story(["hold"], HELD[0]), restart(delivered=["hold"]), None),
    (story(["drop"], *DROPPED), restart(), None),
    (story(["drop"], *DROPPED), restart(delivered=["drop"]), "undone"),
    (story(["drop"]), restart(), "lost"),
    (story(["back"], *BOUNCED), restart(named=["back"]), None),
    (story(["back"], *BOUNCED), restart(), "notice lost"),
    (story(["back"], *BOUNCED), restart(delivered=["back"], named=["back"]), "undone"),
)


def main():
    wrong = 0
    cases = [(one, one.inspect(found, NOW)[0], rule) for one, found, rule in IMAGES]
    cases += [(one, one.settle(found, NOW), rule) for one, found, rule in RESTARTS]
    for number, (_, broken, rule) in enumerate(cases):
        seen = {name for name, _ in broken}
        if seen != ({rule} if rule else set()):
            print(f"FAIL case {number}: {seen or 'nothing'} instead of {rule or 'nothing'}")
            wrong += 1
    print(f"rules of the account: {len(cases)} cases")
    print(f"{len(cases) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
