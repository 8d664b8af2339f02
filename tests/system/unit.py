"""A systemd unit, run as systemd would run it, as far as that needs no systemd: the command line, READY=1 on NOTIFY_SOCKET,
Restart=, KillMode=mixed, and of its limits those that could keep a program from its work:

    CapabilityBoundingSet, NoNewPrivileges, UMask, LimitNOFILE       by setpriv and prlimit
    ProtectSystem=full, ReadWritePaths, ProtectHome, PrivateTmp      by mounts in a namespace of its own
    SystemCallFilter, RestrictAddressFamilies, MemoryDenyWriteExecute   by a filter (filtered.py)
"""

import os
import re
import signal
import socket
import subprocess
import threading
import time

from sandbox import wait_until

READY_LIMIT = 60
HERE = os.path.dirname(os.path.abspath(__file__))

# $1 is the machine's root, $2 the ReadWritePaths; then the command.
SURROUNDINGS = """set -e
root=$1 writable=$2; shift 2
mount --make-rprivate /
for folder in usr boot etc; do
  mount --bind "$root/$folder" "$root/$folder"; mount -o remount,bind,ro "$root/$folder"
done
for folder in $writable; do
  mount --bind "$root$folder" "$root$folder"; mount -o remount,bind,rw "$root$folder"
done
[ "$PROTECT_HOME" != yes ] || for folder in home root; do mount -t tmpfs -o mode=000 none "$root/$folder"; done
mount -t tmpfs -o mode=1777 none "$root/tmp"
exec "$@"
"""


def read_unit(debian, path):
    """The keys of all sections; a key that comes twice keeps its last value."""
    text = (debian.root / path.lstrip("/")).read_text()
    return dict(re.findall(r"(?m)^(\w+)=(.*)$", text))


def call_names(debian, sets):
    """The system calls behind names and @sets, as systemd-analyze has them."""
    names, seen = set(), set()

    def expand(word):
        if not word.startswith("@"):
            names.add(word)
        elif word not in seen:
            seen.add(word)
            for line in debian.run(["systemd-analyze", "syscall-filter", "--no-pager", word]).splitlines()[1:]:
                if line.startswith("    ") and not line.strip().startswith("#"):
                    expand(line.strip())

    for word in sets.split():
        expand(word)
    return names


class UnitProcess:
    def __init__(self, debian, path):
        self.debian = debian
        self.unit = read_unit(debian, path)
        # systemd permits these to every service.
        self.calls = call_names(debian, "@default " + self.unit["SystemCallFilter"])
        self.process = None
        self.wanted = False
        self.watcher = None
        folder = debian.root / "run/systemd"
        folder.mkdir()
        self.news = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.news.bind(str(folder / "notify"))
        self.news.settimeout(READY_LIMIT)
        debian.box.at_end(self._end)

    def words(self, key):
        return self.unit[key].split()

    def _command(self):
        unit = self.unit
        capabilities = ",".join(["-all"] + [f"+{name.removeprefix('CAP_').lower()}" for name in
                                            unit["CapabilityBoundingSet"].split()])
        limits = ["setpriv", f"--bounding-set={capabilities}", "--inh-caps=-all"]
        if unit.get("NoNewPrivileges") == "yes":
            limits.append("--no-new-privs")
        filtered = ["/usr/bin/python3", f"{HERE}/filtered.py", str(self.debian.root),
                    "--families", unit["RestrictAddressFamilies"],
                    *(["--no-writable-code"] if unit.get("MemoryDenyWriteExecute") == "yes" else []),
                    "--calls", ",".join(sorted(self.calls)), "--"]
        return ["unshare", "--mount", "--", "/bin/sh", "-c", SURROUNDINGS, "sh", str(self.debian.root),
                unit["ReadWritePaths"], "prlimit", f"--nofile={unit['LimitNOFILE']}", *filtered, *limits, "--",
                *unit["ExecStart"].split()]

    def _spawn(self):
        unit = self.unit
        environment = self.debian.environment(NOTIFY_SOCKET="/run/systemd/notify", PROTECT_HOME=unit.get("ProtectHome", "no"))
        with open(self.debian.log_file, "ab") as log:
            self.process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            env=environment, start_new_session=True, umask=int(unit["UMask"], 8))

    def _watch(self):
        """Restart=always."""
        while True:
            status = self.process.wait()
            if not self.wanted or status == int(self.unit["RestartPreventExitStatus"]):
                return
            time.sleep(float(self.unit["RestartSec"]))
            self._spawn()

    def start(self):
        self.wanted = True
        self._spawn()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()
        said = self.news.recv(4096)
        assert said == b"READY=1\n", said

    def stop(self):
        """KillMode=mixed: SIGTERM to the main process, SIGKILL to all that is left when its time has passed."""
        self.wanted = False
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(float(self.unit["TimeoutStopSec"]))
        assert status == 0, f"{self.unit['ExecStart']} ended with {status}"
        self.watcher.join(5)

    def _end(self):
        self.wanted = False
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            wait_until(lambda: self.process.poll() is not None, 10, "the unit's process to end")
