"""waypost as it was built, in a home of its own (WAYPOST_HOME) on the bench's disk, its programs with the modes that
installing gives them: sendmail becomes a waypost-queue that is set-group-id. Tuned in one setting:

- senders=400     W5 has 200 slow hops at once, and half of the places are kept for hops that had a success. Postfix's
                  default_process_limit is raised for the same reason.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from load import run_load
from machine import ControlGroup, aside, wait_until
from postfix import address_of, listens

HEAD = """\
hostname = "bench.example.org"
postmaster = "postmaster@example.org"
senders = 400
"""


class Waypost:
    name = "waypost"
    says_ready = True

    def __init__(self, programs, stage, disk, message):
        self.group = ControlGroup("waypost")
        self._programs, self._home = self._with_modes(programs, stage / "programs"), disk.path / "waypost"
        self._log = open(disk.path / "waypost.log", "ab")
        self.message_file = stage / "message"
        self.message_file.write_text(message)
        self.inside = []
        self.load_program = programs / "bench/bin/load"
        self.sendmail = [self._sendmail(self._programs), "-i", "-f", "bench@example.org"]
        self.list_command = [self._programs / "waypost-list"]
        self.hold_all = [self._programs / "waypost", "hold", "--all"]
        self.environment = {"WAYPOST_HOME": str(self._home), "PATH": "/usr/sbin:/usr/bin", "LC_ALL": "C"}
        self._tree = None
        self.configure(25)
        (self._home / "spool/new").mkdir(parents=True, exist_ok=True)

    @staticmethod
    def missing(programs):
        """The programs without which nothing can be measured; accepting needs no more than these."""
        needed = ("waypost-inject", "waypost-queue", "waypost-config")
        return [name for name in needed if not (programs / name).exists()]

    @staticmethod
    def _with_modes(programs, folder):
        folder.mkdir()
        for program in programs.iterdir():
            if program.is_file():
                shutil.copy(program, folder)
        (folder / "waypost-queue").chmod(0o2755)
        return folder

    @staticmethod
    def _sendmail(programs):
        """waypost-inject is sendmail; its place under that name is made by installing."""
        return programs / ("sendmail" if (programs / "sendmail").exists() else "waypost-inject")

    # ---- What every system of the bench can do --------------------------------------------------

    def configure(self, port, hops=1, tls=False, reuse=True, login=None, proxy=None):
        """All mail to 127.0.0.1:port; with several hops, domain hopN.example to 127.0.HIGH.LOW:port. reuse: always.

        login: a Login; by submission to its host, verified. proxy: through it to where the recipient's domain says, port 25.
        """
        text = HEAD
        if proxy:
            return self._compile(text + f'[transport.hop0]\ntype = "socks"\nproxy = "{proxy}"\ntls = "off"\n'
                                 'local_hosts = true\n[[route]]\ntransport = "hop0"\n')
        if login:
            return self._compile(text + '[transport.hop0]\ntype = "submission"\n'
                                 f'host = "{login.host}"\nport = {port}\nca = "{login.authority}"\n'
                                 f'user = "{login.user}"\ncredential = "bench"\n[[route]]\ntransport = "hop0"\n', login)
        addresses = ["127.0.0.1"] if hops == 1 else [address_of(n) for n in range(hops)]
        for n, address in enumerate(addresses):
            text += (f'[transport.hop{n}]\ntype = "smtp"\nhost = "{address}"\nport = {port}\n'
                     f'tls = "{"opportunistic" if tls else "off"}"\nlocal_hosts = true\n')
        for n in range(len(addresses)):
            matches = "" if hops == 1 else f'to = ["hop{n}.example"]\n'
            text += f'[[route]]\n{matches}transport = "hop{n}"\n'
        return self._compile(text)

    def _compile(self, text, login=None):
        (self._home / "etc").mkdir(parents=True, exist_ok=True)
        if login:
            subprocess.run([self._programs / "waypost-credential", "add", "bench"], input=login.password.encode(),
                           env=self.environment, stdout=subprocess.DEVNULL, check=True)
        (self._home / "etc/waypost.toml").write_text(text)
        compiled = subprocess.run([self._programs / "waypost-config", "compile"], env=self.environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if compiled.returncode != 0:
            raise RuntimeError(f"waypost-config compile: {compiled.stdout}")

    def start(self, deliver=True):
        """Accepting needs no process that lives, so with deliver=False none is started."""
        if not deliver:
            return
        readable, writable = os.pipe()
        self._tree = subprocess.Popen([self._programs / "waypost-start", "-d", str(writable)], env=self.environment,
                                      stdin=subprocess.DEVNULL, stderr=self._log, stdout=self._log,
                                      pass_fds=[writable], preexec_fn=self.group.join)
        os.close(writable)
        with os.fdopen(readable, "rb") as ready:
            if ready.read(1) != b"\n":
                raise RuntimeError(f"waypost does not start; see {self._log.name}")

    @contextmanager
    def handed_over(self):
        """Messages go by waypost-accept: it listens, and the callers see the spool on a file system they cannot write."""
        spool, name = self._home / "spool", str(self._home / "run/accept")
        (self._home / "run").mkdir(exist_ok=True)
        lifeline, tree = os.pipe()
        with socket.socket(socket.AF_UNIX) as listener:
            Path(name).unlink(missing_ok=True)
            listener.bind(name)
            listener.listen(128)
            listener.setblocking(False)
            subprocess.Popen(["/bin/sh", "-c", f"exec {self._programs}/waypost-accept 3<&{lifeline}"], stdin=listener,
                             stdout=self._log, stderr=self._log, env=self.environment, pass_fds=[lifeline],
                             preexec_fn=self.group.join)
        os.close(lifeline)
        self.inside = ["unshare", "-m", "sh", "-c", f'mount --bind -o ro {spool} {spool} && exec "$@"', "sh"]
        try:
            yield
        finally:
            self.inside = []
            os.close(tree)

    def take_smtp(self):
        """waypost-smtpd as the service files have it: it takes the connections itself. Returns the port."""
        port = 2501
        subprocess.Popen([self._programs / "waypost-smtpd", "--listen", f"127.0.0.1:{port}"],
                         env={**self.environment, "RELAYCLIENT": ""}, stdin=subprocess.DEVNULL, stderr=self._log,
                         preexec_fn=self.group.join)
        wait_until(lambda: listens(port), 20, "waypost-smtpd to listen")
        return port

    def stop(self):
        if self._tree is not None:
            self._tree.send_signal(signal.SIGTERM)
            try:
                self._tree.wait(20)
            except subprocess.TimeoutExpired:
                print("bench: waypost-start did not end within 20 s of SIGTERM", flush=True)
            self._tree = None
        self.group.end()

    def accepted(self, count):
        if self.queued() != count:
            raise RuntimeError(f"waypost holds {self.queued()} messages of {count}")

    def queued(self):
        return sum(len(files) for name in ("new", "cur") for _, _, files in os.walk(self._home / "spool" / name))

    def empty(self):
        self.stop()
        for name in ("new", "cur", "bad"):
            for folder, _, files in os.walk(self._home / "spool" / name):
                for file in files:
                    os.unlink(os.path.join(folder, file))

    def fill(self, count, hops=1, **recipient):
        run_load(self, count, 8, hops, **recipient)

    def backlog(self, count):
        """So many messages in cur/, due in a day: copies of one that waypost itself tried and deferred (no sink runs)."""
        self.start()
        run_load(self, 1, 1)
        wait_until(self._deferred, 20, "the first attempt to fail")
        self.stop()
        original = self._deferred()[0]
        content, status = original.read_bytes(), original.stat()
        tomorrow, microseconds = int(time.time()) + 86400, int(time.time() * 1e6)
        for n in range(count):
            message_id = base32(microseconds - n, 11) + base32(n, 5)
            path = original.parents[1] / f"{n % 32:02d}" / f"{message_id}.{tomorrow}"
            with open(path, "xb", opener=lambda name, flags: os.open(name, flags, status.st_mode & 0o777)) as copy:
                copy.write(content)
            os.chown(path, status.st_uid, status.st_gid)
        original.unlink()

    def _deferred(self):
        """Files in cur/ whose next attempt lies ahead: waypost-spool(5), "Folders"."""
        return [path for path in (self._home / "spool/cur").glob("*/*.*")
                if path.suffix[1:].isdigit() and int(path.suffix[1:]) > time.time() + 1]

    def backlog_aside(self):
        return aside(self._home / "spool/cur")

    def close(self):
        self.stop()
        self._log.close()
        shutil.rmtree(self._home, ignore_errors=True)
        self.group.remove()


def base32(value, length):
    """Of waypost-spool(5), "Names": sorts as it counts."""
    digits = "0123456789abcdefghijklmnopqrstuv"
    return "".join(digits[value >> 5 * place & 31] for place in reversed(range(length)))
