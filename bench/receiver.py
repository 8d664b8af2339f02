"""The next hop of every bench: bench/sink/ with its ledger."""

import mmap
import struct
import subprocess
from collections import namedtuple

from machine import wait_until

# The order of bench/sink/ledger.h.
Ledger = namedtuple("Ledger", "messages first_ns last_ns connections open most_open handshakes bytes")
FORMAT = f"={len(Ledger._fields)}Q"


class Receiver:
    PORT = 2525
    SMTP_PORT = 25  # where nobody says another

    def __init__(self, programs, stage, group, delay_ms=0, certificate=None, port=PORT):
        ledger = stage / "ledger"
        arguments = [programs / "bench/bin/sink", str(port), str(delay_ms), ledger, *(certificate or [])]
        self._process = subprocess.Popen(arguments, stdout=subprocess.PIPE, preexec_fn=group.join)
        if self._process.stdout.read(1) != b"\n":
            raise RuntimeError("the sink does not start")
        with open(ledger, "rb") as file:
            self._memory = mmap.mmap(file.fileno(), struct.calcsize(FORMAT), prot=mmap.PROT_READ)

    def ledger(self):
        return Ledger(*struct.unpack(FORMAT, self._memory[:]))

    def wait_for(self, count, seconds):
        wait_until(lambda: self.ledger().messages >= count, seconds,
                   lambda: f"{count} messages at the sink ({self.ledger()})")

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._memory.close()
