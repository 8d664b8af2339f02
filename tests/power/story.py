"""The account of a power cut: what had been promised before it, against what the disk holds after it.

Made from the events that the recording noted (offered, accepted, delivered), each with the position of the
disk's log. Rules, for every letter whose exit 0 came before the cut:
    lost            a recipient was not delivered, and no sound file has it as pending
    notice lost     a refused recipient is in no open file, and its notice neither queued nor delivered
    notice doubled  the notice was delivered and is gone, yet the letter's file will make it again
    mark lost       delivered more than MARK_WINDOW before the cut, still pending in a file that stays:
                    it will go out twice; one that is only not yet removed is a legal duplicate
    never happened  a file says delivered, and no server has seen it
    twice in the spool    one letter in two files, be they sound
"""

import bisect
from collections import Counter, defaultdict

from letters import kind_of, token_of

MARK_WINDOW = 1.0  # seconds: far more than a reply and one fdatasync take


class Story:
    def __init__(self, events):
        self.recipients, self.accepted = {}, {}
        self.delivered = defaultdict(list)  # address -> [(position, time)]
        for event in events:
            if event["what"] == "offered":
                self.recipients[event["token"]] = event["to"]
            elif event["what"] == "accepted":
                self.accepted[event["token"]] = event["at"]
            elif event["what"] == "delivered":
                self.delivered[event["to"]].append((event["at"], event["time"]))
        self._positions = [event["at"] for event in events]
        self._times = [event["time"] for event in events]

    def promised(self, now):
        return [token for token, at in self.accepted.items() if at <= now]

    def time_of(self, position):
        """When the log was that long: the time of the last event before."""
        number = bisect.bisect_right(self._positions, position)
        return self._times[max(number - 1, 0)]

    def delivered_before(self, address, now):
        """The time of the first delivery before the cut; None when there was none."""
        return next((time for at, time in self.delivered[address] if at <= now), None)

    def inspect(self, spool, now):
        """Broken rules of one image as (rule, address), and how many legal duplicates it will cause."""
        broken, duplicates = [("twice in the spool", path) for path in spool.doubled], 0
        for token in self.promised(now):
            for address in self.recipients[token]:
                rule = self._refused(spool, token, address, now) if kind_of(address) == "deny" \
                    else self._taken(spool, token, address, now)
                if rule == "duplicate":
                    duplicates += 1
                elif rule:
                    broken.append((rule, address))
        return broken, duplicates

    def _taken(self, spool, token, address, now):
        letter = spool.letters.get(token)
        mark = letter.marks.get(address) if letter else None
        when = self.delivered_before(address, now)
        if when is None:
            return None if mark == "-" else "never happened" if mark else "lost"
        if mark != "-":
            return None
        others_open = any(self.delivered_before(other, now) is None for other in letter.marks
                          if other != address and letter.marks[other] in "-F")
        late = self.time_of(now) - when > MARK_WINDOW
        return "mark lost" if late and others_open else "duplicate"

    def _refused(self, spool, token, address, now):
        letter = spool.letters.get(token)
        mark = letter.marks.get(address) if letter else None
        sender = f"from.{token}@home.test"
        told = self.delivered_before(sender, now) is not None
        queued = token in spool.notices
        if told and not queued and mark in ("-", "F"):
            return "notice doubled"
        if not told and not queued and mark not in ("-", "F"):
            return "notice lost"
        return None

    def settle(self, servers, now):
        """After a restart on the image: broken rules as (rule, address)."""
        named, ids = servers.notices()
        broken = [("reported by two notices", address) for address, names in ids.items() if len(names) > 1]
        broken += [("reported wrongly", address) for address in named if kind_of(address) != "deny"]
        for token in self.promised(now):
            told = self.delivered_before(f"from.{token}@home.test", now) is not None
            for address in self.recipients[token]:
                if kind_of(address) == "deny":
                    if not told and not named[address]:
                        broken.append(("notice lost", address))
                elif self.delivered_before(address, now) is None and not servers.delivered[address]:
                    broken.append(("lost", address))
        return broken


def tally(broken):
    """`lost 3, mark lost 1`, or `nothing`."""
    counts = Counter(rule for rule, _ in broken)
    return ", ".join(f"{rule} {count}" for rule, count in sorted(counts.items())) or "nothing"


def tokens(broken):
    return sorted({token_of(where) or where for _, where in broken})
