"""Channel binding (-PLUS) against an implementation that is not ours: GNU SASL behind OpenSSL's own key exporter."""

from pathlib import Path

import certificates
from sandbox import wait_until
from scenery import Scenery
from logins import PASSWORD, add_credential, route
from testing import Skip
from waypost import Waypost, new_message

SERVER = Path(__file__).resolve().parent.parent.parent / "build/gsasl/server"
PLAIN_FORMS = "SCRAM-SHA-256 SCRAM-SHA-1"
# (what the server offers, the channel that GNU SASL is told of): the answer.
CASES = {
    (f"SCRAM-SHA-256-PLUS {PLAIN_FORMS}", "right"): "login SCRAM-SHA-256-PLUS",
    (f"SCRAM-SHA-1-PLUS {PLAIN_FORMS}", "right"): "login SCRAM-SHA-256",  # the stronger digest goes before
    ("SCRAM-SHA-1-PLUS SCRAM-SHA-1", "right"): "login SCRAM-SHA-1-PLUS",
    ("SCRAM-SHA-256-PLUS", "wrong"): "refused SCRAM-SHA-256-PLUS",
    ("SCRAM-SHA-1-PLUS", "wrong"): "refused SCRAM-SHA-1-PLUS",
}


def test_gnu_sasl_takes_a_login_that_is_bound_to_this_very_connection(box):
    if not SERVER.exists():
        raise Skip(f"{SERVER} was not built: libgsasl-dev is missing")
    authority = certificates.Authority(box.path("ca"))
    host = Scenery(box).host("relay")
    key, certificate = authority.issue("relay.test")
    tables = ""
    for number, (offered, channel) in enumerate(CASES):
        box.start(host.command([SERVER, str(4650 + number), certificate, key, PASSWORD, offered, channel]), f"gsasl-{number}.log")
        tables += (f'[transport.t{number}]\ntype = "submissions"\nhost = "relay.test"\nport = {4650 + number}\n'
                   f'ca = "{authority.certificate}"\nuser = "user"\ncredential = "secret"\n' +
                   route(f"t{number}", f'to = ["d{number}.test"]'))

    def said(number):
        return (box.folder / f"gsasl-{number}.log").read_text().splitlines()

    wait_until(lambda: all(said(number)[:1] == ["ready"] for number in range(len(CASES))), 15, "the servers")
    waypost = Waypost(box, tables=tables, settings='retry = ["1h"]\n')
    add_credential(waypost, PASSWORD)
    waypost.start()
    waypost.send(new_message()[1], *(f"bob@d{number}.test" for number in range(len(CASES))))
    row = waypost.wait_for_attempts(1)
    for number, ((offered, channel), answer) in enumerate(CASES.items()):
        assert said(number)[1:2] == [answer], f"{offered}, {channel}: {said(number)}"
        recipient = row["recipients"][number]
        if channel == "right":
            assert said(number)[2:] == ["message"] and recipient["state"] == "delivered", (offered, recipient)
        else:
            assert recipient["state"] == "pending" and recipient["class"] == "auth", (offered, recipient)
