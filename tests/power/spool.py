"""Reads a spool by waypost-spool(5), independently of waypost's own code: what a crash image holds."""

import contextlib
import dataclasses
import functools
import hashlib
import os
import re

from letters import token_of, whole

HEAD = 512
AT_ONCE = 200  # files that are open
HEAD_KEYS = ["waypost-message", "uid", "login", "peer", "arrival", "message", "envelope", "recipients", "hops",
             "eight_bit", "crc32c"]
MARKS = b"-DSTFRE"
OPEN_MARKS = "-SF"
ENTRY = re.compile(rb"([0-9a-f]{8}) (\d+) ")
NAME = re.compile(r"([0-9a-v]{16})((?:\.(?:[bsc][0-9]+|d))*)(?:\.(?:[0-9]+|held))?")


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = _crc_table()


@functools.lru_cache(maxsize=4096)  # the same files stand in many images
def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


@dataclasses.dataclass
class Message:
    name: str          # ID with its suffixes
    token: str         # of the letter; of a notice: of the letter that it reports
    sender: str
    marks: dict        # address to mark
    history: tuple     # the kinds of its entries

    @property
    def notice(self):
        return self.sender == ""

    @property
    def open(self):
        return any(mark in OPEN_MARKS for mark in self.marks.values())


class Damaged(Exception):
    pass


def _head(block):
    lines = block.rstrip(b"\0").split(b"\n")
    if len(block) < HEAD or lines.pop() != b"" or len(lines) != len(HEAD_KEYS):
        raise Damaged("head")
    values = {}
    for key, line in zip(HEAD_KEYS, lines):
        found, _, value = line.partition(b" ")
        if found.decode("latin-1") != key:
            raise Damaged(f"head: {key}")
        values[key] = value.decode("latin-1")
    return values, b"\n".join(lines[:-1]) + b"\n"


def _history(data):
    """The kinds of the entries, as far as they are sound."""
    kinds, at = [], 0
    while entry := ENTRY.match(data, at):
        at = entry.end() + int(entry[2])
        payload = data[entry.end():at]
        if crc32c(payload) != int(entry[1], 16) or data[at:at + 1] != b"\n":
            break
        kinds.append(payload.partition(b"\0")[0].removeprefix(b"kind=").decode())
        at += 1
    return tuple(kinds)


@functools.lru_cache(maxsize=4096)  # for the same reason
def read_message(name, content):
    """The message in a file of this name; raises Damaged when it is not one, whole."""
    match = NAME.fullmatch(name)
    if not match:
        raise Damaged("name")
    values, summed = _head(content[:HEAD])
    message_end = HEAD + int(values["message"])
    envelope_end = message_end + int(values["envelope"])
    count = int(values["recipients"])
    marks = content[envelope_end:envelope_end + count]
    if len(marks) < count or any(mark not in MARKS for mark in marks):
        raise Damaged("marks")
    if crc32c(content[HEAD:envelope_end] + summed) != int(values["crc32c"]):
        raise Damaged("crc32c")
    history = _history(content[envelope_end + count:])
    return _message(match[1] + match[2], content[HEAD:message_end], content[message_end:envelope_end], marks, history)


def _message(name, body, envelope, marks, history):
    fields = envelope.decode("latin-1").split("\0")
    sender = fields[0][1:]
    recipients = [field[1:] for field in fields if field.startswith("T")]
    if not recipients or len(recipients) != len(marks) or not whole(body):
        raise Damaged("envelope or body")
    token = token_of(sender or recipients[0])
    return Message(name, token, sender, dict(zip(recipients, marks.decode())), history)


def files_below(folder):
    for path, folders, names in os.walk(folder):
        folders.sort()
        yield from (os.path.join(path, name) for name in sorted(names))


def everything(root):
    """(path, its status, its content) of each file of the queue, in the order of their names. The disk is asked for many of
    them at once: on a machine that is busy, an answer takes milliseconds."""
    paths = [path for top in ("new", "cur") for path in files_below(os.path.join(root, top))]
    for begin in range(0, len(paths), AT_ONCE):
        with contextlib.ExitStack() as opened:
            files = [opened.enter_context(open(path, "rb", buffering=0)) for path in paths[begin:begin + AT_ONCE]]
            for file in files:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
            for file in files:
                yield file.name, os.fstat(file.fileno()), file.readall()


class Spool:
    """letters: token to Message; notices: token to the notices about that letter; damaged: path to reason.
    digest: of every file's name, owner, mode and bytes: what a queue manager that starts here can see."""

    def __init__(self, root):
        root = os.fspath(root)
        self.letters, self.notices, self.damaged, self.doubled = {}, {}, {}, []
        seen = hashlib.sha1()
        for path, status, content in everything(root):
            facts = f"{path[len(root) + 1:]} {status.st_uid} {status.st_mode} {len(content)}\n"
            seen.update(facts.encode() + content)
            self._take(path, content)
        self.digest = seen.hexdigest()

    def _take(self, path, content):
        try:
            message = read_message(os.path.basename(path), content)
        except Damaged as reason:
            self.damaged[path] = str(reason)
            return
        if message.notice:
            self.notices.setdefault(message.token, []).append(message)
        elif message.token in self.letters:
            self.doubled.append(path)
        else:
            self.letters[message.token] = message
