"""The ledger: what waypost took responsibility for, against what arrived. Lost is a failure, always."""

import re
from collections import Counter

TOKEN = re.compile(rb"[0-9a-f]{32}")  # as waypost.new_message makes them


class Ledger:
    """One token a message; no other message holds it."""

    def __init__(self):
        self.accepted = set()
        self.unsure = set()  # The injector was killed: it may have been accepted or not.

    def balance(self, arrived):
        """arrived: the bytes of every message at every peer. The tokens lost, and those that came twice, sorted."""
        counts = Counter()
        for message in arrived:
            counts.update({found.decode() for found in TOKEN.findall(message)} & (self.accepted | self.unsure))
        lost = sorted(self.accepted - counts.keys())
        doubled = sorted(token for token, count in counts.items() if count > 1)
        return lost, doubled

    def check(self, arrived, duplicates_allowed=0):
        lost, doubled = self.balance(arrived)
        assert not lost, f"lost {len(lost)} of {len(self.accepted)}: {lost[:5]}"
        assert len(doubled) <= duplicates_allowed, f"{len(doubled)} came twice, {duplicates_allowed} may: {doubled[:5]}"
