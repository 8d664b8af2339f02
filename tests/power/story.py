"""The account of a power cut: what had been promised before it, against what the disk holds after it.

Made from the events that the recording noted (offered, accepted, delivered), each with the position of the
disk's log. Rules, for every letter whose exit 0 came before the cut:
    lost            a recipient was not delivered, and no sound file has it as pending
    notice lost     a refused recipient is in no open file, and its notice neither queued nor delivered
    notice doubled  the notice was delivered and is gone, yet the letter's file will make it again
    notice without record    it is in the queue, and its letter's history does not say that it was made: with the next
                    recipient that fails, this one is told of twice, or that one never
    mark lost       delivered, another recipient was put off in later passes of the message, and still pending: it will
                    go out twice; one that is only not yet marked or not yet removed is a legal duplicate
    never happened  a file says delivered, and no server has seen it
    decision lost   a command had said that it was held, dropped or bounced, and the file knows nothing of it
    undone          what was held, dropped or bounced by then was delivered after the restart
    twice in the spool    one letter in two files, be they sound
"""

from collections import Counter, defaultdict

from letters import MAY_FAIL, kind_of, token_of

# How often another recipient was put off after a delivery: the first time perhaps in the same pass over the message, the
# second time in a later one, which begins when the marks of the first are on disk.
LATER_PASS = 2

# Kinds of letters that somebody decides about, and the entry of the history that says so.
DECISIONS = {"hold": "hold", "drop": "drop", "back": "bounce"}


class Story:
    def __init__(self, events):
        self.recipients, self.accepted = {}, {}
        self._begun, self._decided = {}, {}  # address -> position: a command was started; it said that it is done
        self.delivered = defaultdict(list)  # address -> positions
        self.put_off = defaultdict(list)    # the same
        for event in events:
            if event["what"] == "offered":
                self.recipients[event["token"]] = event["to"]
            elif event["what"] == "accepted":
                self.accepted[event["token"]] = event["at"]
            elif event["what"] == "deciding":
                self._begun[event["to"]] = event["at"]
            elif event["what"] == "decided":
                self._decided[event["to"]] = event["at"]
            elif event["what"] == "delivered":
                self.delivered[event["to"]].append(event["at"])
            elif event["what"] == "put off":
                self.put_off[event["to"]].append(event["at"])

    def promised(self, now):
        return [token for token, at in self.accepted.items() if at <= now]

    def delivered_before(self, address, now):
        """The position of the first delivery before the cut; None when there was none."""
        return next((at for at in self.delivered[address] if at <= now), None)

    def begun(self, address, now):
        """Somebody may have decided about it: it need not be delivered any more."""
        return self._begun.get(address, now + 1) <= now

    def decided(self, address, now):
        return self._decided.get(address, now + 1) <= now

    def inspect(self, spool, now):
        """Broken rules of one image as (rule, address), and how many legal duplicates it will cause."""
        broken, duplicates = [("twice in the spool", path) for path in spool.doubled], 0
        for token in self.promised(now):
            for address in self.recipients[token]:
                rule = self._rule(spool, token, address, now)
                if rule == "duplicate":
                    duplicates += 1
                elif rule:
                    broken.append((rule, address))
        return broken, duplicates

    def _rule(self, spool, token, address, now):
        """The rule that this recipient breaks; None when none."""
        kind = kind_of(address)
        if kind == "deny":
            return self._refused(spool, token, address, now)
        letter = spool.letters.get(token)
        open_still = letter is not None and letter.marks.get(address) == "-"
        if kind in DECISIONS and self.decided(address, now) and open_still and DECISIONS[kind] not in letter.history:
            return "decision lost"
        if kind == "drop" and self.begun(address, now):
            return None
        if kind == "back" and self.begun(address, now) and (self.decided(address, now) or not open_still):
            return self._refused(spool, token, address, now)
        return self._taken(spool, token, address, now)

    def _taken(self, spool, token, address, now):
        letter = spool.letters.get(token)
        mark = letter.marks.get(address) if letter else None
        when = self.delivered_before(address, now)
        if when is None:
            return None if mark == "-" else "never happened" if mark else "lost"
        if mark != "-":
            return None
        passes = [sum(when < at <= now for at in self.put_off[other]) for other in letter.marks if other != address]
        return "mark lost" if max(passes, default=0) >= LATER_PASS else "duplicate"

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
        if queued and letter and "notice" not in letter.history:
            return "notice without record"
        return None

    def settle(self, seen, now):
        """What a restart came to (judge.Restart), held against what had been promised: broken rules as (rule, address)."""
        broken = [("reported by two notices", address) for address, names in seen.names.items() if len(names) > 1]
        broken += [("reported wrongly", address) for address in seen.names if kind_of(address) not in MAY_FAIL]
        for token in self.promised(now):
            told = self.delivered_before(f"from.{token}@home.test", now) is not None
            for address in self.recipients[token]:
                rule = self._settled(seen, token, address, told, now)
                if rule:
                    broken.append((rule, address))
        return broken

    def _settled(self, seen, token, address, told, now):
        kind = kind_of(address)
        came = self.delivered_before(address, now) is not None or seen.delivered[address] > 0
        reported = address in seen.names or (told and kind != "doom")  # which was not yet refused
        if kind == "deny" and told and address in seen.names and token not in seen.queued:
            return "notice doubled"
        if kind in ("deny", "doom"):
            return None if reported else "notice lost"
        if kind in DECISIONS and self.decided(address, now) and came:
            return "undone"
        if kind == "back" and self.decided(address, now) and not reported:
            return "notice lost"
        safe = {"hold": token in seen.left, "drop": True, "back": reported}
        if came or kind in DECISIONS and self.begun(address, now) and safe[kind]:
            return None
        return "lost"

    def doubled(self, seen, now):
        """How many recipients had it before the cut, and once more after the restart."""
        return sum(1 for address in seen.delivered if self.delivered_before(address, now) is not None)


def tally(broken):
    """`lost 3, mark lost 1`, or `nothing`."""
    counts = Counter(rule for rule, _ in broken)
    return ", ".join(f"{rule} {count}" for rule, count in sorted(counts.items())) or "nothing"


def tokens(broken):
    return sorted({token_of(where) or where for _, where in broken})
