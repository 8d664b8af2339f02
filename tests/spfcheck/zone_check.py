"""ZoneCheck: waypost's check_host() over a zone in memory, by the program zone-check."""

import json
import subprocess


def encode(value):
    """Text as UTF-8; a character below U+0100 of a byte string stays that byte."""
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
    return raw.hex()


class ZoneCheck:
    """Commands are collected, and answered all at once by run()."""

    def __init__(self, binary):
        self.binary = binary
        self.lines = []

    def command(self, verb, *fields):
        self.lines.append(" ".join([verb, *map(encode, fields)]))

    def zone(self, records):
        """{name: {TYPE: [value]}}; an MX is (preference, host), the value None of a type a timeout, ... a failure."""
        self.command("new")
        for name, types in records.items():
            for kind, values in types.items():
                for value in values:
                    self.record(name, kind, value)

    def record(self, name, kind, value):
        if value is None or value is ...:
            self.command("timeout" if value is None else "servfail", name, kind.lower())
        elif kind == "MX":
            self.command("mx", name, value[0], value[1])
        else:
            self.command({"A": "a", "AAAA": "a", "TXT": "txt", "PTR": "ptr", "CNAME": "cname"}[kind], name, value)

    def check(self, ip, sender, helo):
        self.command("check", ip, sender, helo)

    def run(self):
        """The answers, in the order of the questions."""
        text = "".join(line + "\n" for line in self.lines)
        self.lines = []
        done = subprocess.run([self.binary], input=text.encode(), stdout=subprocess.PIPE, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]
