"""Credentials whose token a command prints: who runs it, how long its token is kept, and what its failure means."""

import base64
import json
import os
import stat
from pathlib import Path

from installed import Installed
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from waypost import new_message

WAYPOST = "/usr/local/bin/waypost"
MINT = Path("/usr/local/bin/mint")
# Prints a new token at each run, and keeps account of itself in the one folder where it may write.
SCRIPT = """#!/bin/sh
[ -e "$HOME/broken" ] && { echo "the authority is away" >&2; exit 7; }
echo "$(id -un) $* $WAYPOST_CREDENTIAL $(cat)" >> "$HOME/runs"
printf '{"access_token":"minted-%s","expires_in":3600}' "$(wc -l < "$HOME/runs")"
"""
TABLES = """
[transport.mail]
type = "smtp"
host = "relay.test"
tls = "off"
cleartext_auth = true
user = "me@relay.test"
credential = "oauth"
mechanisms = ["XOAUTH2"]
messages_per_connection = 1
[[route]]
transport = "mail"
"""
RUNS = Path("/var/spool/waypost/sasl/runs")
BROKEN = Path("/var/spool/waypost/sasl/broken")


class TokenServer:
    """Takes one token at a time, and refuses all others as RFC 7628 and Google do: a reason, then 535."""

    def __init__(self, listener):
        self.good, self.shown = "minted-1", []
        self.sink = Sink(listener, self._answer)

    def _answer(self, session, verb, line):
        if verb == "EHLO":
            return "250-sink\r\n250 AUTH XOAUTH2"
        if verb == "AUTH":
            token = base64.b64decode(line.split()[2]).decode().split("Bearer ")[1].rstrip("\x01")
            self.shown.append(token)
            reason = base64.b64encode(b'{"status":"invalid_token"}').decode()
            return "235 2.7.0 in" if token == self.good else f"334 {reason}"
        if verb == "":
            return "535 5.7.8 try another token"
        return None


def test_token_command_is_run_by_the_oracles_user_when_there_is_no_good_token(box):
    server = TokenServer(Scenery(box).host("relay").listen(25))
    system = Installed(box, settings='retry = ["2s"]\nexpire_after = "1h"\n', tables=TABLES)
    MINT.write_text(SCRIPT)
    MINT.chmod(0o755)
    system.must("root", [WAYPOST, "credential", "add", "oauth", "--token-command", str(MINT), "--for", "a b"])
    assert json.loads(system.must("root", [WAYPOST, "credential", "list", "--json"]))["kind"] == "command"
    system.start()
    for count in (1, 2, 3):
        system.send("alice", new_message()[1], f"a{count}@any.test")
        server.sink.wait_for(count)
        system.wait_for_empty_queue()
    assert RUNS.read_text() == "waysasl --for a b oauth \n", "once, without input"
    # Withdrawn before its time: in the same login it is asked for again, and nothing is deferred.
    server.good = "minted-2"
    system.send("alice", new_message()[1], "b@any.test")
    server.sink.wait_for(4)
    system.wait_for_empty_queue()
    assert server.shown[-2:] == ["minted-1", "minted-2"] and len(RUNS.read_text().splitlines()) == 2
    # The command fails: trouble of ours, which holds the transport and bounces nothing.
    BROKEN.touch()
    server.good = "minted-3"
    system.send("alice", new_message()[1], "c@any.test")
    (row,) = wait_until(lambda: [r for r in system.list() if r["recipients"][0]["attempts"] > 0], 20, "an attempt")
    (recipient,) = row["recipients"]
    assert recipient["state"] == "pending" and recipient["class"] == "auth", recipient
    assert "exit status 7" in recipient["reply"] and "away" not in recipient["reply"], recipient
    wait_until(lambda: "event=token_command_failed" in system.log_file.read_text(), 10, "the failure in the log")
    log = system.log_file.read_text()
    assert "the authority is away" in log and "minted-" not in log
    BROKEN.unlink()
    server.sink.wait_for(5, 30)
    system.wait_for_empty_queue()
    assert {stat.S_IMODE(os.stat(RUNS).st_mode)} == {0o600}
