"""make bench-spf: evaluations of SPF records a second, without DNS: waypost, python3-spf, libspf2's spfquery.

  spf_rate.py --programs build/release [--rounds 3] [--count 8000]

The same records and questions for all. waypost and python3-spf answer from a zone in memory. spfquery asks a name server
of ours on loopback, in a network namespace of its own, and keeps the answers: of two runs, one long and one short, the
difference in CPU time counts, so that neither its start nor these first questions are in it; reading its lines and
printing its answers is. First all three must come to the same results.
"""

import argparse
import json
import os
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/spfcheck"))
sys.dont_write_bytecode = True

from machine import isolate
from zone_check import ZoneCheck

TARGET = 10  # times python3-spf
ZONE = {
    "plain.test": {"TXT": ["v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/25 -all"]},
    "hosts.test": {"TXT": ["v=spf1 a mx -all"], "A": ["203.0.113.1"], "MX": [(10, "mx1.hosts.test"), (20, "mx2.hosts.test")]},
    "mx1.hosts.test": {"A": ["203.0.113.2"]},
    "mx2.hosts.test": {"A": ["203.0.113.3"]},
    "shop.test": {"TXT": ["v=spf1 include:_spf.mail.test include:_spf.letters.test a:plain.test ~all"]},
    "_spf.mail.test": {"TXT": ["v=spf1 include:_a.mail.test include:_b.mail.test ~all"]},
    "_a.mail.test": {"TXT": ["v=spf1 " + " ".join(f"ip4:10.{n}.0.0/16" for n in range(20)) + " ~all"]},
    "_b.mail.test": {"TXT": ["v=spf1 ip6:2001:db8:100::/48 ip6:2001:db8:200::/48 ip4:172.16.0.0/19 ~all"]},
    "_spf.letters.test": {"TXT": ["v=spf1 ip4:192.0.2.128/25 ?all"]},
    "plain-host.test": {"A": ["198.51.100.200"]},
    "macro.test": {"TXT": ["v=spf1 exists:%{ir}.%{l1r-}.users.%{d2} redirect=plain.test"]},
    "7.2.0.192.bad.users.macro.test": {"A": ["127.0.0.2"]},
}
ZONE["plain.test"]["A"] = ["198.51.100.201"]
QUESTIONS = [
    ("192.0.2.1", "x@plain.test", "pass"), ("203.0.113.9", "x@plain.test", "fail"), ("203.0.113.3", "x@hosts.test", "pass"),
    ("203.0.113.9", "x@hosts.test", "fail"), ("10.19.3.4", "x@shop.test", "pass"), ("192.0.2.200", "x@shop.test", "pass"),
    ("203.0.113.9", "x@shop.test", "softfail"), ("192.0.2.7", "strong-bad@macro.test", "pass"),
]
HELO = "mail.plain.test"
TYPES = {1: "A", 15: "MX", 16: "TXT", 28: "AAAA", 12: "PTR"}


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def wire_data(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "MX":
        return struct.pack("!H", value[0]) + wire_name(value[1])
    raw = value.encode()
    return b"".join(bytes([len(raw[at:at + 255])]) + raw[at:at + 255] for at in range(0, len(raw), 255))


def serve_zone():
    """A name server on 127.0.0.1:53 that knows ZONE."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def run():
        while True:
            query, client = server.recvfrom(4096)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode())
                at += query[at] + 1
            number = struct.unpack("!H", query[at + 1:at + 3])[0]
            name, kind = ".".join(labels).lower(), TYPES.get(number, "")
            values = ZONE.get(name, {}).get(kind, [])
            head = query[:2] + struct.pack("!HHHHH", 0x8580 | (0 if name in ZONE else 3), 1, len(values), 0, 0)
            records = [b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 86400, len(data)) + data
                       for data in (wire_data(kind, value) for value in values)]
            server.sendto(head + query[12:at + 5] + b"".join(records), client)

    threading.Thread(target=run, daemon=True).start()


def name_ourselves(folder):
    """We are the machine's only name server, in the namespaces that isolate() made."""
    names = Path(folder) / "resolv.conf"
    names.write_text("nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", names, os.path.realpath("/etc/resolv.conf")], check=True)
    serve_zone()


def time_waypost(zone_check, count):
    zone_check.zone(ZONE)
    for ip, sender, _ in QUESTIONS:
        zone_check.command("time", count // len(QUESTIONS), ip, sender, HELO)
    answers = zone_check.run()
    assert [answer["result"] for answer in answers] == [wanted for _, _, wanted in QUESTIONS], answers
    return count / sum(answer["nanoseconds"] for answer in answers) * 1e9


def time_python(count):
    import spf

    def look_up(name, qtype, *_):
        return [((name, qtype), [value.encode()] if qtype == "TXT" else value) for value in ZONE.get(name, {}).get(qtype, ())]

    spf.DNSLookup = look_up
    begun = time.process_time()
    for _ in range(count // len(QUESTIONS)):
        for ip, sender, wanted in QUESTIONS:
            result = spf.query(i=ip, s=sender, h=HELO, receiver="bench").check()[0]
            assert result == wanted, (ip, sender, result, wanted)
    return count / (time.process_time() - begun)


def run_spfquery(program, count):
    """CPU seconds of a run with so many questions."""
    lines = "".join(f"{ip} {sender} {HELO}\n" for ip, sender, _ in QUESTIONS)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, "-f", "-"], input=lines * (count // len(QUESTIONS)), stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    results = [line for line in done.stdout.splitlines() if line in ("pass", "fail", "softfail", "neutral", "none")]
    expected = [wanted for _, _, wanted in QUESTIONS] * (count // len(QUESTIONS))
    assert results == expected, f"{len(results)} answers, the first {results[:8]}"
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def time_spfquery(program, count):
    short = count // 20
    return (count - short) / (run_spfquery(program, count) - run_spfquery(program, short))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--programs", type=Path, default=HERE.parent / "build/release")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--count", type=int, default=8000, help="evaluations of python3-spf; of the others five times as many")
    given = options.parse_args()
    isolate()
    spfquery = next((path for path in ("/usr/bin/spfquery.libspf2", "/usr/bin/spfquery") if os.path.exists(path)), None)
    rates = {"waypost": [], "python3-spf": [], "libspf2": []}
    with tempfile.TemporaryDirectory() as folder:
        name_ourselves(folder)
        for _ in range(given.rounds):
            rates["waypost"].append(time_waypost(ZoneCheck(given.programs / "tests/zone-check"), given.count * 5))
            rates["python3-spf"].append(time_python(given.count))
            if spfquery:
                rates["libspf2"].append(time_spfquery(spfquery, given.count * 5))
        subprocess.run(["umount", os.path.realpath("/etc/resolv.conf")], check=False)
    middle = {name: statistics.median(found) for name, found in rates.items() if found}
    (given.programs / "bench").mkdir(exist_ok=True)
    (given.programs / "bench/spf.json").write_text(json.dumps(rates, indent=1))
    print(f"{'SPF evaluations a second, without DNS':40}{'':>12}{'waypost is':>14}")
    for name, rate in middle.items():
        times = middle["waypost"] / rate
        verdict = f"target >= {TARGET}x " + ("met" if times >= TARGET else "MISSED") if name == "python3-spf" else ""
        print(f"  {name:38}{rate:12.0f}" + (f"{times:13.1f}x  {verdict}" if name != "waypost" else "").rstrip())
    if not spfquery:
        print("  libspf2 is left out: no spfquery (make bench-deps)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
