"""Postfix, Exim and OpenSMTPD as the recipient's servers: plain and TLS, greylisting, size limits, without PIPELINING,
without 8BITMIME, without EHLO; and the torture messages, byte by byte, as far as the server stores what it got."""

import threading

import certificates
from bodies import ROWS
from peers import Postfix
from receivers import EXIM_GREYLISTING, Exim, OpenSmtpd
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import Waypost, new_message

TLS_REQUIRED = '[transport.direct]\ntls = "required"\n'


def envelope(sender, *recipients):
    return b"F" + sender.encode() + b"\0" + b"".join(b"T" + r.encode() + b"\0" for r in recipients) + b"\0"


def certificate_for(box, name):
    key, certificate = certificates.Authority(box.path("ca")).issue(name)
    return key.read_text(), certificate.read_text()


def send_one(box, receiver, tables="", sent=None, **settings):
    """One message, delivered at once: (waypost, the message as stored)."""
    waypost = Waypost(box, tables=tables, **settings).start()
    message = sent or new_message(body="first\n.second\n..\nlast")[1]
    waypost.send(message, "bob@example.test")
    (stored,) = receiver.wait_for(1)
    assert stored.rstrip(b"\n").endswith(message.rstrip(b"\n")), stored
    waypost.wait_for_empty_queue()
    assert len(receiver.messages()) == 1
    return waypost, stored


def expect_all(receiver, waypost, rows):
    for name, handed_in, _ in rows:
        done = waypost.queue(handed_in, envelope("alice@home.test", "bob@example.test"))
        assert done.returncode == 0, f"{name}: exit {done.returncode}: {done.stderr}"
    stored = receiver.wait_for(len(rows), 40)
    missing = [name for name, _, wire in rows
               if not any(message.endswith(b"\n" + wire.replace(b"\r\n", b"\n")) for message in stored)]
    assert not missing, f"not among what arrived: {missing}"
    assert len(stored) == len(rows)
    waypost.wait_for_empty_queue()


def too_large(box, scenery, receiver):
    """A message over the server's limit comes back with 5.3.4, and the server saw no MAIL of it."""
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message(body="0123456789\n" * 2_000)[1], "bob@example.test")
    notice = home.wait_for(1)[0]
    assert b"Status: 5.3.4" in notice.data, notice.data.decode()
    assert not receiver.messages()
    waypost.wait_for_empty_queue()


def greylists(box, receiver):
    waypost = Waypost(box, settings='retry = ["1h"]\n').start()
    waypost.send(new_message()[1], "bob@example.test")
    row = waypost.wait_for_attempts(1)
    recipient = row["recipients"][0]
    assert recipient["class"] == "greylisted" and "reylisted" in recipient["reply"], recipient
    waypost.command("kick", row["id"])
    assert len(receiver.wait_for(1)) == 1
    waypost.wait_for_empty_queue()


# ---- Postfix

class GreylistingPolicy:
    """A policy server as postgrey is: who is new is put off."""

    def __init__(self, listener):
        self._listener, self._seen = listener, set()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        request = {}
        for line in connection.makefile("r", encoding="utf-8"):
            name, _, value = line.rstrip("\n").partition("=")
            if name:
                request[name] = value
                continue
            triplet = (request.get("client_address"), request.get("sender"), request.get("recipient"))
            action = "dunno" if triplet in self._seen else "defer_if_permit Greylisted, see http://postgrey.example/"
            self._seen.add(triplet)
            connection.sendall(f"action={action}\n\n".encode())


def test_postfix_over_tls(box):
    host = Scenery(box).host("mx1")
    key, certificate = certificate_for(box, "mx1.example.test")
    postfix = Postfix(box, host, "smtpd_tls_security_level = encrypt\nsmtpd_tls_loglevel = 1\n"
                                 "smtpd_tls_chain_files = /etc/postfix/chain.pem\n", {"chain.pem": key + certificate})
    send_one(box, postfix, TLS_REQUIRED)
    postfix.wait_for_log("TLS connection established from")


def test_postfix_with_a_greylisting_policy_server(box):
    host = Scenery(box).host("mx1")
    GreylistingPolicy(host.listen(10023))
    greylists(box, Postfix(box, host, "smtpd_recipient_restrictions =\n"
                                      f"    reject_unauth_destination, check_policy_service inet:{host.ipv4}:10023\n"))


def test_postfix_with_a_size_limit(box):
    scenery = Scenery(box)
    postfix = Postfix(box, scenery.host("mx1"), "message_size_limit = 10000\n")
    too_large(box, scenery, postfix)


def test_postfix_without_pipelining_and_8bitmime(box):
    postfix = Postfix(box, Scenery(box).host("mx1"), "smtpd_discard_ehlo_keywords = pipelining, 8bitmime, chunking\n")
    waypost = Waypost(box).start()
    expect_all(postfix, waypost, [row for row in ROWS if row[0] in ("dots", "8-bit bytes and NUL", "mixed line ends")])


def test_postfix_that_offers_nothing(box):
    postfix = Postfix(box, Scenery(box).host("mx1"), "smtpd_discard_ehlo_keywords = silent-discard, size, pipelining, "
                                                     "8bitmime, dsn, enhancedstatuscodes, etrn, vrfy, smtputf8, chunking\n")
    send_one(box, postfix)


# ---- Exim

def test_exim_takes_mail(box):
    exim = Exim(box, Scenery(box).host("mx1"))
    _, stored = send_one(box, exim)
    assert b"Return-path: <alice@home.test>\n" in stored


def test_exim_over_tls(box):
    host = Scenery(box).host("mx1")
    key, certificate = certificate_for(box, "mx1.example.test")
    exim = Exim(box, host, "tls_advertise_hosts = *\ntls_certificate = /etc/exim4/crt\ntls_privatekey = /etc/exim4/key\n",
                files={"crt": certificate, "key": key})
    send_one(box, exim, TLS_REQUIRED)
    assert " X=TLS1.3" in exim.log()


def test_exim_that_greylists(box):
    greylists(box, Exim(box, Scenery(box).host("mx1"), rcpt=EXIM_GREYLISTING))


def test_exim_with_a_size_limit(box):
    scenery = Scenery(box)
    too_large(box, scenery, Exim(box, scenery.host("mx1"), "message_size_limit = 10000\n"))


def test_exim_without_pipelining_and_8bitmime(box):
    exim = Exim(box, Scenery(box).host("mx1"), "pipelining_advertise_hosts =\naccept_8bitmime = false\n"
                                               "chunking_advertise_hosts =\n")
    _, stored = send_one(box, exim, sent=new_message(body="caf\u00e9\n")[1])
    assert "caf\u00e9".encode() in stored


def test_exim_without_ehlo(box):
    send_one(box, Exim(box, Scenery(box).host("mx1"), "helo_accept_junk_hosts = *\nacl_smtp_helo = no_ehlo\n",
                       rcpt="  accept\nno_ehlo:\n  deny message = 502 5.5.1 no EHLO here\n"
                            "       condition = ${if match{$smtp_command}{\\N(?i)^ehlo\\N}}"))


@time_limit(120)
def test_torture_bodies_pass_exim(box):
    exim = Exim(box, Scenery(box).host("mx1"), "message_size_limit = 0\n")
    waypost = Waypost(box).start()
    # Exim gives a header where none is, and an empty line to "no body".
    expect_all(exim, waypost, [row for row in ROWS if row[0] not in ("no header", "no body")])


# ---- OpenSMTPD, which offers 8BITMIME and never PIPELINING

def test_opensmtpd_takes_mail(box):
    opensmtpd = OpenSmtpd(box, Scenery(box).host("mx1"))
    send_one(box, opensmtpd)


def test_opensmtpd_whose_tls_fails_gets_mail_in_clear_text(box):
    # Debian 12's OpenSMTPD offers STARTTLS and fails every handshake, for its OpenSSL is newer than it knows:
    # https://github.com/OpenSMTPD/OpenSMTPD/issues/1239
    host = Scenery(box).host("mx1")
    key, certificate = certificate_for(box, "mx1.example.test")
    opensmtpd = OpenSmtpd(box, host, 'pki mx1 cert "/etc/crt"\npki mx1 key "/etc/key"\n', "tls pki mx1",
                          files={"crt": certificate, "key": key})
    send_one(box, opensmtpd, settings='retry = ["1h"]\n')
    assert "SSL routines" in opensmtpd.log(), "it was asked for TLS first"


def test_opensmtpd_with_a_size_limit(box):
    scenery = Scenery(box)
    too_large(box, scenery, OpenSmtpd(box, scenery.host("mx1"), 'smtp max-message-size "10K"\n'))


def test_opensmtpd_refuses_one_recipient_of_three(box):
    opensmtpd = OpenSmtpd(box, Scenery(box).host("mx1"), rules='match from any for rcpt-to "bad@example.test" reject')
    waypost = Waypost(box, settings='retry = ["1h"]\n').start()
    waypost.send(new_message()[1], "a@example.test", "bad@example.test", "c@example.test")
    assert len(opensmtpd.wait_for(2)) == 2
    assert "recipient=bad@example.test" not in opensmtpd.log()


@time_limit(120)
def test_torture_bodies_pass_opensmtpd(box):
    opensmtpd = OpenSmtpd(box, Scenery(box).host("mx1"))
    waypost = Waypost(box).start()
    # It knows no NUL, no line over 64 KiB, and no message without a header.
    left_out = ("no header", "no body", "8-bit bytes and NUL", "a long line")
    expect_all(opensmtpd, waypost, [row for row in ROWS if row[0] not in left_out])
