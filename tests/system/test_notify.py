"""What the sender asks to be told of: NOTIFY, the parameters that the next server gets, and delays. RFC 3461."""

from notices import Stage, read_notice
from scenery import Scenery
from sink import Sink
from waypost import RETRY_QUICKLY, Waypost, new_message, pause

DSN = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN")
ONE_ATTEMPT = 'retry = ["1h"]\nexpire_after = "2h"\n'


# ---- NOTIFY


def test_notify_steers_what_is_told_of_a_failure(box):
    stage = Stage(box)
    rows = {"never": False, "success": False, "delay": False, "failure": True, "success,delay": False,
            "success,failure": True, "failure,delay": True, "success,failure,delay": True, None: True}
    for words in rows:
        stage.send(new_message()[1], f"bob+{(words or 'unset').replace(',', '-')}@example.test",
                   options=["-N", words] if words else [])
    told = {address for notice in stage.notices(sum(rows.values())) for address in notice.addresses}
    stage.waypost.wait_for_empty_queue()
    assert told == {f"bob+{(words or 'unset').replace(',', '-')}@example.test" for words, wanted in rows.items() if wanted}
    assert len(stage.home.messages) == sum(rows.values())


def test_what_dsn_needs_is_passed_on_where_the_next_server_has_it(box):
    scenery = Scenery(box)
    sink = Sink(scenery.host("mx1").listen(25), extensions=DSN)
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    done = waypost.sendmail(new_message()[1], "-f", "alice@home.test", "-N", "success,delay", "-R", "hdrs",
                            "-V", "job 7=x", "bob@example.test")
    assert done.returncode == 0
    first = sink.wait_for(1)[0]
    assert first.sender.startswith("MAIL FROM:<alice@home.test> ")
    assert first.sender.split(" ")[-2:] == ["RET=HDRS", "ENVID=job+207+3Dx"]
    assert first.recipients == ["RCPT TO:<bob@example.test> NOTIFY=SUCCESS,DELAY"]
    envelope = (b"Falice@home.test\0RFULL\0Tbob@example.test\0NNEVER\0Orfc822;Bob+2Bx@example.test\0"
                b"Tcarol@example.test\0Tdave@example.test\0NFAILURE\0\0")
    assert waypost.queue(new_message()[1], envelope).returncode == 0
    second = sink.wait_for(2)[1]
    assert second.sender.endswith(" RET=FULL")
    assert second.recipients == ["RCPT TO:<bob@example.test> NOTIFY=NEVER ORCPT=rfc822;Bob+2Bx@example.test",
                                 "RCPT TO:<carol@example.test>", "RCPT TO:<dave@example.test> NOTIFY=FAILURE"]
    waypost.wait_for_empty_queue()
    pause(1)
    assert not home.messages, "success is the next server's to tell"


def test_nothing_of_dsn_is_sent_where_the_next_server_lacks_it_and_success_is_relayed(box):
    scenery = Scenery(box)
    sink = Sink(scenery.host("mx1").listen(25))
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    envelope = (b"Falice@home.test\0RFULL\0Vjob7\0Tbob@example.test\0NSUCCESS\0Orfc822;bob@old.test\0"
                b"Tcarol@example.test\0NFAILURE,DELAY\0Tdave@example.test\0NNEVER\0Teve@example.test\0\0")
    assert waypost.queue(new_message(body="the secret plan\n")[1], envelope).returncode == 0
    (arrived,) = sink.wait_for(1)
    assert not any(word in " ".join([arrived.sender, *arrived.recipients]) for word in ("RET", "ENVID", "NOTIFY", "ORCPT"))
    notice = read_notice(home.wait_for(1)[0].data)
    waypost.wait_for_empty_queue()
    assert len(home.messages) == 1 and notice.addresses == ["bob@example.test"]
    (group,) = notice.recipients
    assert (group["Action"], group["Status"]) == ("relayed", "2.0.0")
    assert group["Original-Recipient"] == "rfc822; bob@old.test" and notice.message["Original-Envelope-Id"] == "job7"
    assert notice.header["Subject"] == "Handed on: your message to bob@example.test"
    assert "sends no confirmations" in notice.words
    assert "the secret plan" not in notice.original.as_string(), "RET is about failures (RFC 3461 4.3)"


# ---- delay


def test_delay_is_told_once_by_age_and_names_who_waits(box):
    stage = Stage(box, settings='delay_notice_after = "2s"\n' + ONE_ATTEMPT)
    envelope = (b"Falice@home.test\0Tbob@two.test\0Tcarol@two.test\0NDELAY\0Tdave@two.test\0NFAILURE\0"
                b"Teve@two.test\0NNEVER\0\0")
    assert stage.waypost.queue(new_message("The plan")[1], envelope).returncode == 0
    # The next attempt is an hour away: the notice does not wait for it.
    notice = stage.notice()
    assert notice.addresses == ["bob@two.test", "carol@two.test"] and notice.actions == {"delayed"}
    assert all(group["Status"] == "4.3.0" and group["Will-Retry-Until"] for group in notice.recipients)
    assert notice.header["Subject"] == "Delayed: your message to 2 recipients"
    assert "You need not send it again" in notice.words
    assert all(words in notice.text for words in ("bob@two.test", "carol@two.test", "Subject: The plan", "busy, come later"))
    (row,) = stage.waypost.list("--from", "alice@home.test")  # the notice may not have left the queue yet
    assert {one["attempts"] for one in row["recipients"]} == {1}, "telling is no attempt"
    pause(3)
    assert len(stage.home.messages) == 1


def test_no_delay_is_told_to_null_senders_nor_where_notify_leaves_it_out(box):
    stage = Stage(box, settings='delay_notice_after = "1s"\n' + ONE_ATTEMPT)
    stage.send(new_message()[1], "bob@two.test", sender="")
    for words in ("never", "failure", "success"):
        stage.send(new_message()[1], "bob@two.test", options=["-N", words])
    stage.send(new_message()[1], "last@two.test")
    assert stage.notice().addresses == ["last@two.test"]
    pause(2)
    assert len(stage.home.messages) == 1


def test_delay_is_told_once_over_many_attempts_and_a_restart(box):
    stage = Stage(box, settings='delay_notice_after = "1s"\n' + RETRY_QUICKLY)
    stage.send(new_message()[1], "bob@two.test")
    stage.notice()
    stage.waypost.wait_for_attempts(4)
    stage.waypost.stop()
    stage.waypost.start()
    stage.waypost.wait_for_attempts(7)
    assert len(stage.home.messages) == 1
