"""waypost-probe against every peer of the test network: what it finds at each is what that peer is set up to be."""

import os

import certificates
from peers import Postfix, SmtpSink
from proxies import Dante, Microsocks
from receivers import Exim, OpenSmtpd
from scenery import Scenery
from logins import PASSWORD, PostfixWithCyrus, PostfixWithDovecot, add_credential, submission
from test_probe import found, probe
from waypost import Waypost

def capabilities(told):
    return told["tries"][-1]["offered"]


def test_postfix_exim_and_opensmtpd_in_clear_text(box):
    scenery = Scenery(box)
    Postfix(box, scenery.host("mx1"))
    waypost = Waypost(box)
    told, findings = probe(waypost, "example.test")
    found(findings, "greeting", "ok", "ESMTP Postfix")
    found(findings, "tls", "note", "STARTTLS is not offered")
    offered = capabilities(told)
    assert all(offered[name] for name in ("pipelining", "size", "8bitmime", "smtputf8", "dsn")), offered
    Exim(box, scenery.host("mx2"))
    told, findings = probe(waypost, "two.test")
    found(findings, "greeting", "ok", "Exim")
    assert capabilities(told)["pipelining"] and not capabilities(told)["dsn"]
    OpenSmtpd(box, scenery.host("home"))
    told, findings = probe(waypost, "home.test")
    found(findings, "greeting", "ok", "OpenSMTPD")
    assert capabilities(told)["8bitmime"]


def test_smtp_sink_that_refuses_at_each_step(box):
    scenery = Scenery(box)
    SmtpSink(box, scenery.host("mx1"), "-q", "connect")
    SmtpSink(box, scenery.host("mx2"), "-r", "ehlo,helo")
    waypost = Waypost(box)
    _, findings = probe(waypost, "example.test", status=111)
    found(findings, "greeting", "trouble", "")
    _, findings = probe(waypost, "two.test", status=111)
    found(findings, "ehlo", "trouble", "450 4.3.0 Error: command failed")


def test_postfix_with_tls_and_a_transport_that_verifies_it(box):
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    key, certificate = authority.issue("mx1.example.test")
    settings = "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = /etc/postfix/chain.pem\n"
    Postfix(box, Scenery(box).host("mx1"), settings, {"chain.pem": key.read_text() + certificate.read_text()})
    waypost = Waypost(box)
    _, findings = probe(waypost, "example.test")
    found(findings, "tls", "note", "TLSv1.3")
    waypost.write_config(tables=f'[transport.direct]\ntls = "verified"\nca = "{authority.certificate}"\n')
    assert waypost.config("compile").returncode == 0
    _, findings = probe(waypost, "example.test")
    found(findings, "tls", "ok", " verified")
    waypost.write_config(tables='[transport.direct]\ntls = "verified"\n')
    assert waypost.config("compile").returncode == 0
    told, findings = probe(waypost, "example.test", status=111)
    found(findings, "tls", "trouble", "certificate")
    assert told["tries"][0]["class"] == "tls"


def logs_in(box, server):
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    server(box, Scenery(box).host("relay"), authority)
    waypost = Waypost(box, tables=submission("ses", authority))
    add_credential(waypost, PASSWORD)
    _, findings = probe(waypost, "--transport", "ses", "--auth")
    found(findings, "tls", "ok", " verified")
    found(findings, "auth", "ok", "logged in by SCRAM-SHA-256")
    add_credential(waypost, "not " + PASSWORD)
    told, findings = probe(waypost, "--transport", "ses", "--auth", status=100)
    found(findings, "auth", "trouble", "535 5.7.8")
    assert told["tries"][0]["class"] == "auth"


def test_postfix_with_dovecot_and_a_login(box):
    logs_in(box, PostfixWithDovecot)


def test_postfix_with_cyrus_and_a_login(box):
    logs_in(box, PostfixWithCyrus)


def by_proxy(box, proxy):
    scenery = Scenery(box)
    Postfix(box, scenery.host("mx1"))
    scenery.host("mx2")  # where nobody listens
    made = proxy(box, scenery.network.host("proxy", 40), login=("me", "pencil"))
    tables = f'[transport.otherip]\ntype = "socks"\nproxy = "{made.address}"\nuser = "me"\ncredential = "proxy"\n'
    waypost = Waypost(box, tables=tables)
    add_credential(waypost, "pencil", "proxy")
    _, findings = probe(waypost, "--transport", "otherip", "example.test", status=111)
    found(findings, "proxy", "trouble", "refused")
    made.start()
    _, findings = probe(waypost, "--transport", "otherip", "example.test")
    found(findings, "connect", "ok", f"by the proxy {made.address}")
    found(findings, "greeting", "ok", "ESMTP Postfix")
    _, findings = probe(waypost, "--transport", "otherip", "two.test", status=111)
    found(findings, "connect", "trouble", "")
    add_credential(waypost, "wrong", "proxy")
    _, findings = probe(waypost, "--transport", "otherip", "example.test", status=100)
    found(findings, "proxy", "trouble", "refused user and password")


def test_by_microsocks(box):
    by_proxy(box, Microsocks)


def test_by_dante(box):
    by_proxy(box, Dante)
