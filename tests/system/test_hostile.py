"""Servers that are hostile, broken or slow: waypost-sink with a script each.

Whatever they do, the sender keeps its deadlines and its bounds, and the message waits or is delivered; nothing bounces.
The scripts of a table are played at once, each by a server of its own behind a transport of its own; a row that fails is
named. What needs DNS, or more than one attempt, has a test of its own.
"""

import time
from dataclasses import dataclass

from hostile import ScriptedSink, ScriptedSinks
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import Waypost, new_message, pause

ONCE = 'retry = ["1h"]\n'  # a second attempt never comes while the test looks
DEADLINE = 6  # seconds, for every step; five more than what is slow and in time takes, as a busy machine may be slow too
FIRST_PORT = 3000
TIMEOUTS = "".join(f'timeout_{step} = "{DEADLINE}s"\n' for step in ("connect", "greeting", "command", "data", "final"))


@dataclass
class Row:
    name: str
    script: str
    klass: str = ""  # of the failure; "": it is delivered
    words: str = ""  # that stand in what the queue tells of it
    tls: str = "off"


STAGES = {
    # stage: (script before the end, what the queue says of it)
    "connect": ("at CONNECT\n", ""),
    "banner": ("at CONNECT\n usual\n", "EHLO"),
    "EHLO": ("at EHLO\n", "EHLO"),
    "MAIL": ("at MAIL\n", "MAIL"),
    "RCPT": ("at RCPT\n", "RCPT"),
    "DATA": ("at DATA\n", "DATA"),
    "the message": ("at DATA\n usual\n read 10\n", ""),
    "the final dot": ("at BODY\n", "may have been delivered"),
}

SLOW = [
    Row("no banner", "at CONNECT\n silence\n", "unreachable", "greeting"),
    Row("banner drips", "at CONNECT\n split 1 every 1s\n usual\n", "unreachable", "greeting"),
    Row("reply to EHLO drips", "at EHLO\n split 1 every 1s\n usual\n", "unreachable", "EHLO"),
    Row("silence at EHLO", "at EHLO\n silence\n", "unreachable", "EHLO"),
    Row("silence at MAIL", "at MAIL\n silence\n", "unreachable", "MAIL"),
    Row("silence at RCPT", "at RCPT\n silence\n", "unreachable", "RCPT"),
    Row("silence at DATA", "at DATA\n silence\n", "unreachable", "DATA"),
    Row("354, then nothing", "at BODY\n silence\n", "unreachable", "may have been delivered"),
    Row("slow banner, in time", "at CONNECT\n wait 1s\n usual\n"),
    Row("slow replies, each in time", "offer 8BITMIME\nat EHLO\n wait 1s\n usual\nat MAIL\n wait 1s\n usual\n"
        "at RCPT\n wait 1s\n usual\nat DATA\n wait 1s\n usual\nat BODY\n wait 1s\n usual\n"),
    Row("replies byte by byte", "at CONNECT\n split 1\n usual\n"),
    Row("replies in threes", "at CONNECT\n split 3\n usual\n"),
]

TOO_MUCH = [
    Row("endless banner", 'at CONNECT\n endless "220 x"\n', "other", "greeting"),
    Row("endless lines of a banner", 'at CONNECT\n endless "220-more\\r\\n"\n', "other", "greeting"),
    Row("endless lines to EHLO", 'at EHLO\n endless "250-more\\r\\n"\n', "other", "EHLO"),
    Row("endless lines to RCPT", 'at RCPT\n endless "550-more\\r\\n"\n', "other", "RCPT"),
    Row("endless lines to the message", 'at BODY\n endless "250-more\\r\\n"\n', "other", "may have been delivered"),
    Row("a line of 5000 bytes", 'at MAIL\n raw "250 "\n repeat 5000 "x"\n raw "\\r\\n"\n', "other", "MAIL"),
    Row("a line of 4000 bytes", 'at MAIL\n raw "250 "\n repeat 4000 "x"\n raw "\\r\\n"\n'),
    Row("a reply of 100 KiB", 'at RCPT\n repeat 2000 "550-012345678901234567890123456789012345678901234567\\r\\n"\n reply 550 no\n',
        "other", "RCPT"),
    Row("a reply of 50 KiB", 'at RCPT\n repeat 1000 "450-4.2.1 01234567890123456789012345678901234567890123\\r\\n"\n'
        " reply 450 4.2.1 at last\n", "mailbox", "0123"),
]

NOT_SMTP = [
    Row("banner 2200", "at CONNECT\n reply 2200 sink.test\n", "other", "greeting"),
    Row("banner of ssh", "at CONNECT\n reply SSH-2.0-OpenSSH_9.2p1\n", "other", "greeting"),
    Row("banner 354", "at CONNECT\n reply 354 go on\n", "other"),
    Row("an empty line", 'at MAIL\n raw "\\r\\n"\n', "other", "MAIL"),
    Row("mixed codes", "at MAIL\n reply 250-ok\n reply 550 no\n", "other", "MAIL"),
    Row("mixed codes in the banner", "at CONNECT\n reply 220-ok\n reply 554 no\n", "other", "greeting"),
    Row("NUL in a reply", 'at MAIL\n raw "250 o\\0k\\r\\n"\n', "other", "MAIL"),
    Row("bytes of no charset", 'at MAIL\n raw "450 4.2.0 \\xff\\x80\\x1b[31m\\r\\n"\n', "mailbox"),
    Row("354 to MAIL", "at MAIL\n reply 354 go on\n", "other", "MAIL"),
    Row("354 to RCPT", "at RCPT\n reply 354 go on\n", "other", "RCPT"),
    Row("250 to DATA", "at DATA\n reply 250 ok\n", "other", "DATA"),
    Row("354 to the message", "at BODY\n reply 354 more\n", "other"),
    Row("code 099", "at MAIL\n reply 099 what\n", "other", "MAIL"),
    Row("code 600", "at MAIL\n reply 600 what\n", "other", "MAIL"),
    Row("a reply too many at the banner", "at CONNECT\n usual\n reply 250 early\n", "other"),
    Row("a reply too many to MAIL", "offer\nat MAIL\n usual\n reply 250 early\n", "other"),
    Row("250 before the message came", 'at DATA\n raw "354 go on\\r\\n250 2.0.0 taken\\r\\n"\n silence\n', "other", "before the message was sent: 250"),
    Row("bare line feeds", 'at MAIL\n raw "250-ok\\n250 ok\\n"\n'),
    Row("250 without a text", "at MAIL\n reply 250\n"),
    Row("421 to MAIL", "at MAIL\n reply 421 4.3.2 closing\n close\n", "other", "closing"),
    Row("421 banner", "at CONNECT\n reply 421 4.3.2 too busy\n close\n", "other", "too busy"),
    Row("554 banner", "at CONNECT\n reply 554 5.3.2 no service\n close\n", "other", "no service"),
    Row("451 to EHLO", "at EHLO\n reply 451 4.3.0 later\n", "other", "later"),
    Row("250 to the message, then reset", "at BODY\n usual\n wait 300ms\n reset\n"),
    Row("500 to QUIT", "at QUIT\n reply 500 5.5.1 no\n"),
    Row("reset at QUIT", "at QUIT\n reset\n"),
]

HOSTILE_TLS = [
    Row("required, and not offered", "offer PIPELINING\n", "tls", "", "required"),
    Row("required, and refused", "offer STARTTLS\nat STARTTLS\n reply 454 4.7.0 not now\n", "tls", "not now", "required"),
    Row("garbage instead of a handshake", 'offer STARTTLS\nat STARTTLS\n reply 220 go on\n repeat 100 "garbage\\0\\r\\n"\n silence\n',
        "tls", "", "required"),
    Row("silence instead of a handshake", "offer STARTTLS\nat STARTTLS\n reply 220 go on\n silence\n", "tls", "", "required"),
    Row("close instead of a handshake", "offer STARTTLS\nat STARTTLS\n reply 220 go on\n close\n", "tls", "", "required"),
    Row("reset instead of a handshake", "offer STARTTLS\nat STARTTLS\n reply 220 go on\n wait 100ms\n reset\n", "tls", "", "required"),
    Row("text behind the 220", 'offer STARTTLS\nat STARTTLS\n raw "220 go on\\r\\n250 injected\\r\\n"\n tls\n', "tls", "",
        "required"),
    Row("the 220 and TLS in one packet, byte by byte", "offer STARTTLS\nat STARTTLS\n split 1\n usual\n", "", "", "required"),
    Row("reset after the handshake", "offer STARTTLS\nat STARTTLS\n reply 220 go on\n tls\n reset\n", "tls", "", "required"),
    Row("STARTTLS offered again in TLS", "offer STARTTLS PIPELINING\n", "", "", "required"),
]


def play(box, rows):
    """Sends a message to each row's server and asserts what became of it."""
    host = Scenery(box).host("relay")
    ports = {f"s{n}": FIRST_PORT + n for n, _ in enumerate(rows)}
    sinks = ScriptedSinks(box, host, {f"s{n}": row.script for n, row in enumerate(rows)}, ports)
    tables = "".join(f'[transport.{label}]\ntype = "smtp"\nhost = "{host.ipv4}"\nport = {port}\ntls = "{row.tls}"\n{TIMEOUTS}'
                     f'[[route]]\nto = ["{label}.test"]\ntransport = "{label}"\n'
                     for row, (label, port) in zip(rows, ports.items()))
    waypost = Waypost(box, settings=ONCE, tables=tables).start()
    sent = {label: new_message()[1] for label in ports}
    begun = time.monotonic()
    for label, message in sent.items():
        waypost.send(message, f"bob@{label}.test")
    wait_until(lambda: all(r["attempts"] for row in waypost.list() for r in row["recipients"]), 40, "every message's attempt")
    took = time.monotonic() - begun
    queue = {row["recipients"][0]["address"]: row["recipients"][0] for row in waypost.list()}
    wrong = []
    expected = [label for row, label in zip(rows, ports) if not row.klass]
    wait_until(lambda: all(f"[{label}] got mail from" in sinks.log() for label in expected), 10, f"mail at {expected}")
    for row, (label, message) in zip(rows, sent.items()):
        kept = sinks.messages(label)
        waiting = queue.get(f"bob@{label}.test")
        if row.klass:
            good = waiting and waiting["state"] == "pending" and waiting["class"] == row.klass and row.words in waiting["reply"]
        else:
            good = waiting is None and len(kept) == 1 and kept[0].endswith(message.replace(b"\n", b"\r\n"))
        if not good:
            wrong.append(f"{row.name}: {waiting}, {len(kept)} messages taken; it said {sinks.said(label)}")
    assert not wrong, "\n".join(wrong)
    assert waypost.tree.poll() is None
    return waypost, sinks, took


def test_connection_that_is_closed_at_each_stage(box):
    play(box, [Row(f"close at {stage}", script + " close\n", "unreachable", words) for stage, (script, words) in STAGES.items()])


def test_connection_that_is_reset_at_each_stage(box):
    play(box, [Row(f"reset at {stage}", script + " wait 100ms\n reset\n", "unreachable", words) for stage, (script, words) in STAGES.items()])


def test_slow_and_silent_servers_meet_their_deadlines(box):
    _, _, took = play(box, SLOW)
    # All at once; a reply that drips gets no more time than one that does not come: to drip to its end takes longer.
    assert took < 60, f"{took:.1f} s"


def test_replies_have_bounds(box):
    play(box, TOO_MUCH)


def test_what_is_no_smtp_is_a_protocol_error(box):
    play(box, NOT_SMTP)


def test_tls_that_is_required_and_hostile(box):
    _, sinks, _ = play(box, HOSTILE_TLS)
    for n, row in enumerate(HOSTILE_TLS):
        if row.klass:
            said = {line.split(" ")[0] for line in sinks.said(f"s{n}")}
            assert said <= {"EHLO", "HELO", "STARTTLS", "QUIT", "RSET"} or row.name == "reset after the handshake", f"{row.name}: {said}"


def test_direct_delivery_leaves_broken_tls_for_clear_text(box):
    script = 'offer PIPELINING STARTTLS\nat STARTTLS\n reply 220 go on\n wait 200ms\n raw "no handshake"\n close\n'
    sink = ScriptedSink(box, Scenery(box).host("mx1"), script)
    waypost = Waypost(box, settings=ONCE).start()
    waypost.send(new_message()[1], "bob@example.test")
    assert len(sink.wait_for(1)) == 1
    assert sink.commands().count("STARTTLS") == 1, sink.commands()
    waypost.wait_for_empty_queue()


def test_busy_server_is_tried_again_and_takes_it_once(box):
    sink = ScriptedSink(box, Scenery(box).host("mx1"), "at MAIL times 2\n reply 451 4.3.2 busy\n")
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1)
    waypost.wait_for_empty_queue()
    assert len(sink.taken()) == 1 and sum(line.startswith("MAIL ") for line in sink.commands()) == 3


def test_lost_reply_to_the_message_makes_a_second_copy_and_says_so(box):
    sink = ScriptedSink(box, Scenery(box).host("mx1"), "at BODY times 1\n reset\n")
    waypost = Waypost(box, settings=ONCE).start()
    waypost.send(new_message()[1], "bob@example.test")
    row = waypost.wait_for_attempts(1)
    assert "may have been delivered" in waypost.command("why", row["id"])
    waypost.command("kick", row["id"])
    assert len(sink.wait_for(1)) == 1
    waypost.wait_for_empty_queue()


def test_server_that_takes_one_session_at_a_time_gets_all_mail(box):
    sink = ScriptedSink(box, Scenery(box).host("mx1"), "sessions 1 421 4.7.0 one is enough\n")
    waypost = Waypost(box).start()
    for _ in range(20):
        waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(20, 40)
    waypost.wait_for_empty_queue()
    assert len(sink.taken()) == 20


def test_connections_to_a_slow_server_stay_within_their_limit(box):
    sink = ScriptedSink(box, Scenery(box).host("mx1"), "at MAIL\n wait 200ms\n usual\n")
    waypost = Waypost(box, tables="[defaults]\nconnections = 3\n")
    for _ in range(30):
        waypost.send(new_message()[1], "bob@example.test")
    waypost.start()
    assert len(sink.wait_for(30)) == 30
    assert 1 <= sink.most_open("sink") <= 3, sink.most_open("sink")


@time_limit(120)
def test_server_that_stops_reading_a_large_message_is_given_up(box):
    sink = ScriptedSink(box, Scenery(box).host("mx1"), "offer PIPELINING\nat DATA\n usual\n deaf\n")
    waypost = Waypost(box, settings=ONCE, tables="[defaults]\n" + TIMEOUTS).start()
    waypost.send(new_message(body="0123456789\n" * 1_000_000)[1], "bob@example.test")
    row = waypost.wait_for_attempts(1, 40)
    assert row["recipients"][0]["class"] == "unreachable", row
    assert not sink.taken()


def test_hostile_server_leaves_other_mail_alone(box):
    scenery = Scenery(box)
    hostile = ScriptedSink(box, scenery.host("mx1"), 'at CONNECT\n endless "220-more and more\\r\\n"\n')
    friendly = Sink(scenery.host("mx2").listen(25))
    waypost = Waypost(box).start()
    for _ in range(10):
        waypost.send(new_message()[1], "bob@example.test")
        waypost.send(new_message()[1], "bob@two.test")
    friendly.wait_for(10)
    pause(1)
    assert not hostile.taken() and waypost.tree.poll() is None
