"""sendmail as programs call it: every mode and option, and what it says when something is wrong."""

import os
import re
import subprocess

from scenery import Scenery
from sink import Sink, refuse
from waypost import BUILD, Waypost, new_message

EX_OK, EX_USAGE, EX_DATAERR = 0, 64, 65
LATER = 'retry = ["1h", "1h", "1h"]\n'
BARE = b"Subject: bare\n\nbody\n"
WHOLE = new_message(to="a@example.test")[1]

# Who calls it, how, with which message: as their Debian packages do.
CALLERS = [
    ("cron", ["-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root"], WHOLE),
    ("anacron", ["-FAnacron", "-odi", "a@example.test"], BARE),
    ("bsd-mailx", ["-i", "-t"], WHOLE),
    ("mutt", ["-oem", "-oi", "-f", "alice@home.test", "--", "a@example.test"], WHOLE),
    ("PHP", ["-t", "-i"], WHOLE),
    ("PHP with an envelope sender", ["-t", "-i", "-falice@home.test"], WHOLE),
    ("git send-email", ["-f", "alice@home.test", "-i", "a@example.test"], WHOLE),
    ("mdadm", ["-t"], WHOLE),
    ("logwatch", ["-t"], WHOLE),
    ("sudo", ["-t"], WHOLE),
    ("fail2ban", ["-t", "-f", "fail2ban@home.test", "a@example.test"], b"Subject: banned\n\nbody\n"),
    ("unattended-upgrades", ["-oi", "-t"], WHOLE),
    ("apt-listchanges", ["-oi", "-t"], WHOLE),
    ("MIME::Lite", ["-t", "-oi", "-oem"], WHOLE),
    ("Email::Sender", ["-i", "-f", "alice@home.test", "--", "a@example.test"], WHOLE),
    ("Python", ["-t", "-oi"], WHOLE),
    ("GNU mailutils", ["-oi", "-f", "alice@home.test", "-t"], WHOLE),
    ("Mailman", ["-oi", "-f", "alice@home.test", "-Nnever", "-XV", "a@example.test"], WHOLE),
    ("amavis, as with Exim", ["-oMr", "scanned", "-f", "alice@home.test", "-oi", "a@example.test"], WHOLE),
]


def test_each_program_hands_its_message_in_as_it_is_used_to(box):
    waypost = Waypost(box)
    for caller, arguments, message in CALLERS:
        before = len(waypost.list())
        done = waypost.sendmail(message, *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (EX_OK, b"", b""), f"{caller}: {done}"
        rows = waypost.list()
        assert len(rows) == before + 1, f"{caller}: {len(rows)} messages"
        recipients = [r["address"] for row in rows for r in row["recipients"]]
        assert set(recipients) == {"a@example.test"} and len(recipients) == len(rows), f"{caller}: {recipients}"


def test_what_hands_no_message_in_says_so_by_its_exit(box):
    waypost = Waypost(box)
    rows = [
        (["-bd"], EX_USAGE, b"waypost-start"),
        (["-bd", "-q15m"], EX_USAGE, b"waypost-start"),
        (["-bs"], EX_OK, b""),
        (["-tZ", "a@example.test"], EX_USAGE, b"-Z"),
        (["--from=x@y", "a@example.test"], EX_USAGE, b"--from=x@y"),
        (["-q", "a@example.test"], EX_USAGE, b"recipient"),
        (["-Lmine", "-i"], EX_USAGE, b"mine: no recipients"),
        (["-XV", "-f", "", "a@example.test"], EX_USAGE, b"-XV"),
        (["-XV", "-f", "b@c.test", '"a b"@example.test'], EX_DATAERR, b"-XV"),
        (["-bv"], EX_USAGE, b"no addresses"),
        (["-bv", "a\nb@example.test"], EX_DATAERR, b"line end"),
        (["-bi"], EX_OK, b""), (["-I"], EX_OK, b""), (["-bh"], EX_OK, b""), (["-q15m"], EX_OK, b""),
        (["-q"], EX_OK, b""), (["-qRexample.test"], EX_OK, b""),
        (["-bp"], EX_OK, b""),
    ]
    for arguments, status, said in rows:
        done = waypost.sendmail(WHOLE if "-bv" not in arguments else b"", *arguments)
        assert done.returncode == status and said in done.stderr, f"{arguments}: {done}"
        assert bool(done.stderr) == (status != EX_OK), f"{arguments}: {done}"
    assert waypost.list() == []
    assert waypost.run(["waypost-inject"], name="/usr/bin/newaliases").returncode == EX_OK
    assert waypost.run(["waypost-inject"], name="mailq").stdout == b"Mail queue is empty\n"


def test_bv_and_bt_explain_the_route(box):
    waypost = Waypost(box, tables='[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'
                                  '[[route]]\nto = ["two.test"]\ntransport = "relay"\n')
    for arguments, stdin in ((["-bv", "a@two.test", "b@example.test"], b""), (["-bt"], b"a@two.test\r\n\nb@example.test\n")):
        done = waypost.sendmail(stdin, "-f", "alice@home.test", *arguments)
        assert done.returncode == EX_OK, done
        said = done.stdout.decode()
        for part in ("from alice@home.test to a@two.test", "relay", "to b@example.test", "direct"):
            assert part in said, f"{arguments}: {part!r} is not in {said}"
    assert waypost.list() == []


def test_q_tries_what_waits(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), refuse("RCPT", "450 4.7.1 Greylisted", 1))
    waypost = Waypost(box, settings=LATER).start()
    waypost.send(WHOLE, "bob@example.test")
    waypost.wait_for_attempts(1)
    done = waypost.sendmail(b"", "-qRexample.test")
    assert (done.returncode, done.stdout, done.stderr) == (EX_OK, b"", b""), done
    sink.wait_for(1)
    waypost.wait_for_empty_queue()


def test_verp_gives_each_recipient_a_sender_of_its_own(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    done = waypost.sendmail(BARE, "-v", "-XV", "-f", "owner@home.test", "a@example.test", "b@example.test")
    assert done.returncode == EX_OK and b"owner@home.test> to 2 recipients" in done.stderr, done
    arrived = {(m.sender.split(" ")[1], tuple(m.recipients)) for m in sink.wait_for(2)}
    assert arrived == {(f"FROM:<owner+{who}=example.test@home.test>", (f"RCPT TO:<{who}@example.test>",)) for who in "ab"}
    for message in sink.messages:
        assert message.data.endswith(b"\r\n\r\nbody\r\n"), message.data


def test_gateway_adds_nothing_to_the_header(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    assert waypost.sendmail(BARE, "-G", "-f", "alice@home.test", "bob@example.test").returncode == EX_OK
    head = sink.wait_for(1)[0].data.split(b"\r\n\r\n")[0]
    fields = [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert fields == [b"Received", b"Subject"], fields


def test_environment_of_the_caller_changes_nothing(box):
    waypost = Waypost(box)
    trap = box.path("trap", owner=waypost.uid)
    for name in ("waypost-queue", "sendmail", "sh"):
        (trap / name).write_text("#!/bin/sh\ntouch /tmp/trapped\nexit 0\n")
        (trap / name).chmod(0o755)
    hostile = {"PATH": str(trap), "LD_PRELOAD": str(trap / "x.so"), "LD_LIBRARY_PATH": str(trap), "IFS": "/", "NAME": "Eve",
               "EMAIL": "eve@example.test", "MAIL_CONFIG": str(trap), "LOGNAME": "eve\nBcc: eve@example.test", "TZ": "Mars",
               "LC_ALL": "xx_XX", "TMPDIR": str(trap), "HOSTNAME": "evil.test", "QMAILQUEUE": str(trap / "waypost-queue")}
    if "sanitize" in os.environ["WAYPOST_BUILD"]:
        hostile = {name: value for name, value in hostile.items() if not name.startswith("LD_")}  # it is not static then
    usual = waypost.environment
    waypost.environment = lambda: {**usual(), **hostile}
    done = waypost.sendmail(BARE, "bob@example.test")
    waypost.environment = usual
    assert (done.returncode, done.stderr) == (EX_OK, b""), done
    (row,) = waypost.list()
    text = waypost.command("show", row["id"])
    assert "eve" not in text.lower() and "+0000" in text, text
    assert row["sender"] == f"uid{waypost.uid}@out.home.test", row["sender"]


def test_roots_sendmail_opens_no_configuration(box):
    """What is compiled, who calls, and the queue: nothing that a person writes, and no library."""
    waypost = Waypost(box, uid=0)
    trace = box.folder / "trace"
    done = subprocess.run(["strace", "-f", "--trace=open,openat,openat2,execve,connect", "--output", trace,
                           BUILD / "waypost-inject", "-i", "bob@example.test"], input=BARE, env=waypost.environment(),
                          stderr=subprocess.PIPE, check=False)
    assert done.returncode == EX_OK, done.stderr
    calls = [line for line in trace.read_text().splitlines() if "O_PATH" not in line]  # those name a place, and open nothing
    named = {name for line in calls for name in re.findall(r'\((?:\w+, )?"([^"]*)"', line)}
    home = waypost.home
    assert named == {str(BUILD / "waypost-inject"), str(BUILD / "waypost-queue"), f"{home}/etc/snapshot", "/etc/passwd",
                     f"{home}/spool/new", "."}, named


def test_line_ends_of_any_kind_make_the_same_message(box):
    waypost = Waypost(box)
    texts = set()
    for ends in (("\n",) * 5, ("\r\n",) * 5, ("\r",) * 5, ("\n", "\r\n", "\r", "\r\n", "\n")):
        lines = ("Date: Sat, 21 Nov 2026 12:00:00 +0000", "From: a@home.test\x00To: b@example.test,\x00 c@example.test",
                 "Message-ID: <x@home.test>", "", "one\x00two")
        message = "".join(line.replace("\x00", end) + end for line, end in zip(lines, ends))
        assert waypost.sendmail(message.encode(), "-t", "-i", "-f", "a@home.test").returncode == EX_OK
        (row,) = waypost.list()
        assert [r["address"] for r in row["recipients"]] == ["b@example.test", "c@example.test"], ends
        texts.add(waypost.command("show", row["id"]).partition("Date:")[2])
        waypost.command("drop", row["id"])
    assert len(texts) == 1, texts


def test_long_lists_of_recipients(box):
    waypost = Waypost(box)
    names = [f"user{n:05}@example.test" for n in range(8000)]
    header = "To: " + ",\n ".join(names[:4000]) + "\nCc: " + ", ".join(names[4000:6000]) + "\n"
    done = waypost.sendmail(header.encode() + BARE, "-t", "-i", "-f", "a@home.test", "--", *names[6000:7000], ",".join(names[7000:]))
    assert done.returncode == EX_OK, done.stderr
    (row,) = waypost.list()
    assert sorted(r["address"] for r in row["recipients"]) == names
