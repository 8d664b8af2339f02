#!/usr/bin/python3
"""suite.py --build DIR [--data FILE]: the test suite of RFC 7208 (openspf.org), each scenario by its own name.

A scenario that allows several results passes with any of them. An explanation "DEFAULT" means that the domain gives
none. Ends with "RFC 7208 suite: N of N passed" and "N passed, N failed". Where the suite is absent, it is skipped.
"""

import argparse
import sys
from pathlib import Path

from zone_check import ZoneCheck

SUITE = Path(__file__).resolve().parents[3] / "shared/data/spf/rfc7208-tests.yml"
TYPES = ("A", "AAAA", "MX", "PTR", "TXT")
SCENARIOS = 203


def text_bytes(value):
    """The suite writes bytes as characters."""
    parts = value if isinstance(value, list) else [value]
    return b"".join(str(part).encode("latin-1") for part in parts)


def records_of(entries):
    """{TYPE: [value]} of one name. SPF stands for TXT where no TXT is given (see the head of the suite)."""
    given, timeout = {}, False
    for entry in entries:
        if entry == "TIMEOUT":
            timeout = True
            continue
        for kind, value in entry.items():
            given.setdefault(kind, []).append(value)
    found = {kind: list(values) for kind, values in given.items() if kind in (*TYPES, "CNAME")}
    texts = given.get("TXT", given.get("SPF", []))
    found["TXT"] = [text_bytes(value) for value in texts if value != "NONE"]
    found = {kind: values for kind, values in found.items() if values}
    if timeout:
        found.update({kind: [None] for kind in TYPES if kind not in found})
    return found


def judge(scenario, answer):
    """What is wrong with an answer; "" when nothing is."""
    wanted = scenario["result"]
    wanted = wanted if isinstance(wanted, list) else [wanted]
    if answer["result"] not in wanted:
        return f"{answer['result']} ({answer['why']}) instead of {' or '.join(wanted)}"
    explanation = scenario.get("explanation")
    explanation = "" if explanation == "DEFAULT" else explanation
    if explanation is not None and answer["explanation"] != explanation:
        return f"explanation {answer['explanation']!r} instead of {explanation!r}"
    return ""


def run(document, zone_check):
    """[(name, what is wrong)] of one document's scenarios."""
    records = {str(name): records_of(entries) for name, entries in document["zonedata"].items()}
    zone_check.zone(records)
    scenarios = document["tests"]
    for scenario in scenarios.values():
        zone_check.check(str(scenario["host"]), scenario["mailfrom"], scenario["helo"])
    answers = zone_check.run()
    assert len(answers) == len(scenarios), f"{len(answers)} answers to {len(scenarios)} questions"
    return [(f"{document['description']}: {name}", judge(scenario, answer))
            for (name, scenario), answer in zip(scenarios.items(), answers)]


def self_test():
    """Wrong answers must be seen."""
    answer = {"result": "fail", "explanation": "no", "why": "-all"}
    assert not judge({"result": "fail"}, answer)
    assert not judge({"result": ["pass", "fail"], "explanation": "no"}, answer)
    for wrong in ({"result": "pass"}, {"result": ["pass", "none"]}, {"result": "fail", "explanation": "DEFAULT"},
                  {"result": "fail", "explanation": "yes"}):
        assert judge(wrong, answer), wrong


def main():
    self_test()
    options = argparse.ArgumentParser()
    options.add_argument("--build", type=Path, required=True)
    options.add_argument("--data", type=Path, default=SUITE)
    given = options.parse_args()
    if not given.data.is_file():
        print(f"skipped RFC 7208 suite: {given.data} is not there")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    import yaml
    # bytes: the suite says of itself that it is Latin-1 with escapes.
    documents = [one for one in yaml.safe_load_all(given.data.read_text()) if one]
    zone_check = ZoneCheck(given.build / "tests/zone-check")
    done = [row for document in documents for row in run(document, zone_check)]
    for name, wrong in done:
        print(f"{'FAILED' if wrong else 'passed':8}{name}" + (f": {wrong}" if wrong else ""))
    failed = sum(bool(wrong) for _, wrong in done)
    passed = len(done) - failed
    complete = len(done) == SCENARIOS or given.data != SUITE
    if not complete:
        print(f"FAILED  the suite has {len(done)} scenarios, and {SCENARIOS} are known")
    print(f"RFC 7208 suite: {passed} of {len(done)} passed")
    print(f"{passed} passed, {failed + (not complete)} failed")
    return 0 if done and complete and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
