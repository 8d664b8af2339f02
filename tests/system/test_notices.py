"""Delivery status notifications: who is told what, when, and by which way. RFC 3461, 3464, 6533."""

from notices import Stage, read_notice
from sandbox import ORDINARY_UID, wait_until
from scenery import Scenery
from sink import Sink, refuse
from testing import time_limit
from waypost import RETRY_QUICKLY, Waypost, new_message

RELAY = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'
ONE_ATTEMPT = 'retry = ["1h"]\nexpire_after = "2h"\n'


# ---- what stands in a notice


def test_each_failed_recipient_has_a_group_with_the_whole_reply(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550-5.1.1 No such user\r\n550 5.1.1 look elsewhere"))
    Sink(scenery.host("mx2").listen(25), refuse("RCPT", "554 5.7.1 not from you"))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test", "carol@two.test")
    notice = read_notice(home.wait_for(1)[0].data)
    assert notice.message["Reporting-MTA"] == "dns; out.home.test" and notice.message["Arrival-Date"]
    by_address = dict(zip(notice.addresses, notice.recipients))
    for address, status, host, said in (
            ("bob@example.test", "5.1.1", "mx1.example.test", ["550 5.1.1 No such user", "look elsewhere"]),
            ("carol@two.test", "5.7.1", "mx2.two.test", ["554 5.7.1 not from you"])):
        group = by_address[address]
        assert (group["Action"], group["Status"]) == ("failed", status), address
        assert group["Remote-MTA"] == f"dns; {host}" and group["Last-Attempt-Date"], address
        assert all(words in group["Diagnostic-Code"] for words in said), group["Diagnostic-Code"]
        assert all(words in notice.text for words in [address, *said]), notice.text


def test_a_person_finds_what_happened_in_the_subject_and_the_first_lines(box):
    stage = Stage(box)
    stage.send(new_message("The plan for Monday")[1], "bob@example.test")
    notice = stage.notice()
    assert notice.header["Subject"] == "Not delivered: your message to bob@example.test"
    assert notice.header["From"] == "Mail Delivery System <MAILER-DAEMON@out.home.test>"
    lines = notice.text.splitlines()
    assert lines[2] == "Your message could not be delivered to one recipient. It will not be"
    for words in ("Subject: The plan for Monday", "Why: the other end has no such mailbox", "What you can do:",
                  "mx1.example.test said:", "550 5.1.1 no such user", "write to postmaster@home.test"):
        assert words in notice.text, notice.text
    assert max(map(len, lines)) <= 72


def test_ret_says_whether_the_whole_message_comes_back(box):
    stage = Stage(box)
    kib = "a line of text, which is 32 long\n" * 31  # a little less than 1 KiB on the wire
    rows = [("no RET", [], 1, False), ("HDRS", ["-R", "hdrs"], 1, False), ("FULL", ["-R", "full"], 1, True),
            ("FULL of 49 KiB", ["-R", "full"], 47, True), ("FULL above 50 KiB", ["-R", "full"], 52, False)]
    for name, options, size, whole in rows:
        _, message = new_message(body=f"the secret plan\n{kib * size}the end of it\n")
        stage.send(message, "bob@example.test", options=options)
        notice = stage.notices(1 + rows.index((name, options, size, whole)))[-1]
        kind = notice.original.get_content_type()
        assert kind == ("message/rfc822" if whole else "text/rfc822-headers"), f"{name}: {kind}"
        returned = notice.original.as_string()
        assert "Subject: hello" in returned and ("the end of it" in returned) == whole, name


def test_a_delay_never_returns_the_whole_message(box):
    stage = Stage(box, settings='delay_notice_after = "1s"\n' + ONE_ATTEMPT)
    stage.send(new_message(body="the secret plan\n")[1], "carol@two.test", options=["-R", "full"])
    notice = stage.notice()
    assert notice.actions == {"delayed"} and "the secret plan" not in notice.original.as_string()


def test_header_with_bytes_that_may_not_travel_comes_back_encoded(box):
    stage = Stage(box)
    message = b"Subject: gr\xfc\xdfe\r\nX-Nul: a\0b\r\nX-Long: " + b"y" * 5000 + b"\r\n\r\nbody\r\n"
    done = stage.waypost.queue(message, b"Falice@home.test\0Tbob@example.test\0\0")
    assert done.returncode == 0, done.stderr
    (stored,) = stage.home.wait_for(1)
    assert all(byte < 0x80 and byte for byte in stored.data) and max(map(len, stored.data.split(b"\r\n"))) <= 998
    returned = read_notice(stored.data).original
    assert returned.get_content_type() == "text/rfc822-headers"
    assert b"Subject: gr\xfc\xdfe\r\nX-Nul: a\0b\r\nX-Long: yyyy" in returned.get_payload(decode=True)


def test_envid_and_orcpt_come_back_decoded(box):
    stage = Stage(box)
    envelope = b"Falice@home.test\0VQQ+2B1+20x\0Tbob@example.test\0Orfc822;Bob+2Bold@example.test\0\0"
    assert stage.waypost.queue(new_message()[1], envelope).returncode == 0
    notice = stage.notice()
    assert notice.message["Original-Envelope-Id"] == "QQ+1 x"
    assert notice.recipients[0]["Original-Recipient"] == "rfc822; Bob+old@example.test"


def test_time_that_ran_out_is_told_with_the_last_words_of_the_server(box):
    stage = Stage(box, settings='retry = ["1s"]\nexpire_after = "1s"\n')
    stage.send(new_message()[1], "carol@two.test")
    notice = stage.notice()
    (group,) = notice.recipients
    assert (group["Action"], group["Status"]) == ("failed", "4.4.7")
    assert group["Diagnostic-Code"] == "smtp; 451 4.3.0 busy, come later"
    assert "The last time mx2.two.test said:" in notice.text


def test_international_addresses_take_the_forms_of_rfc_6533(box):
    stage = Stage(box)
    stage.send(new_message()[1], "j\u00fcrgen@example.test")
    (stored,) = stage.home.wait_for(1)
    assert b"Content-Type: message/global-delivery-status\r\n" in stored.data
    assert b"Final-Recipient: utf-8; j=C3=BCrgen@example.test\r\n" in stored.data
    assert b"Content-Type: text/rfc822-headers\r\n" in stored.data, "its header is plain"
    assert "SMTPUTF8" not in stored.sender, "what is encoded asks for nothing"


def test_international_sender_gets_his_notice_by_smtputf8(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.1.1 no"), extensions=("SMTPUTF8", "8BITMIME"))
    home = Sink(scenery.host("home").listen(25), extensions=("SMTPUTF8", "8BITMIME"))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test", sender="j\u00fcrgen@home.test")
    (stored,) = home.wait_for(1)
    assert stored.sender.startswith("MAIL FROM:<>") and "SMTPUTF8" in stored.sender
    assert "To: j\u00fcrgen@home.test\r\n".encode() in stored.data
    assert b"Content-Type: message/delivery-status\r\n" in stored.data, "the status names ASCII addresses alone"


# ---- who gets it


def test_a_notice_goes_to_the_envelope_sender_and_to_nobody_in_the_header(box):
    stage = Stage(box)
    message = (b"From: <eve@home.test>\nSender: <eve@home.test>\nReply-To: <eve@home.test>\nErrors-To: <eve@home.test>\n"
               b"Return-Path: <eve@home.test>\nDisposition-Notification-To: <eve@home.test>\nTo: bob@example.test\n\nhi\n")
    stage.send(message, "bob@example.test")
    (stored,) = stage.home.wait_for(1)
    stage.waypost.wait_for_empty_queue()
    assert (stored.sender, stored.recipients) == ("MAIL FROM:<>", ["RCPT TO:<alice@home.test>"])
    assert read_notice(stored.data).header["To"] == "alice@home.test" and len(stage.home.messages) == 1


def test_mail_of_a_program_gets_its_notice_and_null_senders_get_none(box):
    stage = Stage(box)
    # RFC 3834 2: Auto-Submitted is a word to responders. A notice is what the sender's host owes.
    message = b"From: cron@home.test\nAuto-Submitted: auto-generated\nPrecedence: bulk\n\nhi\n"
    stage.send(message, "bob@example.test", sender="")
    stage.send(message, "bob@example.test")
    stage.notice()
    stage.waypost.wait_for_empty_queue()
    assert len(stage.home.messages) == 1
    assert [line["reason"] for line in stage.waypost.events(event="dropped")] == ["no sender to tell"]


def only_postmasters(session, verb, line):
    return "550 5.1.1 gone" if verb == "RCPT" and "postmaster" not in line else None


def test_a_lost_notice_goes_to_the_postmaster_with_the_header_alone(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.1.1 no"))
    home = Sink(scenery.host("home").listen(25), only_postmasters)
    waypost = Waypost(box).start()
    done = waypost.sendmail(new_message(body="the secret plan\n")[1], "-f", "alice@home.test", "-R", "full",
                            "bob@example.test")
    assert done.returncode == 0
    (stored,) = home.wait_for(1)
    waypost.wait_for_empty_queue()
    assert stored.recipients == ["RCPT TO:<postmaster@home.test>"] and b"the secret plan" not in stored.data
    notice = read_notice(stored.data)
    assert notice.header["Subject"] == "Not delivered: a notice to alice@home.test"
    assert notice.addresses == ["alice@home.test"]
    assert notice.original.get_content_type() == "text/rfc822-headers"
    assert "Subject: Not delivered: your message to bob@example.test" in notice.original.get_payload()
    assert len(home.messages) == 1


def test_a_lost_notice_that_the_postmaster_refuses_is_dropped_with_a_line(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.1.1 no"))
    home = Sink(scenery.host("home").listen(25), refuse("RCPT", "550 5.1.1 gone"))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    waypost.wait_for_log("event=dropped")
    waypost.wait_for_empty_queue()
    (line,) = waypost.events(event="dropped")
    assert line["to"] == "postmaster@home.test" and line["id"].endswith(".b1.b1"), line
    assert sum(command.startswith("RCPT ") for command in home.commands()) == 2


def test_without_a_postmaster_in_the_configuration_it_is_the_host_s(box):
    scenery = Scenery(box, "out.home.test. IN MX 10 mail.home.test.\n")
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.1.1 no"))
    home = Sink(scenery.host("home").listen(25), only_postmasters)
    waypost = Waypost(box, settings=RETRY_QUICKLY + "local_domains = []\n")
    config = waypost.home / "etc/waypost.toml"
    config.write_text("".join(line for line in config.read_text().splitlines(True) if "postmaster" not in line))
    assert waypost.config("compile").returncode == 0
    waypost.start()
    waypost.send(new_message()[1], "bob@example.test")
    assert home.wait_for(1)[0].recipients == ["RCPT TO:<postmaster@out.home.test>"]


def test_notices_take_the_routes_of_the_original_s_account(box):
    scenery = Scenery(box)

    def refuse_bob(session, verb, line):
        return "550 5.1.1 no" if verb == "RCPT" and "bob" in line else None

    relay = Sink(scenery.host("relay").listen(25), refuse_bob)
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box, tables=RELAY + f'[[account."uid:{ORDINARY_UID}".route]]\ntransport = "relay"\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    (stored,) = relay.wait_for(1)
    assert stored.recipients == ["RCPT TO:<alice@home.test>"] and not home.messages


def test_null_sender_of_a_transport_stands_in_for_the_empty_one(box):
    scenery = Scenery(box)

    def no_null_sender(session, verb, line):
        if verb == "RCPT" and "bob" in line:
            return "550 5.1.1 no"
        return "501 5.1.7 we do not take <>" if line.startswith("MAIL FROM:<>") else None

    relay = Sink(scenery.host("relay").listen(25), no_null_sender)
    tables = RELAY + 'null_sender = "bounces@example.org"\n[[route]]\ntransport = "relay"\n'
    waypost = Waypost(box, tables=tables).start()
    waypost.send(new_message()[1], "bob@example.test")
    (stored,) = relay.wait_for(1)
    assert stored.sender.startswith("MAIL FROM:<bounces@example.org>")
    assert read_notice(stored.data).addresses == ["bob@example.test"]
    waypost.wait_for_empty_queue()


# ---- one notice


def test_failures_are_told_while_others_are_still_tried_and_never_twice(box):
    stage = Stage(box, settings=RETRY_QUICKLY)
    stage.send(new_message()[1], "bob@example.test", "carol@two.test", "dave@example.test")
    assert stage.notice().addresses == ["bob@example.test", "dave@example.test"]
    wait_until(lambda: len(stage.waypost.events(event="deferred", to="carol@two.test")) >= 4, 20, "four attempts")
    (row,) = stage.waypost.list("--from", "alice@home.test")
    assert {one["address"]: one["state"] for one in row["recipients"]}["carol@two.test"] == "pending"
    assert len(stage.home.messages) == 1


@time_limit(300)
def test_thirty_thousand_refusals_are_one_notice(box):
    stage = Stage(box)
    envelope = b"".join(b"Tuser%d@example.test\0" % n for n in range(30_000))
    assert stage.waypost.queue(new_message()[1], b"Falice@home.test\0" + envelope + b"\0").returncode == 0
    (stored,) = stage.home.wait_for(1, 240)
    stage.waypost.wait_for_empty_queue(30)
    assert len(stage.home.messages) == 1 and len(stored.data) < 10_000_000, "what most servers take"
    notice = read_notice(stored.data)
    assert notice.addresses == [f"user{n}@example.test" for n in range(30_000)]
    assert len(notice.text) < 10_000 and "30000 recipients" in notice.text


@time_limit(200)
def test_long_addresses_are_told_in_as_many_notices_as_it_takes(box):
    stage = Stage(box)
    everyone = ["%04d" % n + "a" * 950 + "@example.test" for n in range(5_000)]
    envelope = b"".join(b"T%s\0" % address.encode() for address in everyone)
    assert stage.waypost.queue(new_message()[1], b"Falice@home.test\0" + envelope + b"\0").returncode == 0
    notices = stage.notices(2, 150)
    stage.waypost.wait_for_empty_queue(30)
    assert sorted(address for notice in notices for address in notice.addresses) == everyone
    assert len(stage.home.messages) == 2


@time_limit(120)
def test_long_replies_to_every_recipient_are_told_and_nothing_breaks(box):
    long = "".join(f"550-5.1.1 {n:04d} {'no such user here, ' * 40}\r\n" for n in range(70))
    count = 0

    def lengthy(session, verb, line):
        nonlocal count
        count += verb == "RCPT"
        return f"{long}550 5.1.1 number {count}" if verb == "RCPT" else None

    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), lengthy)
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], *(f"user{n}@example.test" for n in range(300)))
    wait_until(lambda: home.messages, 90, "the notice")
    waypost.wait_for_empty_queue()
    notice = read_notice(home.messages[0].data)
    assert len(home.messages) == 1 and len(notice.addresses) == 300
    assert all("550 5.1.1 0000 no such user" in group["Diagnostic-Code"] for group in notice.recipients)
    assert not waypost.events(event="broken"), "a talkative server costs nobody anything"
