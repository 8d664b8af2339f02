"""waypost-submit at real servers, each mechanism; and beside msmtp at the same servers, point by point."""

import base64
import hmac
import json
import os
import re
import subprocess
import time
from pathlib import Path

import certificates
from peers import debian_root
from receivers import Exim
from sandbox import ORDINARY_UID, wait_until
from scenery import Scenery
from sink import Sink, refuse
from submitter import Submitter, submission
from test_binding import CASES as BINDINGS
from test_binding import SERVER as GNU_SASL
from logins import DOVECOT_CONF, MECHANISMS, PASSWORD, PostfixWithCyrus, PostfixWithDovecot
from testing import PATIENCE, Skip, time_limit

LETTER = (b"From: Me <me@home.test>\nTo: bob@example.test\nCc: carol@two.test\nBcc: dave@two.test\nSubject: hello\n"
          b"Date: Sat, 21 Nov 2026 12:00:00 +0000\nMessage-ID: <one@home.test>\n\n.dot\nhello\n")
TO = ("bob@example.test", "carol@two.test", "dave@two.test")


def takes_every_mechanism(box, server):
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    postfix = server(box, Scenery(box).host("relay"), authority)
    user = Submitter(box)
    user.password.write_text(PASSWORD + "\n")
    for name in (*MECHANISMS, None):
        user.configure(submission(authority, f'mechanisms = ["{name}"]' if name else "", port=25))
        done = user.run(LETTER, "-ti", "-f", "me@home.test", "--debug")
        assert done.returncode == 0 and not user.saved() and PASSWORD not in done.stderr, (name, done)
    postfix.wait_for(3 * len(MECHANISMS) + 3)
    wait_until(lambda: len(postfix.logins()) > len(MECHANISMS), 20, "every login in the log")
    assert sorted(postfix.logins()) == sorted((name, "user") for name in (*MECHANISMS, "SCRAM-SHA-256"))
    assert not any(b"\nBcc:" in message for message in postfix.messages())
    user.password.write_text("not " + PASSWORD + "\n")
    for name in MECHANISMS:
        user.configure(submission(authority, f'mechanisms = ["{name}"]', port=25))
        done = user.run(LETTER, "-ti", "-f", "me@home.test")
        assert done.returncode == 77 and "535 5.7.8" in done.stderr, (name, done)
    assert len(user.saved()) == len(MECHANISMS)
    user.password.write_text(PASSWORD + "\n")
    user.configure(submission(authority, port=25))
    done = user.run(b"", "-q")
    assert done.returncode == 0 and not user.saved(), done


def test_postfix_with_dovecot_takes_every_mechanism_from_it(box):
    takes_every_mechanism(box, PostfixWithDovecot)


def test_postfix_with_cyrus_takes_every_mechanism_from_it(box):
    takes_every_mechanism(box, PostfixWithCyrus)


DOVECOT_TOKENS = """passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = /etc/dovecot/tokens.conf
}
"""
# Dovecot checks the token's signature itself; its key is below azp/algorithm/kid, base64.
TOKENS_CONF = """introspection_mode = local
local_validation_key_dict = fs:posix:prefix=/etc/dovecot/keys/
username_attribute = sub
"""
TOKEN_KEY = b"a key of the test's, of thirty-two bytes and more"


class PostfixWithTokens(PostfixWithDovecot):
    def start(self):
        keys = self._machine.root / "etc/dovecot/keys/default/HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(TOKEN_KEY))
        self._machine.write("etc/dovecot/tokens.conf", TOKENS_CONF)
        super().start()

    @staticmethod
    def configuration():
        return DOVECOT_CONF.replace("scram-sha-256\n", "scram-sha-256 xoauth2 oauthbearer\n") + DOVECOT_TOKENS


def token(key=TOKEN_KEY, lasts=3600):
    """A JSON web token of the user's (RFC 7519)."""
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    now = int(time.time())
    head = {"alg": "HS256", "typ": "JWT"}
    body = {"sub": "user", "iat": now - 60, "exp": now + lasts}
    text = b".".join(part(json.dumps(one).encode()) for one in (head, body))
    return (text + b"." + part(hmac.new(key, text, "sha256").digest())).decode()


@time_limit(120)
def test_postfix_with_dovecot_takes_tokens(box):
    """XOAUTH2 and OAUTHBEARER; one that another key signed and one that is over are refused, and the message is saved."""
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    postfix = PostfixWithTokens(box, Scenery(box).host("relay"), authority)
    user = Submitter(box)
    for name in ("XOAUTH2", "OAUTHBEARER"):
        user.configure(submission(authority, f'mechanisms = ["{name}"]', port=25))
        good = token()
        user.password.write_text(good + "\n")
        done = user.run(LETTER, "-ti", "-f", "me@home.test", "--debug")
        assert done.returncode == 0 and not user.saved() and good not in done.stderr, (name, done)
        for bad in (token(b"another key, of thirty-two bytes and more"), token(lasts=-30)):
            user.password.write_text(bad + "\n")
            done = user.run(LETTER, "-ti", "-f", "me@home.test")
            assert done.returncode == 77 and "535 5.7.8" in done.stderr and len(user.saved()) == 1, (name, done)
            user.saved()[0].unlink()
    assert postfix.logins(2) == [("XOAUTH2", "user"), ("OAUTHBEARER", "user")]
    postfix.wait_for(6)


@time_limit(120)
def test_gnu_sasl_binds_the_login_to_this_very_connection(box):
    """SCRAM-...-PLUS, at an implementation that is not ours."""
    if not GNU_SASL.exists():
        raise Skip(f"{GNU_SASL} was not built: libgsasl-dev is missing")
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    host = Scenery(box).host("relay")
    key, certificate = authority.issue("relay.test")
    user = Submitter(box)
    for number, ((offered, channel), answer) in enumerate(BINDINGS.items()):
        log = box.folder / f"gsasl-{number}.log"
        box.start(host.command([GNU_SASL, str(4650 + number), certificate, key, PASSWORD, offered, channel]), log.name)
        wait_until(lambda: log.read_text().splitlines()[:1] == ["ready"], 15, "the server")
        user.password.write_text(PASSWORD + "\n")
        user.configure(submission(authority, 'type = "submissions"', port=4650 + number))
        done = user.run(LETTER, "-i", "-f", "me@home.test", "bob@example.test")
        if channel == "right":
            assert done.returncode == 0 and log.read_text().splitlines()[1:] == [answer, "message"], (offered, done, log.read_text())
        else:
            assert done.returncode == 77 and log.read_text().splitlines()[1:2] == [answer], (offered, done, log.read_text())
    assert len(user.saved()) == sum(channel == "wrong" for _, channel in BINDINGS)


EXIM_TLS = """tls_advertise_hosts = *
tls_certificate = /etc/exim4/chain.pem
tls_try_verify_hosts = *
tls_verify_certificates = /etc/exim4/ca.pem
"""
# Whose name the certificate has logs in, for that name alone.
EXIM_EXTERNAL = """begin authenticators
certificate:
  driver = external
  public_name = EXTERNAL
  server_advertise_condition = $tls_in_certificate_verified
  server_param2 = ${certextract{subject,CN}{$tls_in_peercert}}
  server_condition = ${if eq{$auth1}{$auth2}}
  server_set_id = $auth2
"""


@time_limit(120)
def test_exim_takes_a_client_certificate(box):
    """EXTERNAL: for whom it was issued, not for another, and not one of another authority."""
    authority, stranger = certificates.Authority(box.path("ca")), certificates.Authority(box.path("other"))
    os.chmod(authority.certificate, 0o644)
    host = Scenery(box).host("relay")
    key, certificate = authority.issue("relay.test")
    exim = Exim(box, host, EXIM_TLS, "  deny !authenticated = *", more=EXIM_EXTERNAL,
                files={"chain.pem": key.read_text() + certificate.read_text(), "ca.pem": authority.certificate.read_text()})
    user = Submitter(box)
    for issuer, name, acting_for, taken in ((authority, "user", "user", True), (authority, "mallory", "user", False), (stranger, "user", "user", False)):
        for part, file in zip(("key", "cert"), issuer.issue(name)):
            target = user.home / f"client.{part}"
            target.write_bytes(file.read_bytes())
            target.chmod(0o600)
            os.chown(target, ORDINARY_UID, ORDINARY_UID)
        user.configure(f'host = "relay.test"\nport = 25\nca = "{authority.certificate}"\nuser = "{acting_for}"\nmechanisms = ["EXTERNAL"]\n'
                       f'client_cert = "{user.home}/client.cert"\nclient_key = "{user.home}/client.key"\n')
        done = user.run(LETTER, "-i", "-f", "me@home.test", "bob@example.test")
        assert (done.returncode == 0) == taken and len(user.saved()) == (not taken), (name, done)
        for path in user.saved():
            path.unlink()
    assert len(exim.wait_for(1)) == 1 and "A=certificate:user" in exim.log(), exim.log()


class Msmtp:
    """msmtp of Debian, in a root of its own that is made for callers, with the same home and password."""

    def __init__(self, box, user, authority):
        self.root, self.user = Path(debian_root("callers")), user
        self.box = box
        self.file = user.home / "msmtprc"
        self.authority = authority

    def run(self, message, host, port, *options, recipients=TO):
        # It asks the names of this machine, which knows none of the test's.
        where = "10.77.0.30\ntls_host_override relay.test" if host == "relay.test" else host
        self.file.write_text(f"account default\nhost {where}\nport {port}\ntls on\ntls_trust_file {self.authority.certificate}\n"
                             f"auth on\nuser user\npasswordeval cat {self.user.password}\nfrom me@home.test\n" + "\n".join(options) + "\n")
        self.file.chmod(0o600)
        # Debian's program with Debian's libraries: it sees this machine's files and names.
        libraries = ":".join(str(self.root / part) for part in ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"))
        loader = self.root / "lib64/ld-linux-x86-64.so.2"
        done = subprocess.run([loader, "--library-path", libraries, self.root / "usr/bin/msmtp", "-C", self.file, "--", *recipients],
                              input=message, capture_output=True, env=self.box.environment(HOME=str(self.user.home)),
                              timeout=90 * PATIENCE, check=False, cwd=self.user.home)
        return done.returncode, done.stderr.decode()


def servers(box, authority):
    """A host for each way in which a server may answer: host name and port of each, and the good one's sink."""
    scenery = Scenery(box)
    tls = certificates.server_context(*authority.issue("relay.test"))
    offers = ("AUTH PLAIN", "8BITMIME", "SIZE 10000000")

    def play(*refusals):
        def answer(session, verb, line):
            for one in refusals:
                said = one(session, verb, line)
                if said:
                    return said
            return "235 2.7.0 Welcome" if verb == "AUTH" else None
        return answer

    def one(port, *refusals):
        return Sink(scenery.host("relay").listen(port), play(*refusals), offers, tls)

    def carol(_session, verb, line):
        return "550 5.1.1 No carol here" if verb == "RCPT" and "carol" in line else None

    return {"good": one(2001), "one refused": one(2002, carol), "wrong password": one(2003, refuse("AUTH", "535 5.7.8 Wrong")),
            "all refused": one(2004, refuse("RCPT", "550 5.1.1 Nobody")), "later": one(2005, refuse("MAIL", "451 4.3.0 Later")),
            "content": one(2006, refuse("BODY", "554 5.7.1 Spam"))}


# The exit status of each, and whether recipients got the message: msmtp sends to all or to none.
STATUS = {"good": (0, 0), "one refused": (67, 65), "wrong password": (77, 77), "all refused": (67, 65), "later": (75, 69),
          "content": (65, 69), "unreachable": (75, 75), "no such host": (68, 68), "untrusted": (76, 69)}
DELIVERED = {"good": (3, 3), "one refused": (2, 0)}


@time_limit(180)
def test_beside_msmtp_at_the_same_servers(box):
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    sinks = servers(box, authority)
    user = Submitter(box)
    msmtp = Msmtp(box, user, authority)
    places = {name: ("relay.test", sink.port) for name, sink in sinks.items()}
    places |= {"unreachable": ("relay.test", 2999), "no such host": ("nobody.test", 2001), "untrusted": ("relay.test", 2001)}
    differences = []
    for name, (host, port) in places.items():
        trusted = certificates.Authority(box.path("another")) if name == "untrusted" else authority
        os.chmod(trusted.certificate, 0o644)
        before = len(sinks[name].messages) if name in sinks else 0
        user.configure(submission(trusted, host=host, port=port))
        ours = user.run(LETTER, "-i", "-f", "me@home.test", "--", *TO)
        got = sinks[name].messages[before:] if name in sinks else []
        msmtp.authority = trusted
        status, errors = msmtp.run(LETTER, host, port)
        theirs = sinks[name].messages[before + len(got):] if name in sinks else []
        counts = tuple(sum(len(message.recipients) for message in all_) for all_ in (got, theirs))
        expected = STATUS[name], DELIVERED.get(name, (0, 0))
        if ((ours.returncode, status), counts) != expected:
            differences.append(f"{name}: {(ours.returncode, status)} {counts}, expected {expected}: {ours.stderr} / {errors}")
        if name == "good" and got and theirs:
            header = [re.sub(rb"(?m)^Bcc:.*\r\n", b"", message.data) for message in (*got, *theirs)]
            assert header[0] == header[1], header
        assert bool(user.saved()) == (name != "good"), name
        for path in user.saved():
            path.unlink()
    assert not differences, "\n".join(differences)
