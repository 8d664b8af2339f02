"""What is reported, against which target, and how it is printed."""

from collections import namedtuple

# kind: a target for the "ratio" of waypost to Postfix, or for the "value" of waypost; "own": a value whose ratio says
# nothing. bound: (">=" or "<=", number) or None.
Row = namedtuple("Row", "workload metric label digits kind bound", defaults=("ratio", None))

ROWS = [
    Row("W1", "cpu_ms", "accept one at a time: CPU ms/message", 2, "ratio", ("<=", 0.2)),
    Row("W1", "rate", "  messages/s", 0, "ratio", (">=", 5)),
    Row("W1", "flushes", "  flushes/message", 2, "value", ("<=", 2.1)),
    Row("W1p", "cpu_ms", "accept, 8 at a time: CPU ms/message", 2, "ratio", ("<=", 0.2)),
    Row("W1p", "rate", "  messages/s", 0, "ratio", (">=", 5)),
    Row("W1p", "flushes", "  flushes/message", 2, "value", ("<=", 2.1)),
    Row("W1b", "cpu_ms", "accept while no daemon runs: CPU ms/message", 2),
    Row("W1b", "rate", "  messages/s", 0),
    Row("W1a", "cpu_ms", "accept by waypost-accept: CPU ms/message", 2),
    Row("W1a", "rate", "  messages/s", 0),
    Row("W1a", "flushes", "  flushes/message", 2),
    Row("W1a", "pss_kb", "  PSS of waypost-accept afterwards, kB", 0),
    Row("W1ap", "cpu_ms", "  8 at a time: CPU ms/message", 2),
    Row("W1ap", "rate", "  messages/s", 0),
    Row("W2", "cpu_ms", "drain 5,000 to one hop: CPU ms/message", 3, "ratio", ("<=", 0.3)),
    Row("W2", "rate", "  messages/s", 0, "ratio", (">=", 3)),
    Row("W2", "flushes", "  flushes/message", 2, "own", ("<=", 0.05)),
    Row("W2", "pss_mb", "  PSS, MB", 1),
    Row("W2", "processes", "  processes", 0),
    Row("W2", "connections", "  connections", 0),
    Row("W2", "whole_s", "  start of the system to last message, s", 2),
    Row("W2", "duplicates", "  duplicates", 0, "own", ("<=", 0)),
    Row("W2n", "cpu_ms", "the same, Postfix without reuse: CPU ms/message", 3),
    Row("W2n", "rate", "  messages/s", 0),
    Row("W2n", "connections", "  connections", 0),
    Row("W3", "cpu_ms", "drain 5,000 to 500 hops: CPU ms/message", 3, "ratio", ("<=", 0.5)),
    Row("W3", "rate", "  messages/s", 0, "ratio", (">=", 2)),
    Row("W3", "pss_mb", "  PSS, MB", 1),
    Row("W3", "processes", "  processes", 0),
    Row("W3", "connections", "  connections", 0),
    Row("W4", "cpu_ms", "sendmail to sink, 8 at a time: CPU ms/message", 2, "ratio", ("<=", 0.2)),
    Row("W4", "rate", "  messages/s", 0, "ratio", (">=", 5)),
    Row("W4s", "cpu_ms", "SMTP to sink, 10 sessions: CPU ms/message", 2),
    Row("W4s", "rate", "  messages/s", 0, "ratio", (">=", 2.5)),
    Row("W4s", "duplicates", "  duplicates", 0, "own", ("<=", 0)),
    Row("latency", "median_ms", "idle latency, sendmail to sink: ms, median", 1, "ratio", ("<=", 0.4)),
    Row("latency", "worst_ms", "  ms, worst", 1),
    Row("W5", "cpu_ms", "drain 2,000 to 200 hops 200 ms slow: CPU ms/message", 2),
    Row("W5", "rate", "  messages/s", 0, "ratio", (">=", 3)),
    Row("W5", "pss_mb", "  PSS, MB", 1, "ratio", ("<=", 0.25)),
    Row("W5", "processes", "  processes", 0),
    Row("W6", "cpu_ms", "drain 5,000 with STARTTLS: CPU ms/message", 3),
    Row("W6", "rate", "  messages/s", 0, "ratio", (">=", 2.5)),
    Row("W6", "handshakes", "  handshakes", 0),
    Row("W6a", "cpu_ms", "the same by submission, verified, with AUTH: CPU ms", 3),
    Row("W6a", "rate", "  messages/s", 0, "ratio", (">=", 2.5)),
    Row("W6a", "handshakes", "  handshakes", 0),
    Row("W6s", "cpu_ms", "drain 5,000 through a SOCKS5 proxy: CPU ms/message", 3),
    Row("W6s", "rate", "  messages/s", 0),
    Row("W6s", "connections", "  connections", 0),
    Row("W7", "start_s", "100,000 deferred: start to readiness, s", 2, "value", ("<=", 2)),
    Row("W7", "fresh_s", "  start to the delivery of a waiting fresh message, s", 2),
    Row("W7", "start_cpu_ms", "  CPU ms of the start and 5 s", 0),
    Row("W7", "pss_mb", "  PSS, MB", 1, "value", ("<=", 20)),
    Row("W7", "list_s", "  the whole list, s", 2),
    Row("W7", "slower_percent", "  accept: slower by %", 1, "own", ("<=", 5)),
    Row("W7", "dearer_percent", "  accept and delivery: more CPU by %", 1, "own"),
    Row("W7", "fresh_ms", "  a fresh message, sendmail to sink: ms", 1),
    Row("W7", "hold_fresh_ms", "  the same while a command holds them all: ms", 1),
    Row("W8", "pss_mb", "idle for 60 s: PSS, MB", 2, "value", ("<=", 5)),
    Row("W8", "processes", "  processes", 0, "value"),
    Row("W8", "wakeups", "  wake-ups/s", 2, "value", ("<=", 0)),
    Row("W8", "cpu_ms_a_second", "  CPU ms/s", 3, "value"),
    Row("W8", "first_ms", "  the first message after it: ms", 1),
    Row("W7M", "start_s", "1,000,000 deferred: start to readiness, s", 2),
    Row("W7M", "fresh_s", "  start to the delivery of a waiting fresh message, s", 2),
    Row("W7M", "pss_mb", "  PSS, MB", 1),
    Row("W7M", "list_s", "  the whole list, s", 2),
    Row("W7M", "slower_percent", "  accept: slower by %", 1, "own", ("<=", 5)),
    Row("W7M", "fresh_ms", "  a fresh message, sendmail to sink: ms", 1),
    Row("W7M", "hold_fresh_ms", "  the same while a command holds them all: ms", 1),
]
SKELETON_SHARE = 0.8  # of the skeleton's rate, and as much more CPU


def print_table(results):
    """results: {(workload, system): {metric: median}}"""
    print(f"\n{'':8}{'':52}{'waypost':>9}{'postfix':>9}{'ratio':>8}  {'target':9}")
    for row in ROWS:
        if any(workload == row.workload for workload, _ in results):
            print(line_of(row, results))
    for workload in ("W1", "W1p"):
        print_skeleton(workload, results)


def line_of(row, results):
    ours = results.get((row.workload, "waypost"), {}).get(row.metric)
    theirs = results.get((row.workload, "postfix"), {}).get(row.metric)
    ratio = ours / theirs if row.kind != "own" and ours is not None and theirs else None
    measured = ratio if row.kind == "ratio" else ours
    target, verdict = "", ""
    if row.bound:
        target = f"{row.bound[0]} {row.bound[1]:g}" + ("x" if row.kind == "ratio" else "")
        if measured is not None:
            verdict = "met" if holds(measured, row.bound) else "MISSED"
    first = "" if row.label.startswith(" ") else row.workload
    return (f"{first:8}{row.label:52}{number(ours, row.digits):>9}{number(theirs, row.digits):>9}"
            f"{'' if ratio is None else format(ratio, '.2f') + 'x':>8}  {target:9}{verdict}").rstrip()


def holds(value, bound):
    return value >= bound[1] if bound[0] == ">=" else value <= bound[1]


def number(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def print_skeleton(workload, results):
    """accept reaches X of two static programs that make the same system calls."""
    ours, bare = results.get((workload, "waypost")), results.get((workload, "skeleton"))
    if bare is None:
        return
    line = f"{workload}: the bare skeleton reaches {bare['rate']:.0f}/s at {bare['cpu_ms']:.2f} ms CPU"
    if ours:
        rate, cpu = ours["rate"] / bare["rate"], bare["cpu_ms"] / ours["cpu_ms"]
        verdict = "met" if rate >= SKELETON_SHARE else "MISSED"
        line += f"; accept reaches {rate:.2f} of its rate, {cpu:.2f} by CPU (target {SKELETON_SHARE} of the rate: {verdict})"
    print(line)
