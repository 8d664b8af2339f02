"""Transports that log in: real servers, wrong passwords, and what may never leave in clear text."""

import json
import os
import resource
import select
import signal
import subprocess
from pathlib import Path

import certificates
from installed import Installed
from logins import MECHANISMS, PASSWORD, PostfixWithCyrus, PostfixWithDovecot, add_credential, route, submission
from sandbox import ORDINARY_UID, wait_until
from scenery import Scenery
from sink import Sink, refuse
from testing import PATIENCE, Skip
from waypost import RETRY_QUICKLY, Waypost, new_message


def takes_every_mechanism(box, server):
    authority = certificates.Authority(box.path("ca"))
    postfix = server(box, Scenery(box).host("relay"), authority)
    tables = "".join(submission(name, authority, f'mechanisms = ["{name}"]') +
                     route(name, f'to = ["{name.lower()}.test"]') for name in MECHANISMS)
    waypost = Waypost(box, tables=tables + submission("strongest", authority) + route("strongest"))
    add_credential(waypost, PASSWORD)
    waypost.start()
    for name in (*MECHANISMS, "any"):
        waypost.send(new_message()[1], f"a@{name.lower()}.test")
    postfix.wait_for(len(MECHANISMS) + 1)
    waypost.wait_for_empty_queue()
    assert sorted(postfix.logins(len(MECHANISMS) + 1)) == sorted((name, "user") for name in (*MECHANISMS, "SCRAM-SHA-256"))


def test_postfix_with_dovecot_takes_every_mechanism(box):
    takes_every_mechanism(box, PostfixWithDovecot)


def test_postfix_with_cyrus_takes_every_mechanism(box):
    takes_every_mechanism(box, PostfixWithCyrus)


def transports(waypost):
    """What `waypost list --transports` tells of each: "direct", then those of the file."""
    rows = [json.loads(line) for line in waypost.command("list", "--transports", "--json").splitlines()]
    return sorted(rows, key=lambda row: row["transport"])


def memory_of(pid):
    """All that the process can read of its own."""
    found = b""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            if not rights.startswith("r") or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            memory.seek(start)
            try:
                found += memory.read(end - start)
            except OSError:
                continue  # a guard page
    return found


def test_a_sender_that_does_not_show_the_password_never_holds_it(box):
    if Path(os.environ["WAYPOST_BUILD"]).name == "sanitize":
        raise Skip("a sanitizer keeps what was freed, in terabytes of address space")
    authority = certificates.Authority(box.path("ca"))
    postfix = PostfixWithDovecot(box, Scenery(box).host("relay"), authority)
    tables = "".join(submission(name, authority, f'mechanisms = ["{name}"]') +
                     route(name, f'to = ["{name.lower()}.test"]') for name in ("SCRAM-SHA-256", "CRAM-MD5"))
    waypost = Waypost(box, tables=tables)
    add_credential(waypost, PASSWORD)
    waypost.start()
    for count, name in enumerate(("SCRAM-SHA-256", "CRAM-MD5"), 1):
        waypost.send(new_message()[1], f"a@{name.lower()}.test")
        postfix.wait_for(count)
        waypost.wait_for_empty_queue()
    assert postfix.logins(2) == [("SCRAM-SHA-256", "user"), ("CRAM-MD5", "user")]
    # What a core would hold: gcore(1) writes these very pages, which root alone may read.
    senders = [memory_of(pid) for pid in waypost.senders()]
    assert len(senders) == 2, "a sender lives for some seconds after its last job"
    for memory in senders:
        assert b"relay.test" in memory, "this is no look into its memory"
        assert PASSWORD.encode() not in memory
    oracle = b"".join(memory_of(pid) for pid in waypost.pids_of("waypost-sasl"))
    assert PASSWORD.encode() not in oracle, "opened, used and wiped"


def crash(pid, folder):
    """Ends a process by SIGSEGV; the core files that it left in the folder, by their names."""
    pidfd = os.pidfd_open(pid)
    os.kill(pid, signal.SIGSEGV)
    assert select.select([pidfd], [], [], 20 * PATIENCE)[0], "it lives"
    os.close(pidfd)
    return [path.name for path in folder.iterdir() if path.name.startswith("core")]


def test_a_sender_that_crashes_leaves_no_core(box):
    if "/" in Path("/proc/sys/kernel/core_pattern").read_text() or Path(os.environ["WAYPOST_BUILD"]).name == "sanitize":
        raise Skip("this machine, or a sanitizer, keeps cores elsewhere")
    sink = Sink(Scenery(box).host("mx1").listen(25))
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))  # for all that is started from here on
    folder = box.path("cwd", owner=ORDINARY_UID)
    program = subprocess.Popen(["/bin/sleep", "600"], cwd=folder, user=ORDINARY_UID, group=ORDINARY_UID, extra_groups=[])
    box.at_end(program.wait)
    box.at_end(program.kill)
    wait_until(lambda: Path(f"/proc/{program.pid}/comm").read_text() == "sleep\n", 10, "the control")
    if not crash(program.pid, folder):
        raise Skip("this machine writes no cores at all")
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1)
    (sender,) = waypost.senders()
    where = Path(os.readlink(f"/proc/{sender}/cwd"))
    before = {path.name for path in where.iterdir()}
    crash(sender, folder)
    left = {path.name for path in where.iterdir()} - before
    assert not [name for name in left if name.startswith("core")], left


def test_a_wrong_password_bounces_nothing_and_can_be_put_right(box):
    authority = certificates.Authority(box.path("ca"))
    postfix = PostfixWithDovecot(box, Scenery(box).host("relay"), authority)
    waypost = Waypost(box, RETRY_QUICKLY, submission("ses", authority) + route("ses"))
    add_credential(waypost, "wrong")
    waypost.start()
    waypost.send(new_message()[1], "a@any.test")
    row = waypost.wait_for_attempts(2)
    assert row["recipients"][0]["state"] == "pending" and row["recipients"][0]["class"] == "auth", row
    (held,) = waypost.events(event="transport_held")
    assert held["transport"] == "ses" and "credential" in held["act"], held
    known = {one["transport"]: one for one in transports(waypost)}
    direct, ses = known["direct"], known["ses"]
    assert direct["state"] == "ready" and direct["since"] is None, direct
    assert ses["state"] in ("held", "probing") and ses["class"] == "auth" and ses["since"], ses
    assert "535" in ses["reply"] or "authentication failed" in ses["reply"], ses
    assert ses["act"] == held["act"] and ses["messages"] == 1 and ses["credential"] == "secret", ses
    postfix.wait_for_log("authentication failed")
    assert "wrong" not in waypost.log()
    add_credential(waypost, PASSWORD)
    waypost.run(["waypost", "kick", "--all"])  # unless it has just left
    postfix.wait_for(1)
    waypost.wait_for_empty_queue()
    wait_until(lambda: all(one["state"] == "ready" for one in transports(waypost)), 10, "the hold to be over")
    assert waypost.events(event="transport_released")


def test_without_tls_nothing_of_a_login_is_sent_in_clear(box):
    def offers(session, verb, line):
        return "250-sink\r\n250 AUTH PLAIN LOGIN" if verb == "EHLO" else None

    sink = Sink(Scenery(box).host("relay").listen(25), offers)
    tables = ('[transport.relay]\ntype = "smtp"\nhost = "relay.test"\nuser = "user"\ncredential = "secret"\n' +
              route("relay"))
    waypost = Waypost(box, RETRY_QUICKLY, tables)
    add_credential(waypost, PASSWORD)
    waypost.start()
    waypost.send(new_message()[1], "a@any.test")
    row = waypost.wait_for_attempts(2)
    assert row["recipients"][0]["class"] == "auth" and row["recipients"][0]["state"] == "pending"
    reply = row["recipients"][0]["reply"]
    assert "PLAIN LOGIN" in reply and 'tls = "verified"' in reply, reply
    assert not {line.split(" ")[0] for line in sink.commands()} & {"AUTH", "MAIL"}


def test_the_death_of_the_oracle_is_not_missed(box):
    authority = certificates.Authority(box.path("ca"))
    postfix = PostfixWithDovecot(box, Scenery(box).host("relay"), authority)
    waypost = Waypost(box, tables=submission("ses", authority) + route("ses"))
    add_credential(waypost, PASSWORD)
    waypost.start()
    waypost.send(new_message()[1], "a@any.test")
    postfix.wait_for(1)
    waypost.wait_for_empty_queue()
    (victim,) = waypost.pids_of("waypost-sasl")
    os.kill(victim, signal.SIGKILL)
    waypost.send(new_message()[1], "b@any.test")
    wait_until(lambda: ("SCRAM-SHA-256", "user") in postfix.logins()[1:], 40, "another login")
    waypost.wait_for_empty_queue()
    assert waypost.pids_of("waypost-sasl") != [victim]


def test_the_oracle_starts_with_the_first_login_and_no_sooner(box):
    def takes_plain(session, verb, line):
        return {"EHLO": "250-sink\r\n250 AUTH PLAIN", "AUTH": "235 2.7.0 welcome"}.get(verb)

    sink = Sink(Scenery(box).host("relay").listen(25), takes_plain)
    relay = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\ntls = "off"\n'
    waypost = Waypost(box, tables=relay + route("relay")).start()
    waypost.send(new_message()[1], "a@any.test")
    waypost.wait_for_empty_queue()
    before = waypost.members()
    assert "waypost-sasl" not in before, before
    add_credential(waypost, PASSWORD)
    login = 'user = "user"\ncredential = "secret"\ncleartext_auth = true\n'
    waypost.write_config(tables=relay + login + route("relay"))
    waypost.command("reload")
    waypost.send(new_message()[1], "b@any.test")
    waypost.wait_for_empty_queue()
    assert any(line.startswith("AUTH PLAIN ") for line in sink.commands()), sink.commands()
    assert len(waypost.pids_of("waypost-sasl")) == 1
    for name in ("waypost-start", "waypost-qmgr", "waypost-deliver"):
        assert waypost.pids_of(name) == before[name], f"{name} was started anew"


def test_only_the_oracles_user_reads_the_key_on_the_installed_system(box):
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    postfix = PostfixWithDovecot(box, Scenery(box).host("relay"), authority)
    system = Installed(box, tables=submission("ses", authority) + route("ses"))
    system.must("root", ["/usr/local/bin/waypost", "credential", "add", "secret"], PASSWORD.encode() + b"\n")
    (key,) = Path("/etc/waypost/credentials").glob("key-*")
    for user in ("alice", "waysend", "waydeliver", "wayqueue", "wayroute"):
        for path in (key, "/etc/waypost/credentials/secret.sealed"):
            assert system.run(user, ["/bin/cat", str(path)]).returncode != 0, f"{user} reads {path}"
    assert system.run("alice", ["/usr/local/bin/waypost", "credential", "list"]).returncode == 100
    system.start()
    system.send("alice", new_message()[1], "a@any.test")
    postfix.wait_for(1)
    system.wait_for_empty_queue()
    system.must("root", ["/usr/local/bin/waypost", "credential", "rotate"])
    system.send("alice", new_message()[1], "b@any.test")
    postfix.wait_for(2)
    system.wait_for_empty_queue()
    assert set(postfix.logins(1)) == {("SCRAM-SHA-256", "user")}


def test_direct_fails_three_times_and_the_fourth_attempt_goes_out_by_submission(box):
    authority = certificates.Authority(box.path("ca"))
    scenery = Scenery(box)
    direct = Sink(scenery.host("mx1").listen(25), refuse("RCPT", "451 4.3.0 try again later"))
    scenery.host("mx2")  # where nobody listens: its recipient keeps the message, and so the story
    postfix = PostfixWithDovecot(box, scenery.host("relay"), authority)
    fourth = route("ses", 'to = ["example.test"]', "attempt = 4")
    waypost = Waypost(box, 'retry = ["1s", "1s", "1s", "1h"]\n', submission("ses", authority) + fourth)
    add_credential(waypost, PASSWORD)
    waypost.start()
    waypost.send(new_message()[1], "bob@example.test", "carol@two.test")
    postfix.wait_for(1, 20)
    row = wait_until(lambda: [row for row in waypost.list() if row["recipients"][0]["state"] == "delivered"], 10, "its mark")[0]
    assert sum(line.startswith("RCPT TO:<bob@") for line in direct.commands()) == 3
    assert postfix.logins(1) == [("SCRAM-SHA-256", "user")]
    story, at = waypost.command("why", row["id"]), 0
    for told in ("attempt 1 by direct (no rule matched)", "451 4.3.0 try again later", "attempt 2 by direct",
                 "attempt 3 by direct", "attempt 4 by ses (waypost.toml:", "relay.test [10.77.0.30], TLSv1.3",
                 "bob@example.test: delivered"):
        at = story.find(told, at)
        assert at >= 0, f"{told!r} is missing, or out of order, in\n{story}"


def test_a_server_that_salts_each_login_anew_gets_all_mail(box):
    # So do Dovecot and Cyrus SASL where they keep the password itself.
    authority = certificates.Authority(box.path("ca"))
    postfix = PostfixWithDovecot(box, Scenery(box).host("relay"), authority)
    waypost = Waypost(box, settings='retry = ["1h"]\n',
                      tables=submission("ses", authority, "messages_per_connection = 1") + route("ses"))
    add_credential(waypost, PASSWORD)
    waypost.start()
    for _ in range(30):
        waypost.send(new_message()[1], "a@any.test")
    postfix.wait_for(30)
    waypost.wait_for_empty_queue()
    assert {name for name, _ in postfix.logins(30)} == {"SCRAM-SHA-256"}
    assert not waypost.events(event="transport_held")
    assert len(waypost.events(event="salt_changed")) == 5, "the 1st, 2nd, 4th, 8th and 16th of 29 changes"
