"""What servers answer, and what becomes of the message: greylisting, refusals, notices, routes by attempt and class."""

from notices import read_notice
from peers import Postfix
from scenery import Scenery
from sink import HANG_UP, Sink, refuse
from waypost import Waypost, new_message, pause

RELAY = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'


def test_greylisted_message_is_delivered_at_its_second_attempt(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), refuse("RCPT", "450 4.7.1 Greylisted, come back", 1))
    waypost = Waypost(box).start()
    token, message = new_message()
    waypost.send(message, "bob@example.test")
    assert token.encode() in sink.wait_for(1)[0].data
    waypost.wait_for_empty_queue()
    (deferred,) = waypost.events(event="deferred")
    assert deferred["class"] == "greylisted" and "Greylisted" in deferred["reply"], deferred
    assert len(sink.messages) == 1
    assert sum(line.startswith("MAIL ") for line in sink.commands()) == 2


def test_greylisting_by_a_real_postfix(box):
    postfix = Postfix(box, Scenery(box).host("mx1"), """
smtpd_recipient_restrictions =
    check_recipient_access inline:{ { grey@example.test = 450 4.7.1 come back later } }, permit
""")
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "grey@example.test")
    row = waypost.wait_for_attempts(2)
    assert "come back later" in row["recipients"][0]["reply"]
    assert not postfix.messages()


def test_refused_message_comes_back_as_a_notice(box):
    scenery = Scenery(box)
    reply = "550-5.1.1 No such user\r\n550 5.1.1 <b\x7fb@example.test> here"
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", reply))
    home = Postfix(box, scenery.host("home"))
    waypost = Waypost(box).start()
    token, message = new_message(body="the secret plan\n")
    waypost.send(message, "bob@example.test")
    (stored,) = home.wait_for(1)
    waypost.wait_for_empty_queue()
    assert stored.startswith(b"Return-Path: <>\nX-Original-To: alice@home.test\n")
    notice = read_notice(stored)
    assert "alice@home.test" in notice.header["To"]
    assert "bob@example.test" in notice.text and "No such user" in notice.text
    (recipient,) = notice.recipients
    assert notice.message["Reporting-MTA"] == "dns; out.home.test"
    assert recipient["Final-Recipient"].endswith("bob@example.test")
    assert recipient["Action"] == "failed" and recipient["Status"] == "5.1.1"
    assert recipient["Diagnostic-Code"].startswith("smtp; 550") and "No such user" in recipient["Diagnostic-Code"]
    assert "mx1.example.test" in recipient["Remote-MTA"]
    returned = notice.original.as_string()
    assert token in returned and "the secret plan" not in returned
    assert b"\x7f" not in stored, "control characters are made visible"


def test_one_recipient_of_three_is_refused(box):
    scenery = Scenery(box)
    postfix = Postfix(box, scenery.host("mx1"), """
smtpd_recipient_restrictions = check_recipient_access inline:{ { bad@example.test = 550 5.1.1 nobody here } }, permit
""")
    home = Postfix(box, scenery.host("home"))
    waypost = Waypost(box).start()
    token, message = new_message()
    waypost.send(message, "a@example.test", "bad@example.test", "c@example.test")
    stored = postfix.wait_for(2)
    notice = read_notice(home.wait_for(1)[0])
    waypost.wait_for_empty_queue()
    assert len(stored) == 2 and all(token.encode() in message for message in stored)
    assert notice.addresses == ["bad@example.test"]
    assert len(home.messages()) == 1


def test_failures_of_one_pass_are_one_notice(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.1.1 no"))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    recipients = [f"user{n}@example.test" for n in range(250)]
    waypost.send(new_message()[1], *recipients)
    notice = read_notice(home.wait_for(1)[0].data)
    waypost.wait_for_empty_queue()
    assert notice.addresses == recipients
    assert len(home.messages) == 1


def test_notice_that_fails_goes_to_the_postmaster_once(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.1.1 no"))

    def only_the_postmaster(session, verb, line):
        return "550 5.1.1 gone" if verb == "RCPT" and "postmaster" not in line else None

    home = Sink(scenery.host("home").listen(25), only_the_postmaster)
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    double = home.wait_for(1)[0]
    waypost.wait_for_empty_queue()
    assert double.recipients == ["RCPT TO:<postmaster@home.test>"] and double.sender.startswith("MAIL FROM:<>")
    assert len(home.messages) == 1


def test_message_with_null_sender_that_fails_makes_no_notice_to_anybody_but_the_postmaster(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.1.1 no"))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test", sender="")
    waypost.wait_for_empty_queue()
    assert all(m.recipients == ["RCPT TO:<postmaster@home.test>"] for m in home.messages)
    assert len(home.messages) <= 1


def test_last_attempt_fails_into_a_notice(box):
    scenery = Scenery(box)
    sink = Sink(scenery.host("mx1").listen(25), refuse("MAIL", "451 4.3.0 never today"))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box, settings='retry = ["1s", "1s"]\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    (recipient,) = read_notice(home.wait_for(1)[0].data).recipients
    assert "never today" in recipient["Diagnostic-Code"]
    # N waits, N + 1 attempts; one less where a busy machine took so long that the age of the last was reached before it.
    assert sum(line.startswith("MAIL ") for line in sink.commands()) in (2, 3)
    waypost.wait_for_empty_queue()


def test_message_expires_by_age_not_by_count(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("MAIL", "451 4.3.0 never today"))
    home = Sink(scenery.host("home").listen(25))
    settings = 'expire_after = "3s"\nretry = ["1s", "1s", "1s", "1s", "1s", "1s", "1s", "1s", "1s", "1h"]\n'
    waypost = Waypost(box, settings=settings).start()
    waypost.send(new_message()[1], "bob@example.test")
    assert b"never today" in home.wait_for(1, 8)[0].data
    waypost.wait_for_empty_queue()


def test_fourth_attempt_takes_the_smarthost(box):
    scenery = Scenery(box)
    scenery.host("mx1")  # which refuses connections
    relay = Sink(scenery.host("relay").listen(25))
    waypost = Waypost(box, tables=RELAY + '[[route]]\nattempt = 4\ntransport = "relay"\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    relay.wait_for(1)
    waypost.wait_for_empty_queue()
    (queued,) = waypost.events(event="queued")
    told = [line["attempt"] for line in waypost.events(id=queued["id"]) if "attempt" in line]
    assert told == ["1", "2", "3", "4"], "the log tells the message's way by its id"


def test_many_messages_for_a_dead_destination_all_reach_their_fourth_attempt(box):
    scenery = Scenery(box)
    scenery.host("mx1").unplug()
    relay = Sink(scenery.host("relay").listen(25))
    tables = RELAY + '[defaults]\ntimeout_connect = "1s"\n[[route]]\nattempt = 4\ntransport = "relay"\n'
    waypost = Waypost(box, tables=tables).start()
    for _ in range(50):
        waypost.send(new_message()[1], "bob@example.test")
    relay.wait_for(50, 40)
    waypost.wait_for_empty_queue()
    assert len(relay.messages) == 50


def test_blocked_address_moves_to_the_other_transport_instead_of_bouncing(box):
    scenery = Scenery(box)
    direct = Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.7.1 Service unavailable; client host "
                                                         "[192.0.2.1] blocked using zen.spamhaus.org"))
    relay = Sink(scenery.host("relay").listen(25))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box, tables=RELAY + '[[route]]\nafter = ["blocked"]\ntransport = "relay"\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    relay.wait_for(1)
    waypost.wait_for_empty_queue()
    assert len(direct.sessions) == 1 and not home.messages


def test_blocked_then_greylisted_elsewhere_then_delivered(box):
    scenery = Scenery(box)
    direct = Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.7.1 blocked using zen.spamhaus.org"))
    relay = Sink(scenery.host("relay").listen(25), refuse("RCPT", "451 4.7.1 Greylisted", 1))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box, tables=RELAY + '[[route]]\nafter = ["blocked"]\ntransport = "relay"\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    relay.wait_for(1)
    waypost.wait_for_empty_queue()
    assert sum(line.startswith("MAIL ") for line in direct.commands()) == 1, "no way back to what refused for good"
    assert not home.messages


def test_blocked_without_a_rule_bounces(box):
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.7.1 blocked using zen.spamhaus.org"))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    assert b"spamhaus" in home.wait_for(1)[0].data


def test_all_recipients_refused_but_data_accepted(box):
    scenery = Scenery(box)
    replies = {"RCPT": "550 5.1.1 no", "DATA": "354 go ahead all the same", "BODY": "554 5.5.1 no valid recipients"}
    sink = Sink(scenery.host("mx1").listen(25), lambda session, verb, line: replies.get(verb))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    home.wait_for(1)
    assert not sink.messages


def test_refusal_of_mail_and_hang_up_is_a_refusal(box):
    scenery = Scenery(box)

    def refuse_and_leave(session, verb, line):
        return "550 5.7.1 not you" if verb == "MAIL" else HANG_UP if verb == "RCPT" else None

    Sink(scenery.host("mx1").listen(25), refuse_and_leave)
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    assert b"not you" in home.wait_for(1)[0].data


def test_lost_connection_after_the_final_dot_is_tried_again_and_told(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), refuse("BODY", HANG_UP, 1))
    waypost = Waypost(box, settings='retry = ["1h"]\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    row = waypost.wait_for_attempts(1)
    assert "may have been delivered" in waypost.command("why", row["id"])
    waypost.command("kick", row["id"])
    sink.wait_for(1)
    waypost.wait_for_empty_queue()


def test_garbage_banners_are_temporary(box):
    scenery = Scenery(box)
    banners = ["2200 sink", "hello", "220-a\r\n250 b", HANG_UP]

    def answer(session, verb, line):
        return banners[session.number - 1] if verb == "CONNECT" and session.number <= len(banners) else None

    sink = Sink(scenery.host("mx1").listen(25), answer)
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1, 30)
    assert len(sink.sessions) == len(banners) + 1
    waypost.wait_for_empty_queue()


def test_control_characters_of_a_reply_stay_out_of_log_and_queue_commands(box):
    Sink(Scenery(box).host("mx1").listen(25), refuse("MAIL", "450 4.2.1 \x1b[31mred\x07 event=forged"))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    row = waypost.wait_for_attempts(1)
    shown = waypost.log() + waypost.command("list") + waypost.command("why", row["id"])
    assert "forged" in shown
    assert "\x1b" not in shown and "\x07" not in shown
    assert not waypost.events(event="forged")


def test_transport_of_type_fail_bounces_with_its_text(box):
    home = Sink(Scenery(box).host("home").listen(25))
    tables = '[transport.closed]\ntype = "fail"\ncode = 550\ntext = "we do not write there"\n' \
             '[[route]]\nto = ["example.test"]\ntransport = "closed"\n'
    waypost = Waypost(box, tables=tables).start()
    waypost.send(new_message()[1], "bob@example.test")
    assert b"we do not write there" in home.wait_for(1)[0].data


def test_sent_in_time_is_not_sent_again(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), refuse("QUIT", "500 5.5.1 no"))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1)
    pause(3)
    assert len(sink.messages) == 1 and not waypost.list()
