"""What a changed configuration would send elsewhere, over a live queue, a stopped one and a saved one."""

import contextlib
import json
import os
import pty
import shutil
import subprocess

from sandbox import wait_until
from scenery import Scenery
from sink import Sink, refuse
from testing import PATIENCE
from waypost import BUILD, Waypost, new_message

LATER = 'retry = ["1h", "3d", "1d"]\n'
RELAY = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'
SECOND_BY_RELAY = RELAY + '[[route]]\nattempt = 2\nto = [".example.test"]\ntransport = "relay"\n'
SAME = RELAY + '[[route]]\nattempt = 3\ntransport = "relay"\n'


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def simulate(waypost, *words, stdin=b""):
    done = waypost.run(["waypost", *words], stdin=stdin)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_simulate_says_what_would_go_elsewhere(box):
    Sink(Scenery(box).host("mx1").listen(25), refuse("MAIL", "451 4.3.2 wait", 2))
    waypost = Waypost(box, settings=LATER).start()
    for recipient in ("bob@example.test", "carol@example.test"):
        waypost.send(new_message()[1], recipient)
    wait_until(lambda: [r["attempts"] for m in waypost.list() for r in m["recipients"]] == [1, 1], 20, "two attempts")
    saved = waypost.command("list", "--json")
    assert all(r["refused"] == [] and r["classes"] == [r["class"]] for m in objects(saved) for r in m["recipients"])

    new = waypost.home / "new.toml"
    new.write_text('hostname = "out.home.test"\n' + LATER + SECOND_BY_RELAY)
    rule = f"new.toml:{new.read_text().splitlines().index('[[route]]') + 1}"
    code, said, errors = simulate(waypost, "route", "--simulate", "--config", new, "--json")
    assert code == 1, errors
    total, group, *messages = objects(said)
    assert total == {"object": "total", "messages": 2, "recipients": 2, "changed_messages": 2, "changed_recipients": 2}
    assert group["before"]["transport"] == "direct" and group["after"]["leads_to"] == "relay.test:25"
    assert {m["id"] for m in messages} == {m["id"] for m in objects(saved)}
    assert all(r["attempt"] == 2 and r["rule_after"] == rule for m in messages for r in m["recipients"])
    code, text, _ = simulate(waypost, "route", "--simulate", "--config", new, "-v")
    assert code == 1 and "2 recipients of 2 messages would go elsewhere" in text and "bob@example.test, attempt 2" in text

    # The gate before a reload: nothing changes by it, and then by the reload what it said.
    assert simulate(waypost, "reload", "--simulate")[0] == 0
    waypost.write_config(LATER, SECOND_BY_RELAY)
    before = (waypost.home / "etc/snapshot").read_bytes()
    code, text, errors = simulate(waypost, "reload", "--simulate")
    assert code == 1 and "2 recipients of 2 messages would go elsewhere" in text, text + errors
    assert (waypost.home / "etc/snapshot").read_bytes() == before
    assert waypost.config("compile").returncode == 0
    assert simulate(waypost, "reload", "--simulate")[0] == 111, "what was compiled is not what runs"
    assert waypost.run(["waypost", "reload"]).returncode == 0
    assert simulate(waypost, "reload", "--simulate")[0] == 0

    # The same from the spool without a manager, and from what was saved.
    waypost.stop()
    new.write_text(LATER + SAME)
    for words, stdin in ((["--config", new], b""), (["--config", new, "--queue", "-"], saved.encode())):
        code, text, errors = simulate(waypost, "route", "--simulate", *words, stdin=stdin)
        assert code == 1 and "relay (smtp relay.test:25) -> direct" in text, text + errors
    code, text, errors = simulate(waypost, "route", "--simulate", "--queue", "-", stdin=saved.encode() + b"{}\n")
    assert code == 100 and "standard input: line 3: a message without" in errors, errors
    waypost.write_config("nonsense\n")
    for words in (["route", "--simulate"], ["reload", "--simulate"]):
        code, text, errors = simulate(waypost, *words)
        assert code == 100 and "waypost.toml:5:" in errors and not text, (words, text, errors)


def test_a_first_configuration_is_made_checked_shown_and_used(box):
    relay = Sink(Scenery(box).host("relay").listen(25))
    waypost = Waypost(box)
    path = waypost.home / "etc/waypost.toml"
    flags = ["smarthost", "--host", "relay.test", "--hostname", "out.home.test"]
    before = path.read_text()
    refused = waypost.config("init", *flags)
    assert refused.returncode == 100 and "--force" in refused.stderr and path.read_text() == before
    made = waypost.config("init", *flags, "--force")
    assert made.returncode == 0 and "no errors" in made.stdout and not made.stderr, made.stdout + made.stderr
    # The sandbox has a name server of its own.
    path.write_text('resolver = "10.77.0.2"\n' + path.read_text())
    checked = waypost.config("check")
    assert checked.returncode == 0 and not checked.stderr, checked.stderr
    shown = waypost.config("show")
    assert 'host = "relay.test"' in shown.stdout and "waypost.toml:" in shown.stdout and shown.returncode == 0
    rows = objects(waypost.config("show", "--json").stdout)
    assert {"section": "transport", "transport": "smarthost", "key": "port", "value": 25}.items() <= next(
        row for row in rows if row["key"] == "port" and row["transport"] == "smarthost").items()
    assert waypost.config("compile").returncode == 0
    waypost.start()
    token, message = new_message()
    waypost.send(message, "bob@example.test")
    assert token.encode() in relay.wait_for(1)[0].data


def test_init_asks_on_a_terminal(box):
    waypost = Waypost(box)
    path = waypost.home / "etc/waypost.toml"
    shutil.rmtree(path.parent)  # a new home has none
    ours, theirs = pty.openpty()
    with subprocess.Popen([BUILD / "waypost-config", "init"], stdin=theirs, stdout=theirs, stderr=theirs,
                          env=waypost.environment(), cwd=waypost.home, **waypost.identity()) as child:
        os.close(theirs)
        os.write(ours, b"smarthost\nmail.home.test\nnobody\n\nrelay.test\n\n")
        said = b""
        with contextlib.suppress(OSError):  # EIO: it has closed its end
            while part := os.read(ours, 4096):
                said += part
        assert child.wait(30 * PATIENCE) == 0, said.decode()
    os.close(ours)
    assert b"How shall mail leave this machine?" in said and b'"nobody" is not a mail address' in said, said.decode()
    text = path.read_text()
    assert 'hostname = "mail.home.test"' in text and 'host = "relay.test"' in text and "#postmaster" in text, text
    assert waypost.config("check").returncode == 0


def test_warnings_are_said_once_where_a_file_is_taken(box):
    waypost = Waypost(box)
    # Two of one kind would hide that one is said twice.
    waypost.write_config('retry = ["1h", "3d"]\n', RELAY + '[[route]]\ntransport = "relay"\n' * 2)
    path = waypost.home / "etc/waypost.toml"
    lines = path.read_text().splitlines()
    wanted = f"{path}:{len(lines) - 1}: warning: this rule can never match"
    checked = waypost.config("check")
    assert checked.returncode == 0 and checked.stderr.count("warning:") == 1 and wanted in checked.stderr, checked.stderr
    compiled = waypost.config("compile")
    assert compiled.returncode == 0 and compiled.stderr.count(wanted) == 1, compiled.stderr
    waypost.start()
    assert waypost.log().count(wanted) == 1, waypost.log()
    reloaded = waypost.run(["waypost", "reload"])
    assert reloaded.returncode == 0 and reloaded.stderr.decode().count(wanted) == 1, reloaded.stderr
