"""Handing mail in: what sendmail and waypost-queue take, what they refuse, and with which exit status."""

import os
import resource
import subprocess

from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import PATIENCE, time_limit
from waypost import BUILD, RETRY_QUICKLY, Waypost, new_message

OK, PERMANENT = 0, 31  # exit codes of waypost-queue, which are qmail-queue's
MALFORMED = (11, 54, 91)
EX_USAGE, EX_DATAERR, EX_TEMPFAIL = 64, 65, 75


def envelope(*recipients, sender="alice@home.test"):
    return b"F" + sender.encode() + b"\0" + b"".join(b"T" + r.encode() + b"\0" for r in recipients) + b"\0"


def spool_files(waypost):
    spool = waypost.home / "spool"
    return [path for folder in ("new", "cur") for path in (spool / folder).rglob("*") if path.is_file()]


def assert_takes_mail(waypost):
    """After refusals: they were not for some other reason, and the one good message is all that is there."""
    assert spool_files(waypost) == []
    done = waypost.queue(new_message()[1], envelope("bob@example.test"))
    assert done.returncode == OK, done.stderr
    assert len(spool_files(waypost)) == 1


def test_queue_takes_a_message_whose_reader_is_slower_than_its_pipes(box):
    """qmail's clients write all of descriptor 0 before the first byte of 1."""
    waypost = Waypost(box)
    done = waypost.queue(b"Subject: a\n\n" + b"x" * 79 + b"\n" * (1 << 20), envelope("bob@example.test"))
    assert done.returncode == OK, done.stderr
    (row,) = waypost.list()
    assert row["sender"] == "alice@home.test" and row["recipients"][0]["address"] == "bob@example.test"


def test_queue_refuses_malformed_envelopes(box):
    waypost = Waypost(box)
    _, message = new_message()
    good = envelope("bob@example.test")
    rows = [b"", b"\0", good[:-1], good[:-2], b"Tbob@example.test\0\0", b"Fa@home.test\0\0", b"X" + good[1:],
            good + b"more", b"Fa@home.test\0Xjunk\0Tb@example.test\0\0", b"Fa@home.test\0Tb@exa\rmple.test\0\0",
            b"Fa@home.test\0Tb\n@example.test\0\0", b"Fa@home.test\0T\0\0", b"Fa\nb@home.test\0Tb@example.test\0\0"]
    for row in rows:
        done = waypost.queue(message, row)
        assert done.returncode in MALFORMED, f"{row!r}: exit {done.returncode}"
    assert_takes_mail(waypost)


def test_queue_takes_the_optional_envelope_fields(box):
    waypost = Waypost(box)
    done = waypost.queue(new_message()[1], b"Falice@home.test\0RHDRS\0Vqq123\0B8BITMIME\0U\0"
                         b"Tbob@example.test\0NSUCCESS,FAILURE\0Orfc822;bob@example.test\0Tcarol@example.test\0NNEVER\0\0")
    assert done.returncode == OK, done.stderr
    assert len(waypost.list()[0]["recipients"]) == 2


@time_limit(120)
def test_queue_takes_100000_recipients(box):
    waypost = Waypost(box)
    recipients = [f"user{n:06}@example.test" for n in range(100_000)]
    done = waypost.queue(new_message()[1], envelope(*recipients))
    assert done.returncode == OK, done.stderr
    (row,) = waypost.list()
    assert [r["address"] for r in row["recipients"]] == recipients


def test_large_message_takes_constant_memory(box):
    if "sanitize" in os.environ["WAYPOST_BUILD"]:
        return  # a sanitizer's shadow memory is not ours to count
    waypost = Waypost(box)
    message = box.folder / "large"
    with open(message, "wb") as file:
        file.write(b"Subject: large\n\n")
        for _ in range(95):
            file.write((b"x" * 99 + b"\n") * 10_000)
    read_end, write_end = os.pipe()
    os.write(write_end, envelope("bob@example.test"))
    os.close(write_end)
    with open(message, "rb") as file:
        child = subprocess.Popen([BUILD / "waypost-queue"], stdin=file, stdout=read_end, env=waypost.environment(),
                                 **waypost.identity())
        _, status, usage = os.wait4(child.pid, 0)
    os.close(read_end)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == OK
    assert usage.ru_maxrss < 20_000, f"{usage.ru_maxrss} kB for 95 MB"


def test_message_over_size_max_is_refused_with_the_limit(box):
    waypost = Waypost(box, settings=RETRY_QUICKLY + 'size_max = "100KB"\n')
    large = b"Subject: a\n\n" + b"x" * 79 + b"\n" * 200_000
    done = waypost.queue(large, envelope("bob@example.test"))
    assert done.returncode == PERMANENT, done.returncode
    done = waypost.sendmail(large, "-i", "--", "bob@example.test")
    assert done.returncode == EX_DATAERR
    assert b"100" in done.stderr, f"the limit is not in {done.stderr!r}"
    assert_takes_mail(waypost)


def test_message_is_refused_for_now_when_the_disk_is_nearly_full(box):
    waypost = Waypost(box, settings=RETRY_QUICKLY + 'queue_free_min = "1000TB"\n')
    done = waypost.sendmail(new_message()[1], "-i", "--", "bob@example.test")
    assert done.returncode == EX_TEMPFAIL, done
    waypost.write_config()
    assert waypost.config("compile").returncode == 0
    assert_takes_mail(waypost)


def test_full_disk_leaves_nothing_behind(box):
    waypost = Waypost(box)
    image = box.folder / "small.img"
    with open(image, "wb") as file:
        file.truncate(96 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    spool = waypost.home / "spool"
    subprocess.run(["mount", "-o", "loop", str(image), str(spool)], check=True)
    box.at_end(lambda: subprocess.run(["umount", "-l", str(spool)], check=True))
    os.chown(spool, waypost.uid, waypost.uid)
    for folder in ("new", "cur", "tmp", "bad"):
        (spool / folder).mkdir()
        os.chown(spool / folder, waypost.uid, waypost.uid)
    done = waypost.queue(b"Subject: a\n\n" + b"x" * 79 + b"\n" * (95 << 20), envelope("bob@example.test"))
    assert done.returncode not in (OK, PERMANENT), done
    assert_takes_mail(waypost)


def test_limit_of_file_size_or_descriptors_refuses_without_a_trace(box):
    waypost = Waypost(box)

    def run(limit, value, message):
        def lower():
            resource.setrlimit(limit, (value, value))
        read_end, write_end = os.pipe()
        os.write(write_end, envelope("bob@example.test"))
        os.close(write_end)
        done = subprocess.run([BUILD / "waypost-queue"], input=message, stdout=read_end, stderr=subprocess.PIPE,
                              preexec_fn=lower, env=waypost.environment(), check=False, **waypost.identity())
        os.close(read_end)
        return done

    large = b"Subject: a\n\n" + (b"x" * 79 + b"\n") * 10_000
    for limit, value in ((resource.RLIMIT_FSIZE, 100_000), (resource.RLIMIT_NOFILE, 3)):
        if limit == resource.RLIMIT_NOFILE and "sanitize" in os.environ["WAYPOST_BUILD"]:
            continue  # the sanitizer's runtime itself needs descriptors
        done = run(limit, value, large)
        assert done.returncode not in (OK, PERMANENT), f"limit {limit}: exit {done.returncode} {done.stderr!r}"
    assert_takes_mail(waypost)


def test_message_that_went_round_too_often_bounces(box):
    home = Sink(Scenery(box).host("home").listen(25))
    waypost = Waypost(box, settings=RETRY_QUICKLY + "hops_max = 10\n").start()
    message = b"Received: by a\n" * 11 + new_message()[1]
    assert waypost.queue(message, envelope("bob@example.test")).returncode == OK
    assert b"5.4.6" in home.wait_for(1)[0].data


def test_sendmail_completes_the_header(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    done = waypost.sendmail(b"Subject: bare\n\nbody\n", "-f", "alice@home.test", "-F", "Alice Who", "bob@example.test")
    assert done.returncode == OK, done.stderr
    data = sink.wait_for(1)[0].data
    head, body = data.split(b"\r\n\r\n", 1)
    fields = [line.split(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    for wanted in (b"date", b"message-id", b"from"):
        assert fields.count(wanted) == 1, f"{wanted} in {head.decode()}"
    assert b"alice@home.test" in head and b"Alice Who" in head and body == b"body\r\n"


def test_sendmail_keeps_a_complete_header_as_it_is(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    _, message = new_message()
    waypost.send(message, "bob@example.test")
    assert sink.wait_for(1)[0].data.endswith(message.replace(b"\n", b"\r\n"))


def test_sendmail_t_collects_recipients_and_strips_bcc(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    message = (b'From: alice@home.test\nTo: "Bob, B." <bob@example.test>, list: carol@example.test (a, comment),\n'
               b"\tdave@example.test;\nCc: =?utf-8?q?Erik?= <erik@example.test>\n"
               b"Bcc: secret@example.test,\n hidden@example.test\nSubject: x\n\nbody\n")
    done = waypost.sendmail(message, "-t", "-i", "-f", "alice@home.test", "extra@example.test")
    assert done.returncode == OK, done.stderr
    arrived = sink.wait_for(1)[0]
    names = ("bob", "carol", "dave", "erik", "secret", "hidden", "extra")
    assert sorted(arrived.recipients) == sorted(f"RCPT TO:<{name}@example.test>" for name in names)
    assert b"secret" not in arrived.data and b"hidden" not in arrived.data and b"bcc" not in arrived.data.lower()
    assert b"erik@example.test" in arrived.data


def test_sendmail_ends_at_a_lone_dot_unless_told_not_to(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    waypost.sendmail(b"Subject: a\n\none\n.\ntwo\n", "-f", "alice@home.test", "bob@example.test")
    assert sink.wait_for(1)[0].data.endswith(b"\r\n\r\none\r\n")
    for option in ("-i", "-oi"):
        sink.messages.clear()
        waypost.sendmail(b"Subject: a\n\none\n.\ntwo\n", option, "-f", "alice@home.test", "bob@example.test")
        assert sink.wait_for(1)[0].data.endswith(b"\r\n\r\none\r\n.\r\ntwo\r\n")


def test_sendmail_takes_null_senders(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    for empty in ("", "<>"):
        assert waypost.sendmail(new_message()[1], "-i", "-f", empty, "bob@example.test").returncode == OK
    assert {m.sender.split(" ")[1] for m in sink.wait_for(2)} == {"FROM:<>"}


def test_sendmail_refuses_with_the_codes_of_sysexits(box):
    waypost = Waypost(box)
    _, message = new_message()
    assert waypost.sendmail(message, "-i").returncode == EX_USAGE, "no recipients"
    for bad in ("bob\n@example.test", "bob@exam\rple.test", "bob@example.test\nRCPT TO:<eve@two.test>"):
        done = waypost.sendmail(message, "-i", "--", bad)
        assert 64 <= done.returncode <= 78, f"{bad!r}: exit {done.returncode}"
        assert done.stderr, "a refusal says why"
    assert_takes_mail(waypost)


def test_sendmail_forgives_unknown_o_options_and_takes_odd_addresses(box):
    waypost = Waypost(box)
    _, message = new_message()
    done = waypost.sendmail(message, "-oem", "-odb", "-i", "--", "-dash@example.test", '"a b"@example.test')
    assert done.returncode == OK, done.stderr
    assert [r["address"] for r in waypost.list()[0]["recipients"]] == ["-dash@example.test", '"a b"@example.test']


def test_received_field_names_the_caller_and_the_id(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box)
    waypost.send(new_message()[1], "bob@example.test")
    (row,) = waypost.list()
    waypost.start()
    head = sink.wait_for(1)[0].data.split(b"\r\n\r\n")[0].decode()
    received = head.split("\r\nFrom:")[0]
    assert received.startswith("Received: ") and row["id"] in received and str(waypost.uid) in received, received


def test_closed_descriptors_are_refused(box):
    waypost = Waypost(box)
    for closing in ("<&-", ">&-", "<&- >&-", "<&- >&- 2>&-"):
        argv = ["/bin/sh", "-c", f"exec {BUILD}/waypost-queue {closing}"]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=20 * PATIENCE, env=waypost.environment(), check=False, **waypost.identity())
        assert 0 < done.returncode < 100, f"{closing}: exit {done.returncode}"
    assert_takes_mail(waypost)


def test_injector_that_is_killed_leaves_nothing(box):
    waypost = Waypost(box).start()
    child = subprocess.Popen([BUILD / "waypost-queue"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                             env=waypost.environment(), **waypost.identity())
    child.stdin.write(b"Subject: a\n\nhalf a mess")
    child.stdin.flush()
    wait_until(lambda: os.listdir(f"/proc/{child.pid}/fd"), 5, "it to run")
    child.kill()
    child.wait()
    child.stdin = None
    assert spool_files(waypost) == [] and waypost.list() == []
