"""A new user's session from the README alone: its own commands, run in an empty folder, each with the effect it promises.

A command that the README shows and this test does not know makes it fail: whoever adds one says here what comes of it.
"""

import os
import re
import subprocess
from pathlib import Path

from readme import Terminal, commands, section
from sandbox import ORDINARY_UID, wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit

SECTION = "Ten minutes with waypost"
SOURCE = Path(__file__).resolve().parent.parent.parent
SHOWN_ID = "1j0q8gopq5c4boo2"  # which every example names
SMARTHOST = "smtp.isp.example"


class Session:
    def __init__(self, box):
        self.box = box
        self.home = box.path("newcomer", owner=ORDINARY_UID)
        self.sink = None
        self.refusing = True
        self.id = None
        self.transport = None  # that leads to the smarthost, as the configuration names it
        self.tree = None
        self.tree_log = None
        self._plug()
        self.terminal = Terminal(box, self._checkout(), self.home)

    def _plug(self):
        """A network in which the smarthost of the README stands; the machine's resolver finds it."""
        scenery = Scenery(self.box, f"{SMARTHOST}. IN A 10.77.0.30\n")
        self.sink = Sink(scenery.host("relay").listen(25), self._answer)
        resolver = self.box.folder / "resolv.conf"
        resolver.write_text(f"nameserver {scenery.dns.address}\n")
        subprocess.run(["mount", "--bind", resolver, "/etc/resolv.conf"], check=True)

    def _answer(self, session, verb, line):
        return "450 4.3.0 come back later" if verb == "RCPT" and self.refusing else None

    def _checkout(self):
        """The source as it was checked out, with the programs under test where `make` has left them."""
        folder = self.box.path("newcomer/waypost")
        subprocess.run(["mount", "--bind", "-o", "ro", SOURCE, folder], check=True)
        release = folder / "build/release"
        if Path(os.environ["WAYPOST_BUILD"]).resolve() != (SOURCE / "build/release").resolve():
            assert release.is_dir(), "no build/release to stand in for"
            subprocess.run(["mount", "--bind", os.environ["WAYPOST_BUILD"], release], check=True)
        return folder

    def run(self, command):
        if self.id is not None:
            command = command.replace(SHOWN_ID, self.id)
        assert SHOWN_ID not in command, f"{command!r} needs a message, and none was sent before"
        answer = next((answer for begins, answer in ANSWERS if re.match(begins, command)), "")
        status, out, err = self.terminal.run(command, answer)
        assert status == 0, f"{command!r}: exit status {status}\n{out}{err}"
        return out, err

    def command(self, words):
        return self.run(words)[0]

    def rows(self):
        return self.command("waypost list --json").splitlines()


# ---- What comes of each command. Each gets the session, the command, its output and standard error.


def built(session, *_):
    assert session.command("test -x build/release/waypost && echo yes") == "yes\n"


def is_set(session, *_):
    home, program = session.command("echo $WAYPOST_HOME; command -v waypost").split()
    assert home == str(session.home / "mail") and program.endswith("build/release/waypost")


def folder_made(session, *_):
    assert (session.home / "mail/etc").is_dir()


def smarthost_configured(session, *_):
    text = (session.home / "mail/etc/waypost.toml").read_text()
    tables = re.split(r"(?m)^\[", text)
    (table,) = [table for table in tables if re.search(rf'(?m)^host\s*=\s*"{SMARTHOST}"', table)]
    session.transport = re.match(r"transport\.([\w-]+)\]", table)[1]
    assert re.search(rf'(?m)^transport\s*=\s*"{session.transport}"', text), text


def checked(_session, _command, _out, err):
    assert not err, err


def settings_shown(_session, _command, out, _err):
    assert SMARTHOST in out, out


def compiled(session, *_):
    assert (session.home / "mail/etc/snapshot").stat().st_size > 0


def route_told(session, _command, out, _err):
    assert session.transport in out and "waypost.toml:" in out, out


def sent(session, *_):
    wait_until(lambda: session.rows() and '"attempts":1' in session.rows()[0], 20, "the first attempt")
    (row,) = session.rows()
    session.id = re.search(r'"id":"([0-9a-v]+)"', row)[1]
    assert '"you@example.com"' in row and f'"transport":"{session.transport}"' in row, row


def names_the_message(session, _command, out, _err):
    assert session.id in out, out


def story_told(session, _command, out, _err):
    names_the_message(session, _command, out, _err)
    assert "450 4.3.0 come back later" in out and f"attempt 1 by {session.transport} (waypost.toml:" in out, out


def dialogue_told(session, _command, out, _err):
    assert "> RCPT TO:<you@example.com>" in out and "< 450 4.3.0 come back later" in out, out


def content_shown(_session, _command, out, _err):
    assert "Subject: hello" in out and out.rstrip().endswith("hello"), out


def held(session, *_):
    assert '"held":true' in session.rows()[0]


def released(session, *_):
    assert '"held":false' in session.rows()[0]


def tried_again(session, command, *_):
    rule = 'rule="by hand"' if "--transport" in command else "event=kick"
    wait_until(lambda: rule in session.tree_log.read_text(), 20, f"an attempt by hand ({rule}) in the log")


def nothing_changed(session, _command, out, _err):
    assert "No message matches" in out and len(session.rows()) == 1, out


def reloaded(session, *_):
    wait_until(lambda: "event=reloaded" in session.tree_log.read_text(), 10, "the reload in the log")


def names_the_transport(session, _command, out, _err):
    assert session.transport in out, out


def some_output(_session, command, out, _err):
    assert out.strip(), f"{command!r} says nothing"


def credential_kept(session, command, *_):
    name = re.match(r"waypost credential add (\w+)", command)[1]
    assert name in session.command("waypost credential list").split()


# What a command is told when it asks.
ANSWERS = ((r"waypost credential add\b", "correct horse battery staple\n"),)

# The first that matches the command's beginning decides.
EFFECTS = (
    (r"make$", built),
    (r"export WAYPOST_HOME=", is_set),
    (r"mkdir -p \$WAYPOST_HOME/etc$", folder_made),
    (r"waypost config init\b", smarthost_configured),
    (r"waypost config check\b", checked),
    (r"waypost config show\b", settings_shown),
    (r"waypost config compile\b", compiled),
    (r"waypost credential add\b", credential_kept),
    (r"waypost route --simulate\b", some_output),
    (r"waypost route\b", route_told),
    (r"printf .*\| waypost-inject ", sent),
    (r"waypost list\b", names_the_message),
    (r"waypost why --transcript\b", dialogue_told),
    (r"waypost why\b", story_told),
    (r"waypost show\b", content_shown),
    (r"waypost hold\b", held),
    (r"waypost release\b", released),
    (r"waypost kick\b", tried_again),
    (r"waypost bounce .*--dry-run$", nothing_changed),
    (r"waypost reload\b", reloaded),
    (r"waypost (top|stats)\b", names_the_transport),
    (r"waypost status\b", some_output),
)


def start_tree(session, command):
    """`waypost start` stays in the foreground: another terminal."""
    session.tree, session.tree_log = session.terminal.start(command)
    wait_until(lambda: "event=loaded" in session.tree_log.read_text(), 20, "the tree")
    wait_until(lambda: session.terminal.run("waypost status")[0] == 0, 20, "the queue manager")


def run_and_check(session, command):
    plain = re.sub(r"\s+#.*", "", command.splitlines()[0])
    if plain == "waypost start":
        return start_tree(session, command)
    effect = next((effect for begins, effect in EFFECTS if re.match(begins, plain)), None)
    out, err = session.run(command)
    assert effect is not None, f"the README shows {plain!r}: say in {Path(__file__).name} what comes of it"
    return effect(session, command, out, err)


@time_limit(180)
def test_the_session_of_the_readme(box):
    shown = commands(section(SECTION))
    assert len(shown) > 15 and "waypost start" in shown and "make" in shown, shown
    session = Session(box)
    for command in shown:
        run_and_check(session, command)
    # What was refused all the time arrives in the end, and Ctrl-C ends the tree.
    session.refusing = False
    session.run("waypost kick --all")
    (message,) = session.sink.wait_for(1)
    assert b"Subject: hello" in message.data and len(message.recipients) == 1 and "<you@example.com>" in message.recipients[0], message
    wait_until(lambda: not session.rows(), 20, "an empty queue")
    session.terminal.interrupt(session.tree)
    status = session.terminal.wait(session.tree, 20)
    assert status == 0, f"waypost start ended with {status}"


def test_a_section_is_cut_into_its_commands(_box):
    text = "# A\n    no\n## B\nwords\n\n    one --a  # why\n    two \\\n      more\n\n    cat <<'END' >x\n    [a]\n\n    END\n    three\n# C\n    no\n"
    assert commands(section("B", text)) == ["one --a  # why", "two \\\n  more", "cat <<'END' >x\n[a]\n\nEND", "three"]
    for broken in ("    cat <<END\n    x\n", "    two \\\n"):
        try:
            commands(broken.splitlines())
        except AssertionError:
            continue
        raise AssertionError(f"{broken!r} was taken")
