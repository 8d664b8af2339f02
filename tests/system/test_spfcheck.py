"""waypost-spfcheck as it asks real name servers, and how it asks one of ours that watches."""

import json
import os
import socket
import struct
import subprocess
import threading
from pathlib import Path

from scenery import Scenery
from testing import PATIENCE

LONG = " ".join(f"ip4:198.51.100.{n}" for n in range(200))  # more than a datagram takes
STRINGS = " ".join(f'"{LONG[at:at + 200]}"' for at in range(0, len(LONG), 200))
ZONE = f"""
example.test. IN TXT "v=spf1 mx include:long.test " "-all exp=why.test"
example.test. IN TXT "something else"
long.test. IN TXT "v=spf1 " {STRINGS} " a:six.test redirect=%{{d}}.odd.test"
long.test.odd.test. IN TXT "v=spf1 exists:%{{l}}.\\"q.test ?exists:alias.test ~all"
bob.\\"q.test. IN A 127.0.0.2
alias.test. IN CNAME mx1.example.test.
six.test. IN AAAA fd77::25
why.test. IN TXT "%{{i}} is none of %{{d}}"
failing.test. IN TXT "v=spf1 include:broken.test -all"
xn--bcher-kva.test. IN TXT "v=spf1 ptr ?all"
11.0.77.10.in-addr.arpa. IN PTR mx.xn--bcher-kva.test.
mx.xn--bcher-kva.test. IN A 10.77.0.11
"""
QUESTIONS = [
    ("10.77.0.11 x@example.test", "pass mx example.test"),
    ("198.51.100.199 x@example.test", "pass include:long.test example.test"),
    ("fd77::25 x@example.test", "pass include:long.test example.test"),
    ("192.0.2.1 bob@example.test", "pass include:long.test example.test"),
    ("192.0.2.1 eve@example.test", "fail -all example.test"),
    ("192.0.2.1 eve@long.test", "neutral ?exists:alias.test long.test.odd.test"),
    ("192.0.2.1 x@failing.test", "temperror - -"),
    ("192.0.2.1 x@ghost.test", "none - -"),
    ("192.0.2.1 x@absent.invalid", "none - -"),
    ("10.77.0.11 x@bücher.test", "pass ptr xn--bcher-kva.test"),
    ("192.0.2.1 <> -", "error a null sender needs a HELO name"),
    ("10.77.0.11 <> example.test", "pass mx example.test"),
]


def spfcheck(*arguments, text=""):
    return subprocess.run([Path(os.environ["WAYPOST_BUILD"]) / "waypost-spfcheck", *arguments], input=text, capture_output=True, text=True,
                          timeout=60 * PATIENCE, check=False)


def test_spfcheck_asks_real_name_servers(box):
    ask = ("--resolver", Scenery(box, ZONE).dns.address)
    done = spfcheck(*ask, "--filter", text="".join(f"{question}\n" for question, _ in QUESTIONS))
    assert done.returncode == 100, done  # for the line that is no query
    assert done.stdout.splitlines() == [answer for _, answer in QUESTIONS], done.stdout
    one = spfcheck(*ask, "-i", "192.0.2.1", "-f", "eve@example.test", "-h", "mail.test", "-r", "me.test", "--explain", "--json")
    assert one.returncode == 1 and one.stderr == "", one
    answer = json.loads(one.stdout)
    assert answer["explanation"] == "192.0.2.1 is none of example.test" and answer["lookups"] == 6, answer
    assert answer["received_spf"].startswith("Received-SPF: fail (me.test: ")
    terms = answer["trace"]["terms"]
    assert [term["term"] for term in terms] == ["mx", "include:long.test", "-all", "exp=why.test"]
    assert terms[0]["lookups"][0]["answer"] == "10 mx1.example.test" and terms[0]["cost"] == 1
    assert spfcheck(*ask, "-i", "192.0.2.1", "-f", "x@failing.test").returncode == 111
    assert spfcheck(*ask, "-i", "10.77.0.11", "-f", "x@example.test").returncode == 0


class WatchingServer:
    """A name server on 127.0.0.1:5300 that answers no address before all hosts' addresses were asked for."""

    def __init__(self, hosts):
        self.hosts, self.held, self.silent = hosts, [], False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 5300))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            name, at = [], 12
            while query[at]:
                name.append(query[at + 1:at + 1 + query[at]].decode())
                at += query[at] + 1
            kind = struct.unpack("!H", query[at + 1:at + 3])[0]
            if not self.silent:
                self.answer(query[:at + 5], ".".join(name).lower(), kind, client)

    def answer(self, question, name, kind, client):
        if kind == 16:
            self.send(question, client, 16, [b"\x0fv=spf1 mx -all "])
        elif kind == 15:
            self.send(question, client, 15, [struct.pack("!HB", 10, len(host)) + host.encode() + b"\xc0\x0c" for host in self.hosts])
        else:
            # A question that is sent again counts once.
            self.held = [one for one in self.held if one[0] != name] + [(name, question, client)]
            if len(self.held) == len(self.hosts):
                for number, (_, asked, asker) in enumerate(self.held):
                    self.send(asked, asker, 1, [bytes([198, 51, 100, number])])
                self.held = []

    def send(self, question, client, kind, records):
        head = question[:2] + struct.pack("!HHHHH", 0x8180, 1, len(records), 0, 0)
        tail = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for data in records)
        self.socket.sendto(head + question[12:] + tail, client)


def test_spfcheck_asks_for_hosts_side_by_side_and_never_waits_for_ever(box):
    server = WatchingServer([f"mx{n}" for n in range(10)])
    done = spfcheck("--resolver", "127.0.0.1:5300", "-i", "198.51.100.9", "-f", "x@example.test")
    assert done.returncode == 0 and done.stdout.startswith("result: pass\nmechanism: mx of example.test\n"), done
    server.silent = True
    done = spfcheck("--resolver", "127.0.0.1:5300", "--timeout", "1", "-i", "198.51.100.9", "-f", "x@example.test")
    assert done.returncode == 111 and "no answer in time" in done.stdout, done
