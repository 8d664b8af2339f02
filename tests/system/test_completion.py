"""Completion of the shells, by the shells themselves, on a live tree."""

import os
import pty
import re
import select
import shutil
import subprocess
from pathlib import Path

from sandbox import wait_until
from testing import PATIENCE
from test_figures import mixed_tree
from waypost import BUILD

ROOT = Path(__file__).resolve().parent.parent.parent

ASK_BASH = r'''
source "$1"; shift
complete -p waypost >/dev/null || exit 9
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_waypost
printf '%s\n' "${COMPREPLY[@]}"
'''


def asked(waypost, argv):
    environment = waypost.environment()
    environment["PATH"] = f"{BUILD}:/usr/bin:/bin"
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment,
                          cwd=waypost.home, timeout=60 * PATIENCE, check=False, **waypost.identity())
    assert done.returncode == 0, f"{argv}: {done.returncode} {done.stderr}"
    return done.stdout.split()


def documented_options(command):
    """The options in the manual of a command."""
    page = (ROOT / f"man/waypost-{command}.1").read_text()
    return set(re.findall(r"Fl Fl ([a-z-]+)", page)) | {"help"}


def test_completion_knows_commands_options_ids_and_transports(box):
    waypost, row = mixed_tree(box)
    script = ROOT / "etc/completion/waypost.bash"

    def bash(*words):
        return asked(waypost, ["bash", "-c", ASK_BASH, "bash", script, "waypost", *words])

    commands = bash("")
    assert {"list", "why", "top", "stats", "config", "route"} <= set(commands)
    assert bash("st") == [one for one in commands if one.startswith("st")]
    own = ("list", "show", "hold", "release", "kick", "drop", "bounce", "requeue", "why", "status", "stats", "top", "reload", "spfcheck",
           "probe", "submit")
    for command in own:
        completed = {word.removeprefix("--") for word in bash(command, "--")}
        helped = {word.removeprefix("--") for word in re.findall(r"--[a-z-]+", waypost.command(command, "--help"))}
        assert completed == helped and "help" in completed, command
        # A second name of --transport, which only kick needs to be told apart.
        assert helped - {"last-transport"} == documented_options(command) - {"last-transport"}, command
    assert "--config" in bash("route", "--c") and bash("config", "ch") == ["check"]
    held, waits = row["id"], waypost.list("--domain", "two.test")[0]["id"]
    for words in (["why", ""], ["kick", "--id", ""], ["hold", "--id", "="]):
        assert set(bash(*words)) == {held, waits}, words
    assert bash("why", held[:-1]) == [held]
    assert set(bash("kick", held, "--transport", "")) == {"direct", "local", "root", "aliases", "relay"}
    assert bash("list", "--class", "gr") == ["greylisted"]
    for command in ("start", "inject", "queue", "nothing"):
        assert bash(command, "--") == [], f"{command} is not started for its options"


class Zsh:
    """An interactive zsh on a terminal of its own, at which a test types."""

    def __init__(self, waypost):
        self.end, theirs = pty.openpty()
        environment = {**waypost.environment(), "PATH": f"{BUILD}:/usr/bin:/bin", "TERM": "dumb"}
        self.child = subprocess.Popen(["zsh", "-f", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
                                      cwd=waypost.home, start_new_session=True, **waypost.identity())
        os.close(theirs)
        self.seen = ""
        self.type(f"fpath=({ROOT}/etc/completion $fpath); autoload -Uz compinit; compinit -u -D; print rea''dy\n")
        self.wait_for("ready")

    def type(self, text):
        self.seen = ""
        os.write(self.end, text.encode())

    def wait_for(self, text):
        def shown():
            while select.select([self.end], [], [], 0)[0]:
                self.seen += os.read(self.end, 65536).decode(errors="replace")
            return text in re.sub(r"\x1b\[[?0-9]*[A-Za-z]|\x08", "", self.seen)
        wait_until(shown, 60, f"{text!r} on the terminal of zsh")

    def close(self):
        self.child.kill()
        self.child.wait()
        os.close(self.end)


def test_zsh_completes_what_is_typed(box):
    if not shutil.which("zsh"):
        print("zsh is not installed: skipped")
        return
    waypost, row = mixed_tree(box)
    zsh = Zsh(waypost)
    clear = "\x15"  # Ctrl-U
    for typed, completed in (("waypost rou\t", "waypost route"), ("waypost list --cla\t", "waypost list --class"),
                             (f"waypost why {row['id'][:-1]}\t", f"waypost why {row['id']}"),
                             ("waypost kick --transport rel\t", "waypost kick --transport relay"),
                             ("waypost config ch\t", "waypost config check")):
        zsh.type(clear + typed)
        zsh.wait_for(completed)
    zsh.close()
