"""The peers themselves: when one of these fails, look here first, not at waypost."""

import smtplib
import ssl

import certificates
from network import SENDER_IPV4, Network
from peers import NameServer, Postfix, SmtpSink
from sink import HANG_UP, Sink
from testing import PATIENCE

MESSAGE = b"Subject: hello\r\n\r\n.leading dot\r\n8 bit: \xe9\r\n.\r\nlast line\r\n"


def send(address, port=25, message=MESSAGE, recipients=("bob@example.test",), tls=False):
    with smtplib.SMTP(address, port, timeout=10 * PATIENCE) as client:
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            client.starttls(context=context)
        return client.sendmail("alice@home.test", list(recipients), message)


def test_unbound_answers_from_the_zone_of_the_test(box):
    dns = NameServer(box, Network(), """
example.test. IN MX 10 mx1.example.test.
mx1.example.test. IN A 10.77.0.11
mx1.example.test. IN AAAA fd77::11
""")
    code, answer = dns.query("example.test", "MX")
    assert code == "NOERROR" and answer.endswith("10 mx1.example.test.")
    assert dns.query("mx1.example.test", "AAAA")[1].endswith("fd77::11")
    assert dns.query("nothing.test", "MX") == ["NXDOMAIN"]
    assert dns.query("mx1.example.test", "MX") == ["NOERROR"]
    assert dns.query("www.broken.test", "A") == ["SERVFAIL"]


def test_postfix_keeps_what_it_accepted(box):
    postfix = Postfix(box, Network().host("mx1", 11))
    send(postfix.host.ipv4)
    send(postfix.host.ipv6)
    first, _ = postfix.wait_for(2)
    assert first.startswith(b"Return-Path: <alice@home.test>\n")
    assert first.endswith(MESSAGE.replace(b"\r\n", b"\n"))
    postfix.wait_for_log(f"client=unknown[{SENDER_IPV4}]")


def test_postfix_speaks_tls(box):
    host = Network().host("mx1", 11)
    key, certificate = certificates.Authority(box.path("ca")).issue("mx1.test")
    postfix = Postfix(box, host, """
smtpd_tls_security_level = encrypt
smtpd_tls_loglevel = 1
smtpd_tls_chain_files = /etc/postfix/chain.pem
""", {"chain.pem": key.read_text() + certificate.read_text()})
    send(host.ipv4, tls=True)
    assert postfix.wait_for(1)
    postfix.wait_for_log("TLS connection established from")


def test_postfix_refuses_one_recipient_of_three(box):
    postfix = Postfix(box, Network().host("mx1", 11), """
smtpd_recipient_restrictions = check_recipient_access inline:{ { bad@example.test = 550 5.1.1 nobody here } }, permit
""")
    refused = send(postfix.host.ipv4, recipients=("a@example.test", "bad@example.test", "c@example.test"))
    assert list(refused) == ["bad@example.test"] and refused["bad@example.test"][0] == 550
    assert len(postfix.wait_for(2)) == 2


def test_postfix_starts_again_with_its_mail(box):
    postfix = Postfix(box, Network().host("mx1", 11))
    send(postfix.host.ipv4)
    postfix.wait_for(1)
    postfix.stop()
    try:
        send(postfix.host.ipv4)
        raise AssertionError("a stopped Postfix took mail")
    except ConnectionRefusedError:
        pass
    postfix.start()
    send(postfix.host.ipv4)
    assert len(postfix.wait_for(2)) == 2


def test_an_unplugged_host_is_silent(box):
    host = Network().host("mx1", 11)
    sink = Sink(host.listen(25))
    host.unplug()
    try:
        smtplib.SMTP(host.ipv4, 25, timeout=1)
        raise AssertionError("an unplugged host answered")
    except OSError:
        pass
    host.plug_in()
    send(host.ipv4)
    sink.wait_for(1)


def test_smtp_sink_dumps_each_transaction(box):
    host = Network().host("mx1", 11)
    sink = SmtpSink(box, host)
    send(host.ipv4)
    send(host.ipv4)
    dumps = sink.wait_for(2)
    assert all(b"Subject: hello" in dump and b"bob@example.test" in dump for dump in dumps)


def test_our_sink_keeps_every_byte(box):
    sink = Sink(Network().host("mx1", 11).listen(25))
    send("10.77.0.11")
    (message,) = sink.wait_for(1)
    assert message.data == MESSAGE
    assert message.wire == MESSAGE.replace(b"\r\n.", b"\r\n..")
    assert message.recipients == ["rcpt TO:<bob@example.test>"]
    assert sink.sessions[0].peer == SENDER_IPV4


def test_our_sink_answers_as_told(box):
    def answer(session, verb, line):
        if verb == "RCPT" and session.number == 1:
            return "450 4.7.1 Greylisted"
        return HANG_UP if verb == "BODY" and session.number == 2 else None

    sink = Sink(Network().host("mx1", 11).listen(25), answer)
    for expected in (smtplib.SMTPRecipientsRefused, smtplib.SMTPServerDisconnected):
        try:
            send("10.77.0.11")
            raise AssertionError(f"expected {expected}")
        except expected:
            pass
    send("10.77.0.11")
    assert len(sink.wait_for(1)) == 1 and len(sink.sessions) == 3


def test_our_sink_speaks_tls(box):
    key, certificate = certificates.Authority(box.path("ca")).issue("mx1.test")
    sink = Sink(Network().host("mx1", 11).listen(25), tls=certificates.server_context(key, certificate))
    send("10.77.0.11", tls=True)
    assert sink.wait_for(1)[0].tls
