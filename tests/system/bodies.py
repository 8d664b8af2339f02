"""Messages that have broken mail programs, with the wire form that must arrive at the peer.

Each row: name, what is handed in, what the server receives below the Received field, dots undone. Line ends become
CR LF, whatever they were; nothing else changes: no bare CR or LF ever leaves (smuggling), and 8-bit bytes, NUL and
long lines stay as they are.
"""

HEAD = b"Subject: torture\n\n"
WIRE_HEAD = b"Subject: torture\r\n\r\n"

ROWS = [
    ("dots", HEAD + b".\n..\n...\n.leading\nlast.\n", WIRE_HEAD + b".\r\n..\r\n...\r\n.leading\r\nlast.\r\n"),
    ("a lone dot at the end, no newline", HEAD + b"text\n.", WIRE_HEAD + b"text\r\n.\r\n"),
    ("CR LF dot CR LF inside", HEAD + b"a\r\n.\r\nMAIL FROM:<x@y>\r\n", WIRE_HEAD + b"a\r\n.\r\nMAIL FROM:<x@y>\r\n"),
    ("LF dot CR LF", HEAD + b"a\n.\r\nb\n", WIRE_HEAD + b"a\r\n.\r\nb\r\n"),
    ("CR dot CR", HEAD + b"a\r.\rb\n", WIRE_HEAD + b"a\r\n.\r\nb\r\n"),
    ("mixed line ends", HEAD + b"a\nb\r\nc\rd\n", WIRE_HEAD + b"a\r\nb\r\nc\r\nd\r\n"),
    ("CR CR LF", HEAD + b"a\r\r\nb\n", WIRE_HEAD + b"a\r\n\r\nb\r\n"),
    ("a CR at the very end", HEAD + b"a\r", WIRE_HEAD + b"a\r\n"),
    ("no final newline", HEAD + b"the end", WIRE_HEAD + b"the end\r\n"),
    ("8-bit bytes and NUL", HEAD + bytes(range(128, 256)) + b"\0\0x\n", WIRE_HEAD + bytes(range(128, 256)) + b"\0\0x\r\n"),
    ("a long line", HEAD + b"x" * 70_000 + b"\n", WIRE_HEAD + b"x" * 70_000 + b"\r\n"),
    ("a long line of dots", HEAD + b"." * 5_000 + b"\n", WIRE_HEAD + b"." * 5_000 + b"\r\n"),
    ("empty lines only", HEAD + b"\n\n\n", WIRE_HEAD + b"\r\n\r\n\r\n"),
    ("no body", b"Subject: torture\n", b"Subject: torture\r\n"),
    ("no header", b"\nbody\n", b"\r\nbody\r\n"),
    ("lines that cross every buffer", HEAD + b"".join(b"y" * n + b"\n" for n in range(2_000)),
     WIRE_HEAD + b"".join(b"y" * n + b"\r\n" for n in range(2_000))),
]


def below_received(data):
    """The message without the Received field that waypost-queue put on top, which must be there."""
    assert data.startswith(b"Received: "), f"no Received field on top of {data[:80]!r}"
    lines = data.split(b"\r\n")
    after = next(i for i in range(1, len(lines)) if not lines[i].startswith((b" ", b"\t")))
    return b"\r\n".join(lines[after:])
