"""SMTP smuggling: whatever stands in a message, every server sees one message in what leaves.

The ends of data are those published in 2023 for finding servers that take more than CR LF . CR LF for the end
(smtpsmuggling.com), and the two of CR LF with one end torn off.
"""

import re
import socket
import threading

from peers import Postfix
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import Waypost, new_message

ENDS = [b"\n.\n", b"\n.\r", b"\r.\n", b"\r.\r", b"\n.\r\n", b"\r.\r\n", b"\r\n\0.\r\n",
        b"\r\n.\n", b"\r\n.\r", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n", b"\r\n.\r\n"]
SMUGGLED = b"MAIL FROM:<evil@home.test>\r\nRCPT TO:<victim@two.test>\r\nDATA\r\nsmuggled\r\n.\r\n"
LINE_END = re.compile(rb"\r\n|\r|\n")
LONE_DOT = re.compile(rb"(?:^|\r\n|\r|\n)\.(?:\r\n|\r|\n)")


class LaxServer:
    """Takes CR, LF and CR LF for the end of a line, and drops every NUL, as old servers do."""

    def __init__(self, listener):
        self.bodies, self.senders = [], []
        self._listener = listener
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        arrived = bytearray()
        with connection:
            connection.sendall(b"220 lax\r\n")
            while (line := self._take(connection, arrived, LINE_END)) is not None:
                verb = line.split(b" ")[0].split(b":")[0].upper()
                if verb == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    self.bodies.append(self._take(connection, arrived, LONE_DOT))
                if verb == b"MAIL":
                    self.senders.append(line)
                if verb:
                    connection.sendall(b"250 ok\r\n")

    @staticmethod
    def _take(connection, arrived, end):
        """What comes before the end; None when the client has gone."""
        while (found := end.search(arrived)) is None:
            try:
                part = connection.recv(1 << 16)
            except ConnectionResetError:
                return None
            if not part:
                return None
            arrived += part.replace(b"\0", b"")
        taken = bytes(arrived[: found.start()])
        del arrived[: found.end()]
        return taken


def test_the_lax_server_would_be_fooled(box):
    listener = socket.create_server(("127.0.0.1", 0))
    server = LaxServer(listener)
    for end in ENDS:
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(b"MAIL FROM:<a@home.test>\r\nDATA\r\nx" + end + SMUGGLED + b".\r\nQUIT\r\n")
            wait_until(lambda: b"MAIL FROM:<evil@home.test>" in server.senders, 5, f"{end!r} to be taken for an end")
        server.senders.clear()


@time_limit(180)
def test_no_server_sees_more_than_one_message(box):
    scenery = Scenery(box)
    strict, lax = Sink(scenery.host("mx1").listen(25)), LaxServer(scenery.host("mx2").listen(25))
    postfix = Postfix(box, scenery.host("home"))
    waypost = Waypost(box, tables="[defaults]\nconnections = 1\n").start()
    sent = 0
    for end in ENDS:
        bodies = [b"x" + end + SMUGGLED]
        # At every place of every block that any program reads, whatever its size.
        bodies += [b"x" * pad + end * (150_000 // len(end)) + SMUGGLED for pad in range(len(end))]
        for body in bodies:
            _, head = new_message(body="")
            waypost.send(head + body, "a@example.test", "b@two.test", "c@home.test")
            sent += 1
        strict.wait_for(sent, 60)
    wait_until(lambda: len(lax.bodies) >= sent, 60, "the lax server")
    stored = postfix.wait_for(sent, 60)
    waypost.wait_for_empty_queue()
    assert len(strict.messages) == len(lax.bodies) == len(stored) == sent
    assert not any(b"evil" in sender for sender in lax.senders), "a message was smuggled"
    assert all(message.data.count(b"evil@home.test") == 1 for message in strict.messages)
    for message in strict.messages:
        bare = message.wire.replace(b"\r\n", b"")
        assert b"\r" not in bare and b"\n" not in bare, "a bare CR or LF left the machine"
