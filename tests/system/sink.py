"""A mail server written for the tests: it keeps every byte that came, and answers as the test says.

Where Postfix changes what it stores (line ends, NUL, its own lines) or cannot be made to misbehave, this one serves.
It runs in threads of the test. `answer(session, verb, line)` is asked before every reply: None leaves the usual
one, text is sent instead, and HANG_UP closes the connection at once. Verbs are the SMTP commands, and CONNECT for
the banner, BODY for the reply after the final dot.

What a reply says is so before it leaves: a message is in `messages` when its 250 is sent, and a connection counts as
closed from its 221 on, or from when the client has closed it, whenever its thread gets to see that.
"""

import itertools
import select
import socket
import threading
from dataclasses import dataclass, field

from sandbox import wait_until

HANG_UP = object()

USUAL = {"CONNECT": "220 sink.test ESMTP", "HELO": "250 sink.test", "MAIL": "250 2.1.0 Ok", "RCPT": "250 2.1.5 Ok",
         "DATA": "354 Go ahead", "BODY": "250 2.0.0 Taken", "RSET": "250 2.0.0 Ok", "NOOP": "250 2.0.0 Ok",
         "QUIT": "221 2.0.0 Bye", "STARTTLS": "220 2.0.0 Go ahead"}


def refuse(verb, text, times=10**9):
    """An answer for a Sink: text to that verb, the first so many times that it comes."""
    remaining = itertools.count(times, -1)
    return lambda session, said, line: text if said == verb and next(remaining) > 0 else None


@dataclass
class Message:
    session: int
    tls: bool
    sender: str
    recipients: list
    wire: bytes  # as sent, dots doubled, without the final dot line

    @property
    def data(self):
        """The message after the dots were undone."""
        return (b"\r\n" + self.wire).replace(b"\r\n.", b"\r\n")[2:]


@dataclass
class Session:
    number: int
    peer: str
    tls: bool = False
    commands: list = field(default_factory=list)
    in_clear: list = field(default_factory=list)  # those of the commands that came without TLS
    open: bool = True
    descriptor: int = -1  # of its connection, while it is open


def closed_by_client(descriptor):
    poll = select.poll()
    poll.register(descriptor, select.POLLRDHUP)
    return bool(poll.poll(0))


class Sink:
    def __init__(self, listener, answer=None, extensions=("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"), tls=None):
        """tls is an ssl.SSLContext: STARTTLS is offered then."""
        self._listener = listener
        self._answer = answer or (lambda session, verb, line: None)
        self._extensions = extensions
        self._tls = tls
        self._lock = threading.Lock()
        self.sessions = []
        self.messages = []
        self.open, self.most_open = 0, 0  # connections at this moment, and at the busiest one
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self):
        return self._listener.getsockname()[1]

    def wait_for(self, count, seconds=15):
        wait_until(lambda: len(self.messages) >= count, seconds, f"{count} messages at the sink")
        return list(self.messages)

    def commands(self):
        """Every command line of every session, in order of sessions."""
        return [line for session in self.sessions for line in session.commands]

    def close(self):
        """From now on connections are refused; the open ones live on."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            with self._lock:
                for earlier in self.sessions:
                    if earlier.open and closed_by_client(earlier.descriptor):
                        self._closed(earlier)
                session = Session(len(self.sessions) + 1, peer[0], descriptor=connection.fileno())
                self.sessions.append(session)
                self.open += 1
                self.most_open = max(self.most_open, self.open)
            threading.Thread(target=self._serve, args=(connection, session), daemon=True).start()

    def _serve(self, connection, session):
        try:
            _Dialogue(self, connection, session).run()
        except OSError:
            pass  # The client went away; what it had sent is recorded.
        finally:
            self.end(session)
            connection.close()

    def end(self, session):
        with self._lock:
            self._closed(session)

    def _closed(self, session):
        self.open -= session.open
        session.open = False


class _Dialogue:
    """One connection, command by command."""

    def __init__(self, sink, connection, session):
        self.sink, self.session = sink, session
        self._use(connection)
        self._forget()

    def _use(self, connection):
        self.connection = connection
        self.stream = connection.makefile("rb")

    def _forget(self):
        self.sender, self.recipients = None, []

    def reply(self, verb, line, before=lambda code: None):
        """Sends the reply and returns its code; 0 when the connection is to end. before(code) is called just before."""
        text = self.sink._answer(self.session, verb, line)
        if text is HANG_UP:
            self.connection.shutdown(socket.SHUT_RDWR)
            return 0
        if text is None:
            text = self._usual(verb)
        code = int(text[:3]) if text[:3].isdigit() else 599
        if verb == "QUIT":
            self.sink.end(self.session)
        before(code)
        self.connection.sendall(text.encode() + b"\r\n")
        return code

    def _usual(self, verb):
        if verb == "EHLO":
            return self._capabilities()
        if verb == "DATA" and not self.recipients:
            return "503 5.5.1 No valid recipients"
        return USUAL.get(verb, "502 5.5.1 Unknown command")

    def _capabilities(self):
        lines = ["sink.test", *self.sink._extensions]
        if self.sink._tls and not self.session.tls:
            lines.append("STARTTLS")
        return "\r\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines)

    def run(self):
        if self.reply("CONNECT", "") == 0:
            return
        while True:
            line = self.stream.readline()
            if not line:
                return
            text = line.decode("latin-1").rstrip("\r\n")
            self.session.commands.append(text)
            if not self.session.tls:
                self.session.in_clear.append(text)
            verb = text.split(" ")[0].upper()
            code = self.reply(verb, text)
            if code == 0 or verb == "QUIT":
                return
            if not self.obey(verb, text, code):
                return

    def obey(self, verb, text, code):
        """What an accepted command changes. False ends the session."""
        if verb == "DATA" and code == 354:
            return self.receive()
        if code >= 300:
            return True
        if verb == "MAIL":
            self.sender = text
        elif verb == "RCPT":
            self.recipients.append(text)
        elif verb in ("RSET", "EHLO", "HELO"):
            self._forget()
        elif verb == "STARTTLS" and self.sink._tls:
            self._use(self.sink._tls.wrap_socket(self.connection, server_side=True))
            self.session.tls = True
            self._forget()
        return True

    def receive(self):
        lines = []
        # A line ends in CR LF; a bare LF is content, and only CR LF . CR LF ends the message.
        rest = b""
        while True:
            part = self.stream.readline()
            if not part:
                return False
            rest += part
            if not rest.endswith(b"\r\n"):
                continue
            if rest == b".\r\n":
                break
            lines.append(rest)
            rest = b""

        def take(code):
            if code == 250:
                message = Message(self.session.number, self.session.tls, self.sender, list(self.recipients),
                                  b"".join(lines))
                with self.sink._lock:
                    self.sink.messages.append(message)

        code = self.reply("BODY", "", take)
        self._forget()
        return code != 0
