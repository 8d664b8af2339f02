"""Delivery status notifications, taken apart as a mail program does, and the servers that are the reason for them."""

import email
import email.policy
from dataclasses import dataclass

from scenery import Scenery
from sink import Sink, refuse
from waypost import Waypost


@dataclass
class Notice:
    header: email.message.EmailMessage
    text: str          # what a person reads
    message: object    # the fields about the message
    recipients: list   # the fields about each recipient
    original: object   # the part that gives the message back

    @property
    def words(self):
        """The text as if it were one line."""
        return " ".join(self.text.split())

    @property
    def addresses(self):
        return [group["Final-Recipient"].partition(";")[2].strip() for group in self.recipients]

    @property
    def actions(self):
        return {group["Action"] for group in self.recipients}


def read_notice(data):
    header = email.message_from_bytes(data, policy=email.policy.default)
    assert header.get_content_type() == "multipart/report" and header.get_param("report-type") == "delivery-status"
    assert header["Auto-Submitted"] == "auto-replied"
    text, status, original = header.get_payload()
    assert status.get_content_type() == "message/delivery-status"
    groups = status.get_payload()
    return Notice(header, text.get_content(), groups[0], groups[1:], original)


class Stage:
    """example.test refuses, two.test defers, home.test takes notices; all without DSN."""

    def __init__(self, box, refusal="550 5.1.1 no such user", **waypost):
        self.scenery = Scenery(box)
        self.mx1 = Sink(self.scenery.host("mx1").listen(25), refuse("RCPT", refusal))
        self.mx2 = Sink(self.scenery.host("mx2").listen(25), refuse("RCPT", "451 4.3.0 busy, come later"))
        self.home = Sink(self.scenery.host("home").listen(25))
        self.waypost = Waypost(box, **waypost).start()

    def send(self, message, *recipients, options=(), sender="alice@home.test"):
        done = self.waypost.sendmail(message, "-i", "-f", sender, *options, "--", *recipients)
        assert done.returncode == 0, done.stderr.decode()

    def notices(self, count=1, seconds=20):
        return [read_notice(message.data) for message in self.home.wait_for(count, seconds)]

    def notice(self):
        (notice,) = self.notices()
        return notice
