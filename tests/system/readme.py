"""The commands of a section of the README, as somebody types them, and a shell to type them into.

What the README shows is what runs: the code blocks (four spaces) of the section are cut into commands, with their
here-documents, and nothing is added or left out.
"""

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

from sandbox import ORDINARY_UID, wait_until

README = Path(__file__).resolve().parent.parent.parent / "README.md"
LIMIT = 60.0  # seconds for one command
# A shell starts what runs in the background deaf to Ctrl-C, and in its own process group; a terminal does neither.
OWN_TERMINAL = ("import os, signal, sys; os.setpgid(0, 0); signal.signal(signal.SIGINT, signal.SIG_DFL); "
                "os.execvp('bash', ['bash', '-c', 'exec ' + sys.argv[1]])")
HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")


def section(title, text=None):
    """The lines below that heading, up to the next heading of any kind."""
    lines = (text if text is not None else README.read_text(encoding="utf-8")).splitlines()
    start = next(n for n, line in enumerate(lines) if line.lstrip("#").strip() == title and line.startswith("#"))
    end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("#")), len(lines))
    return lines[start + 1:end]


def commands(lines):
    """The commands of the code blocks, in order; of several lines where a line goes on or a here-document follows."""
    found, pending, until = [], [], None
    for line in lines:
        code = line[4:] if line.startswith("    ") else "" if until is not None and not line.strip() else None
        if code is None or (not code.strip() and until is None):
            assert not pending, f"a code block ends within {pending}"
            continue
        pending.append(code)
        if until is None:
            here = HERE.search(code)
            until = here[2] if here else None
            if until is None and not code.rstrip().endswith("\\"):
                found.append("\n".join(pending))
                pending = []
        elif code == until:
            found.append("\n".join(pending))
            pending, until = [], None
    assert not pending, f"the last command has no end: {pending}"
    return found


class Terminal:
    """A shell of an ordinary user, with what stands in the variables of one command there for the next."""

    def __init__(self, box, folder, home):
        self.box, self.folder, self.count = box, box.path("terminal"), 0
        self.folder.chmod(0o777)
        self.log = box.folder / "terminal.log"
        self.log.touch()
        box.watch_log(self.log)
        self.shell = subprocess.Popen(["bash", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, cwd=folder, text=True, start_new_session=True,
                                      env=box.environment(HOME=str(home), USER="newcomer", TERM="dumb"),
                                      user=ORDINARY_UID, group=ORDINARY_UID, extra_groups=[])
        box.at_end(self.close)

    def _tell(self, script):
        self.shell.stdin.write(script)
        self.shell.stdin.flush()

    def run(self, command, answer=""):
        """(exit status, standard output, standard error); answer is what the command is told when it asks."""
        self.count += 1
        typed = self.folder / f"{self.count}.in"
        typed.write_text(answer)
        out, err, status = (self.folder / f"{self.count}.{kind}" for kind in ("out", "err", "status"))
        self._tell(f"{{ {command}\n}} >{out} 2>{err} <{typed}; echo $? >{status}.new; mv {status}.new {status}\n")
        wait_until(status.exists, LIMIT, f"the end of {command!r}")
        result = int(status.read_text()), out.read_text(errors="replace"), err.read_text(errors="replace")
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"$ {command}\n{result[1]}{result[2]}({result[0]})\n")
        return result

    def start(self, command):
        """Runs it in a second terminal, which lasts; returns its process, and the file of what it prints."""
        self.count += 1
        number, out = self.folder / f"{self.count}.pid", self.folder / f"{self.count}.out"
        program = shlex.join(["/usr/bin/python3", "-c", OWN_TERMINAL, command])
        self._tell(f"{program} >{out} 2>&1 </dev/null &\necho $! >{number}.new; mv {number}.new {number}\n")
        wait_until(number.exists, LIMIT, f"{command!r} to be started")
        self.box.watch_log(out)
        return int(number.read_text()), out

    @staticmethod
    def interrupt(process):
        """Ctrl-C in that terminal."""
        os.killpg(process, signal.SIGINT)

    def wait(self, process, seconds):
        """The exit status of what start() began, when it has ended."""
        wait_until(lambda: self.run(f"kill -0 {process}")[0] != 0, seconds, f"the end of process {process}")
        return self.run(f"wait {process}")[0]

    def close(self):
        self.shell.stdin.close()
        self.shell.kill()
        self.shell.wait()
