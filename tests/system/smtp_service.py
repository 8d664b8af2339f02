"""waypost-smtpd for each connection to a port of loopback: what a UCSPI server or inetd does, and a client that counts bytes."""

import os
import re
import socket
import subprocess
import threading

from sandbox import wait_until
from testing import PATIENCE
from waypost import BUILD

REPLY = re.compile(rb"(?:(?P<code>\d{3})-[^\r\n]*\r\n)*(?P<last>\d{3}) [^\r\n]*\r\n")


class SmtpService:
    """options: of waypost-smtpd. environment: what a UCSPI server adds; TCPREMOTEIP is always there unless inetd is played, which
    says nothing and gives the connection as standard error too."""

    def __init__(self, waypost, *options, environment=None, inetd=False, argv=None):
        self.waypost, self.inetd = waypost, inetd
        self.argv = argv or [BUILD / "waypost-smtpd", *options]
        self.environment = environment or {}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.processes = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection, (peer, _) = self.listener.accept()
            said = {} if self.inetd else {"TCPREMOTEIP": peer, "PROTO": "TCP"}
            with connection, open(self.waypost.log_file, "ab") as log:
                process = subprocess.Popen(
                    self.argv, stdin=connection, stdout=connection, stderr=connection if self.inetd else log,
                    env={**self.waypost.environment(), **said, **self.environment}, cwd="/", **self.waypost.identity())
            self.processes.append(process)
            threading.Thread(target=process.wait, daemon=True).start()

    def client(self):
        return Client(socket.create_connection(("127.0.0.1", self.port)))


class Listening:
    """waypost-smtpd that takes the connections itself, at a port of loopback; how: "--listen", or "systemd" or "inetd", which give it
    the socket."""

    def __init__(self, waypost, *options, how="--listen", environment=None):
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = listener.getsockname()[1]
        argv = [str(BUILD / "waypost-smtpd"), *options]
        places = {"--listen": [], "systemd": [3], "inetd": [0, 1, 2]}[how]
        if how == "--listen":
            listener.close()
            argv += ["--listen", f"127.0.0.1:{self.port}"]
        elif how == "systemd":  # the shell's process becomes the program, and its number is in LISTEN_PID
            argv = ["/bin/sh", "-c", f'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&{listener.fileno()}', "sh", *argv]
        with listener, open(waypost.log_file, "ab") as log:
            stdio = listener if 0 in places else subprocess.DEVNULL
            self.process = subprocess.Popen(argv, stdin=stdio, stdout=stdio, stderr=stdio if 2 in places else log,
                                            pass_fds=[listener.fileno()] if how == "systemd" else [],
                                            env={**waypost.environment(), **(environment or {})}, cwd="/", **waypost.identity())
        waypost.box.at_end(self._end)
        wait_until(self.listens, 20, "waypost-smtpd to listen")

    def _end(self):
        self.process.kill()
        self.process.wait()

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def client(self):
        return Client(socket.create_connection(("127.0.0.1", self.port)))


def on_pipes(waypost, *argv):
    """A dialogue on pipes, as `sendmail -bs` has it: (client, process)."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(argv, executable=BUILD / "waypost-inject" if argv[0] == "sendmail" else argv[0],
                                   stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=waypost.environment(), cwd="/",
                                   **waypost.identity())
    return Client(ours), process


class Client:
    """The other end, which sends what it is told and reads whole replies."""

    def __init__(self, connection):
        self.connection = connection
        connection.settimeout(30 * PATIENCE)
        self._unread = b""
        assert self.reply().startswith("220 ")

    def reply(self):
        """The next reply, as text; "" when the server has closed."""
        while (found := REPLY.match(self._unread)) is None:
            try:
                more = self.connection.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                assert not self._unread, f"no reply: {self._unread!r}"
                return ""
            self._unread += more
        self._unread = self._unread[found.end():]
        return found[0].decode()

    def send(self, text):
        self.connection.sendall(text if isinstance(text, bytes) else text.encode())

    def ask(self, line):
        self.send(line + "\r\n")
        return self.reply()

    def expect(self, *rows):
        """Lines and the beginning of each reply."""
        for line, wanted in rows:
            said = self.ask(line)
            assert said.startswith(wanted), f"{line}: {said!r}, where {wanted!r} was expected"

    def begin_message(self, *recipients, sender="alice@home.test"):
        self.expect((f"MAIL FROM:<{sender}>", "250 2.1.0"), *((f"RCPT TO:<{to}>", "250 2.1.5") for to in recipients),
                    ("DATA", "354"))

    def close(self):
        self.connection.close()


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return int(stat.read().rpartition(")")[2].split()[1])


def processes_named(name):
    """Process ids of those whose executable has this name."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.path.basename(os.readlink(f"/proc/{entry}/exe")) == name:
                found.append(int(entry))
        except OSError:
            continue  # It has ended.
    return found
