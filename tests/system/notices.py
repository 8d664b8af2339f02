"""Delivery status notifications, taken apart as a mail program does."""

import email
import email.policy
from dataclasses import dataclass


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
