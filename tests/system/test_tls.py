"""TLS as it is run: sessions resumed, the authorities' file read once, certificates of our own, direct and verified."""

import ctypes
import os
import struct
import subprocess
from pathlib import Path

import certificates
from peers import Postfix
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import Skip
from waypost import Waypost, new_message

IN_OPEN = 0x20


class Opens:
    """Counts how often a file is opened, by anybody."""

    def __init__(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._fd, os.fsencode(path), IN_OPEN) > 0
        self._count = 0

    def count(self):
        while True:
            try:
                events = os.read(self._fd, 65536)
            except BlockingIOError:
                return self._count
            while events:
                _, _, _, length = struct.unpack("iIII", events[:16])
                events = events[16 + length:]
                self._count += 1


def everywhere(authority, *lines):
    return "\n".join(["[transport.direct]", 'tls = "verified"', f'ca = "{authority.certificate}"', *lines]) + "\n"


def test_later_connections_resume_the_first_ones_session(box):
    authority = certificates.Authority(box.path("ca"))
    context = certificates.server_context(*authority.issue("mx1.example.test"))
    sink = Sink(Scenery(box).host("mx1").listen(25), tls=context)
    waypost = Waypost(box, tables=everywhere(authority, "connections = 1", "messages_per_connection = 1")).start()
    for number in range(1, 6):
        waypost.send(new_message()[1], "bob@example.test")
        sink.wait_for(number)
    waypost.wait_for_empty_queue()
    stats = context.session_stats()
    print(f"note: {len(sink.sessions)} connections, {stats['hits']} sessions resumed")
    assert len(sink.sessions) == 5 and stats["hits"] == 4, stats


def count_opens(box, authority, tables):
    """Delivers over 30 connections of 3 senders; how often the file of authorities was opened meanwhile."""
    scenery = Scenery(box)
    sinks = [Sink(scenery.host(host).listen(25), tls=certificates.server_context(*authority.issue(name)))
             for host, name in (("mx1", "mx1.example.test"), ("mx2", "mx2.two.test"), ("home", "mail.home.test"))]
    opens = Opens(authority.certificate)
    waypost = Waypost(box, tables=tables).start()
    before = opens.count()
    for _ in range(10):
        waypost.send(new_message()[1], "a@example.test", "b@two.test", "c@home.test")
    for sink in sinks:
        sink.wait_for(10)
    waypost.wait_for_empty_queue()
    connections = sum(len(sink.sessions) for sink in sinks)
    assert connections == 30
    print(f"note: authorities opened {opens.count() - before} times for {connections} connections of 3 senders")
    return opens.count() - before


def test_authorities_are_read_once_for_all_senders(box):
    authority = certificates.Authority(box.path("ca"))
    assert count_opens(box, authority, everywhere(authority, "messages_per_connection = 1")) == 1


def test_system_s_authorities_are_trusted_and_read_once_for_all_senders(box):
    authority = certificates.Authority(box.path("ca"))
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if not bundle.exists():
        raise Skip(f"no {bundle}")
    subprocess.run(["mount", "--bind", authority.certificate, bundle], check=True)
    tables = '[transport.direct]\ntls = "verified"\nmessages_per_connection = 1\n'
    assert count_opens(box, authority, tables) == 1


def test_direct_and_verified_wants_the_mx_hosts_name_or_the_recipients_domain(box):
    authority = certificates.Authority(box.path("ca"))
    scenery = Scenery(box)
    by_host = Sink(scenery.host("mx1").listen(25), tls=certificates.server_context(*authority.issue("mx1.example.test")))
    by_domain = Sink(scenery.host("mx2").listen(25), tls=certificates.server_context(*authority.issue("two.test")))
    neither = Sink(scenery.host("home").listen(25), tls=certificates.server_context(*authority.issue("else.test")))
    waypost = Waypost(box, tables=everywhere(authority)).start()
    waypost.send(new_message()[1], "a@example.test", "b@two.test", "c@home.test")
    assert by_host.wait_for(1)[0].tls and by_domain.wait_for(1)[0].tls
    waypost.wait_for_attempts(1)

    def pending():  # a mark may come a moment after the history
        return [one for row in waypost.list() for one in row["recipients"] if one["state"] == "pending"]

    wait_until(lambda: len(pending()) == 1, 10, "two recipients to be marked as delivered")
    (waiting,) = pending()
    assert waiting["address"] == "c@home.test" and waiting["class"] == "tls"
    assert "hostname mismatch" in waiting["reply"], waiting
    assert not neither.messages


def test_postfix_knows_us_by_our_certificate(box):
    authority = certificates.Authority(box.path("ca"))
    host = Scenery(box).host("mx1")
    key, certificate = authority.issue("mx1.example.test")
    postfix = Postfix(box, host, "smtpd_tls_security_level = encrypt\nsmtpd_tls_received_header = yes\n"
                      "smtpd_tls_ask_ccert = yes\nsmtpd_tls_CAfile = /etc/postfix/ca.pem\n"
                      "smtpd_tls_chain_files = /etc/postfix/chain.pem\n",
                      {"chain.pem": key.read_text() + certificate.read_text(), "ca.pem": authority.certificate.read_text()})
    our_key, our_certificate = authority.issue("out.home.test")
    waypost = Waypost(box, tables='[transport.direct]\ntls = "required"\n'
                      f'client_cert = "{our_certificate}"\nclient_key = "{our_key}"\n')
    os.chown(our_key, waypost.uid, waypost.uid)
    waypost.start()
    waypost.send(new_message()[1], "bob@example.test")
    (stored,) = postfix.wait_for(1)
    assert b'Client CN "out.home.test", Issuer "authority of one test" (verified OK)' in stored.replace(b"\n\t", b" "), stored
