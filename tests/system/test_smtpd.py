"""waypost-smtpd and sendmail -bs, over sockets and pipes, to a server that counts bytes."""

import os
import select
import signal
import smtplib
import socket
import subprocess

from peers import debian_root
from sandbox import open_files, wait_until
from scenery import Scenery
from sink import Sink
from smtp_service import Client, Listening, SmtpService, on_pipes, parent_of, processes_named
from waypost import Waypost, new_message

RELAY = {"RELAYCLIENT": ""}
ENDS = ("", "\r", "\n", "\r\n", "\n\r", "\r\r\n", "\r\r", "\n\n", "\r\0\n")
READ_AT_ONCE = 65536


def sink_of(box):
    return Sink(Scenery(box).host("mx1").listen(25), extensions=("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "DSN"))


def false_ends():
    """Every way to write a line with a dot that is no end of a message, with the CRs and LFs that stand alone in it."""
    for before in ENDS:
        for dots in (".", ".."):
            for behind in ENDS:
                text = before + dots + behind
                if "\r\n.\r\n" not in text:
                    yield text, "".join(c for part in text.split("\r\n") for c in part if c in "\r\n")


def smuggler(number, end):
    """A message that holds another one behind what is no end."""
    text = f"Subject: one\r\n\r\n{number}-first{end}MAIL FROM:<evil@home.test>\r\nRCPT TO:<evil@example.test>\r\nDATA\r\n" \
           "Subject: two\r\n\r\nsmuggled\r\n.\r\n"
    if number % 9 == 0:  # across the end of what is read at once
        text = "X: " + "x" * (READ_AT_ONCE - text.index(end + "MAIL") - 6 - number // 9 % 5) + "\r\n" + text
    return text


def test_no_way_of_writing_an_end_smuggles_a_message(box):
    sink = sink_of(box)
    waypost = Waypost(box).start()
    client = SmtpService(waypost, environment=RELAY).client()
    client.expect(("EHLO client.test", "250"))
    taken = set()
    for number, (end, alone) in enumerate(false_ends()):
        client.begin_message("bob@example.test")
        client.send(smuggler(number, end))
        said = client.reply()
        assert said.startswith("550 5.6.0" if "\r" in alone else "250 2.0.0"), f"{end!r}: {said}"
        if "\r" not in alone:
            taken.add(b"\r\n%d-first" % number)
    client.expect(("QUIT", "221"))
    wait_until(lambda: len(sink.messages) >= len(taken), 20, "what was taken to arrive")
    waypost.wait_for_empty_queue()
    assert len(sink.messages) == len(taken)
    for message in sink.messages:
        assert message.sender.startswith("MAIL FROM:<alice@home.test>") and len(message.recipients) == 1, message.sender
        (mark,) = [mark for mark in taken if mark in message.data]
        taken.remove(mark)
        assert message.data.endswith(b"smuggled\r\n"), message.data[-300:]
        assert message.data.count(b"\n") == message.data.count(b"\r\n") == message.data.count(b"\r"), message.data[-300:]
    assert not taken


def test_strangers_end_no_line_with_lf(box):
    waypost = Waypost(box)
    client = SmtpService(waypost).client()
    client.expect(("EHLO client.test", "250"))
    for number, (end, alone) in enumerate(false_ends()):
        if alone:
            client.begin_message("postmaster")
            client.send(smuggler(number, end))
            said = client.reply()
            assert said.startswith("550 5.6.0"), f"{end!r}: {said}"
    client.expect(("NOOP", "250"))
    assert waypost.list() == []


def test_relays_for_nobody_without_relayclient(box):
    waypost = Waypost(box)
    for service in (SmtpService(waypost), SmtpService(waypost, "--caller", inetd=True),
                    SmtpService(waypost, argv=["/run/waypost-build/waypost-inject", "-bs"], inetd=True)):
        client = service.client()
        client.expect(("EHLO client.test", "250"), ("MAIL FROM:<alice@home.test>", "250"),
                      *((f"RCPT TO:<{to}>", "550 5.7.1") for to in
                        ("bob@example.test", "bob@out.home.test", "root", "@out.home.test:bob@example.test",
                         "bob%example.test@out.home.test", '"bob@example.test"', "bob@[127.0.0.1]", "postmaster@example.test")),
                      ("DATA", "554 5.5.1"))
        client.close()
    assert waypost.list() == []
    client = SmtpService(waypost).client()
    client.expect(("EHLO client.test", "250"))
    client.begin_message("Postmaster", sender="")
    client.expect(("hello\r\n.", "250 2.0.0"))
    assert [r["address"] for r in waypost.list()[0]["recipients"]] == ["postmaster@home.test"]


def test_strangers_reach_who_is_here_and_nobody_else(box):
    """As a service and for one connection; a name that is not here is refused in the dialogue."""
    waypost = Waypost(box, settings='local_domains = ["home.test"]\n')
    (waypost.home / "etc/aliases").write_text('friends: bob@example.test\nbroken: a b c\nlogger: "|/bin/true"\n')
    for service in (SmtpService(waypost, "--local"), Listening(waypost, "--local")):
        client = service.client()
        client.expect(("EHLO client.test", "250"), ("MAIL FROM:<forged@two.test>", "250"),
                      ("RCPT TO:<friends@home.test>", "250 2.1.5"), ("RCPT TO:<Friends+detail@HOME.test>", "250 2.1.5"),
                      ("RCPT TO:<postmaster>", "250 2.1.5"),
                      *((f"RCPT TO:<{to}>", "550 5.1.1") for to in
                        ("nobody-there@home.test", "daemon@home.test", '"|/bin/true"@home.test', '"/etc/passwd"@home.test',
                         "bob%example.test@home.test", '"bob@example.test"@home.test')),
                      *((f"RCPT TO:<{to}>", "550 5.7.1") for to in
                        ("bob@example.test", "friends@out.home.test", "friends", "@home.test:bob@example.test", "friends@[127.0.0.1]")),
                      ("RCPT TO:<broken@home.test>", "451 4.3.0"),
                      ("DATA", "354"), ("Subject: x\r\n\r\nhello\r\n.", "250 2.0.0"), ("QUIT", "221"))
    for row in waypost.list():
        assert [r["address"] for r in row["recipients"]] == ["friends@home.test", "Friends+detail@HOME.test", "postmaster@home.test"]


def test_python_smtplib_and_smtp_source(box):
    sink = sink_of(box)
    waypost = Waypost(box).start()
    service = SmtpService(waypost, environment={**RELAY, "TCPREMOTEHOST": "client.home.test"})
    token, message = new_message(body="one\n.two\n..three\n\u00e9\n")
    with smtplib.SMTP("127.0.0.1", service.port, local_hostname="me.home.test") as client:
        client.sendmail("alice@home.test", ["bob@example.test"], message, ["BODY=8BITMIME", "RET=HDRS", "ENVID=e+2B1"],
                        ["NOTIFY=FAILURE", "ORCPT=rfc822;b@example.test"])
    (arrived,) = sink.wait_for(1)
    assert arrived.sender == "MAIL FROM:<alice@home.test> BODY=8BITMIME RET=HDRS ENVID=e+2B1", arrived.sender
    line = next(line for line in sink.commands() if line.startswith("RCPT"))
    assert "NOTIFY=FAILURE" in line and "ORCPT=rfc822;b@example.test" in line, line
    # smtplib sends bytes as they are, here with LF, and adds CRLF where none stands at the end.
    assert arrived.data.endswith(message.replace(b"\n", b"\r\n") + b"\r\n"), arrived.data
    trace = arrived.data.partition(b"From: ")[0].decode()
    assert trace.count("Received: from") == 1 and trace.count("Received:") == 2, trace
    assert "Received: from me.home.test (client.home.test [127.0.0.1])\r\n\tby out.home.test (waypost-smtpd) with ESMTP; " in trace
    source = ["chroot", debian_root(), "/usr/sbin/smtp-source", "-s", "4", "-m", "12", "-f", "alice@home.test", "-t",
              "bob@example.test", f"inet:127.0.0.1:{service.port}"]
    done = subprocess.run(source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done
    sink.wait_for(13)
    assert token.encode() in arrived.data


def test_sendmail_bs_is_the_caller_s(box):
    """As Laravel's mailer has it: sendmail as a server on pipes, one message after another."""
    waypost = Waypost(box)
    client, process = on_pipes(waypost, "sendmail", "-bs")
    client.expect(("EHLO [127.0.0.1]", "250"))
    for _ in range(2):
        client.begin_message("bob@example.test", "root", sender="anybody@two.test")
        client.expect(("Subject: x\r\n\r\nhello\r\n.", "250 2.0.0"))
    client.expect(("QUIT", "221"))
    assert process.wait() == 0 and process.stderr.read() == b""
    rows = waypost.list()
    assert [row["sender"] for row in rows] == ["anybody@two.test"] * 2
    assert {r["address"] for row in rows for r in row["recipients"]} == {"bob@example.test", "root@out.home.test"}
    trace = waypost.command("show", rows[0]["id"]).partition("Subject")[0]
    assert trace.count("Received:") == 1 and f"from uid {waypost.uid})" in trace, trace
    assert "From: anybody@two.test" in trace and "Message-ID: <" in trace and "Date: " in trace, trace


def test_slow_and_broken_clients(box):
    waypost = Waypost(box)
    patient = SmtpService(waypost, environment=RELAY)
    quick = SmtpService(waypost, "--timeout", "5", "--rate", "100000", environment=RELAY).client()
    quick.expect(("EHLO client.test", "250"))
    quick.begin_message("bob@example.test")
    quick.send("Subject: x\r\n\r\nnever ended\r\n")
    assert quick.reply().startswith("421 4.4.2") and quick.reply() == ""
    lost = patient.client()
    lost.expect(("EHLO client.test", "250"))
    lost.begin_message("bob@example.test")
    lost.send(b"x" * 200_000 + b"\r\n.\r")
    lost.close()
    out_of_step = patient.client()
    out_of_step.expect(("EHLO client.test", "250"), ("MAIL FROM:<alice@home.test>", "250"), ("RCPT TO:<bob@example.test>", "250"))
    out_of_step.send("DATA\r\nRCPT TO:<evil@example.test>\r\n.\r\n")
    assert out_of_step.reply().startswith("554 5.5.0") and out_of_step.reply() == ""
    wait_until(lambda: not processes_named("waypost-smtpd"), 20, "all to end")
    assert waypost.list() == []


def test_inetd_gives_the_connection_as_standard_error(box):
    """No line of a log, and nothing of waypost-queue's, may reach the client."""
    waypost = Waypost(box, settings='size_max = "1KB"\n')
    client = SmtpService(waypost, environment=RELAY, inetd=True).client()
    client.expect(("EHLO client.test", "250"))
    client.begin_message("bob@example.test")
    client.expect(("Subject: x\r\n\r\nhello\r\n.", "250 2.0.0"))
    (row,) = waypost.list()
    assert "Received: from client.test ([127.0.0.1])" in waypost.command("show", row["id"])
    for folder in ("new", "cur"):
        (waypost.home / "spool" / folder).rename(waypost.home / f"spool/{folder}.away")
    client.begin_message("bob@example.test")
    client.expect(("Subject: x\r\n\r\nhello\r\n.", "451 4.3.0"), ("QUIT", "221"))
    assert client.reply() == ""


def test_who_talks_has_its_descriptors_and_nothing_else(box):
    waypost = Waypost(box)
    client = SmtpService(waypost, environment=RELAY).client()
    pids = wait_until(lambda: len(found := processes_named("waypost-smtpd")) == 2 and found, 10, "both halves")
    (talker,) = [pid for pid in pids if parent_of(pid) in pids]
    (gate,) = set(pids) - {talker}
    client.expect(("NOOP", "250"))  # it is confined before it reads
    status = open(f"/proc/{talker}/status", encoding="ascii").read()
    if os.environ["WAYPOST_BUILD"].endswith("release"):
        assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status, status
        assert "NoNewPrivs:\t0" in open(f"/proc/{gate}/status", encoding="ascii").read()
    connection = os.readlink(f"/proc/{talker}/fd/0")
    assert connection.startswith("socket:"), connection
    wait_until(lambda: connection not in open_files(gate), 10, "the gate to close the connection")
    client.expect(("EHLO client.test", "250"))
    client.begin_message("bob@example.test")
    os.kill(gate, signal.SIGKILL)
    assert client.reply() == "", "the other half lives on"
    assert waypost.list() == []


def test_a_service_takes_the_connections_itself(box):
    """No more than it has places for; with the tree and without it; SIGTERM."""
    sink = sink_of(box)
    waypost = Waypost(box)
    service = Listening(waypost, "--connections", "2", environment=RELAY)
    first, second = service.client(), service.client()
    for client in (first, second):
        client.expect(("EHLO client.test", "250"))
        client.begin_message("bob@example.test")
    third = socket.create_connection(("127.0.0.1", service.port))  # has no place yet
    second.expect(("Subject: x\r\n\r\nno tree\r\n.", "250 2.0.0"))
    waypost.start()
    first.expect(("Subject: x\r\n\r\na tree\r\n.", "250 2.0.0"))
    assert not select.select([third], [], [], 0)[0], "more connections than places"
    first.expect(("QUIT", "221"))
    first.close()
    third = Client(third)
    third.expect(("EHLO client.test", "250"))
    third.begin_message("bob@example.test")
    service.process.send_signal(signal.SIGTERM)  # a message under way goes on, and who is idle hears of it
    wait_until(lambda: not service.listens(), 20, "the port to be free")
    assert second.reply().startswith("421 4.3.2") and second.reply() == ""
    third.expect(("Subject: x\r\n\r\nthe last\r\n.", "250 2.0.0"))
    assert third.reply().startswith("421 4.3.2") and third.reply() == ""
    third.close()
    second.close()
    assert service.process.wait() == 0
    wait_until(lambda: not processes_named("waypost-smtpd"), 20, "all to end")
    sink.wait_for(3)


def test_a_service_is_given_its_socket(box):
    """By systemd at descriptor 3, by inetd with `wait` as standard input, output and error."""
    waypost = Waypost(box)
    for how in ("systemd", "inetd"):
        service = Listening(waypost, how=how, environment={"TCPREMOTEIP": "192.0.2.9"})
        client = service.client()
        client.expect(("EHLO client.test", "250"), ("MAIL FROM:<alice@home.test>", "250"), ("RCPT TO:<bob@example.test>", "550 5.7.1"),
                      ("RCPT TO:<postmaster>", "250"), ("DATA", "354"), (f"Subject: x\r\n\r\n{how}\r\n.", "250 2.0.0"))

        def of_service(process=service.process.pid):
            return [pid for pid in processes_named("waypost-smtpd") if parent_of(pid) == process]

        # The one that served whoever looked whether it listens may not have ended yet.
        children = wait_until(lambda: len(found := of_service()) == 2 and found, 10, "the gate and one that talks")
        (gate,) = [pid for pid in children if os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"]
        (talker,) = set(children) - {gate}
        # The connection twice, the log, the way to the gate, and the pipe that ends with the service.
        assert len(open_files(talker)) == 5, open_files(talker)
        os.kill(gate, signal.SIGKILL)  # then all ends; who is served may still hear of it
        assert client.reply()[:3] in ("", "421") and service.process.wait() == 111
        wait_until(lambda: not processes_named("waypost-smtpd"), 20, "all to end")
    rows = waypost.list()
    assert len(rows) == 2
    for row in rows:
        assert "Received: from client.test ([127.0.0.1])" in waypost.command("show", row["id"])
