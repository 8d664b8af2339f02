"""Letters for the crash and power-cut tests, the servers that take them, and the account of both.

A letter's addresses say what is to happen to it, and carry its token; so the account needs nothing but
addresses:

    take.TOKEN@..   the server takes it           grey.TOKEN@..   451 at the first RCPT, then taken
    deny.TOKEN@..   550 to RCPT                   late.TOKEN@..   451 until the server stops being busy
    doom.TOKEN@..   451 until then, and then 550
    hold.TOKEN@..   drop.TOKEN@..   back.TOKEN@..   as late; an operator holds, drops, bounces the letter
    from.TOKEN@..   the sender: what arrives there is the notice

The body's digest stands in the header: what arrives must be whole. A recipient counts as delivered before
the server replies to the final dot: nothing that waypost does about that reply can come earlier.
"""

import hashlib
import random
import re
import threading
import time
from collections import Counter

from sink import Sink

KINDS = ("take", "grey", "deny", "late", "doom", "hold", "drop", "back")
PATIENT = ("late", "doom", "hold", "drop", "back")  # wait as long as the server is busy
MAY_FAIL = ("deny", "doom", "back")                 # whose failure a notice may report
ADDRESS = re.compile(rf"<((?:{'|'.join(KINDS)}|from)\.[0-9a-f]{{16}}@[a-z0-9.]+)>", re.IGNORECASE)
NOTICE = re.compile(rb"^Message-ID:\s+<([\w.]+)@", re.MULTILINE)
FAILED = re.compile(rb"^Final-Recipient: rfc822; ?(\S+)", re.IGNORECASE | re.MULTILINE)

# What a letter's recipients may be, and how often.
MIXTURES = (
    (("take",), 8), (("grey",), 2), (("deny",), 2), (("late",), 1), (("take", "grey"), 2),
    (("take", "late"), 2), (("deny", "late"), 2), (("take", "grey", "deny"), 2), (("take", "grey", "deny", "late"), 1),
)
# Large ones are written to the disk long before they get a name.
SIZES, SHARES = (200, 3000, 9000, 40000, 150000), (4, 8, 4, 2, 2)
EXTENSIONS = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN")  # for who wants to log in
DOMAINS = ("one.test", "two.test", "three.test")


class Letter:
    def __init__(self, rng, mixture=None, domain=None, size=None):
        self.token = f"{rng.getrandbits(64):016x}"
        kinds = mixture or rng.choices([m for m, _ in MIXTURES], [w for _, w in MIXTURES])[0]
        self.sender = f"from.{self.token}@home.test"
        self.recipients = [f"{kind}.{self.token}@{domain or rng.choice(DOMAINS)}" for kind in kinds]
        self.wire = self._write(rng, size or rng.choices(SIZES, SHARES)[0])

    def _write(self, rng, size):
        body = b"".join(b"%016x\r\n" % rng.getrandbits(64) for _ in range(size // 18 + 1))
        digest = hashlib.sha1(body).hexdigest()
        head = (f"From: <{self.sender}>\r\nTo: <someone@one.test>\r\nSubject: {self.token}\r\n"
                f"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{self.token}@home.test>\r\n"
                f"X-Digest: {digest}\r\n\r\n")
        return head.encode() + body

    @property
    def envelope(self):
        words = ["F" + self.sender, *("T" + r for r in self.recipients), ""]
        return b"\0".join(w.encode() for w in words) + b"\0"


def kind_of(address):
    return address.partition(".")[0]


def token_of(address):
    return address.partition(".")[2].partition("@")[0]


def whole(message):
    """Does the body of a letter agree with the digest in its header? Notices carry none."""
    head, _, body = message.partition(b"\r\n\r\n")
    wanted = re.search(rb"^X-Digest: (\w+)", head, re.MULTILINE)
    return wanted is None or hashlib.sha1(body).hexdigest().encode() == wanted[1]


class Servers:
    """The mail servers of one test: a listener each, one account. `note(what, **fields)` hears of deliveries."""

    def __init__(self, listeners, note=lambda what, **fields: None, busy=True, greylisting=True):
        self.busy, self.greylisting, self._note = busy, greylisting, note
        self._lock = threading.Lock()
        self._seen = set()       # addresses that were greylisted once
        self._taking = {}        # (server, session) -> recipients of the transaction
        self.delivered = Counter()
        self.sinks = [Sink(listener, self._answer_of(number), EXTENSIONS) for number, listener in enumerate(listeners)]

    def close(self):
        for sink in self.sinks:
            sink.close()

    def _answer_of(self, number):
        def answer(session, verb, line):
            with self._lock:
                return self._answer((number, session.number), verb, line)
        return answer

    def _answer(self, key, verb, line):
        if verb in ("MAIL", "RSET", "CONNECT"):
            self._taking[key] = []
        elif verb == "RCPT":
            return self._recipient(key, line)
        elif verb == "AUTH":
            return "235 2.7.0 Whoever you are"
        elif verb == "DATA" and not self._taking[key]:
            return "503 5.5.1 No recipients"
        elif verb == "BODY":
            for address in self._taking[key]:
                self.delivered[address] += 1
                self._note("delivered", to=address)
        return None

    def _recipient(self, key, line):
        found = ADDRESS.search(line)
        if not found:
            return "550 5.1.1 Not a letter of this test"
        address = found[1].lower()
        kind = kind_of(address)
        if kind in PATIENT and self.busy:
            self._note("put off", to=address)
            return "451 4.3.2 Busy, come later"
        if kind in ("deny", "doom"):
            return "550 5.1.1 No such user"
        if kind == "grey" and self.greylisting and address not in self._seen:
            self._seen.add(address)
            return "451 4.7.1 Greylisted, come again"
        self._taking[key].append(address)
        return None

    def torn(self):
        """Messages that did not arrive whole."""
        return [m for sink in self.sinks for m in list(sink.messages) if not whole(m.data)]

    def signed_otherwise(self):
        """Letters that arrived unsigned, or with more than one signature: each attempt carries the bytes of the first."""
        forms = {}
        for message in (m for sink in self.sinks for m in list(sink.messages)):
            subject = re.search(rb"^Subject: ([0-9a-f]{16})\r", message.data, re.MULTILINE)
            if subject and "from." not in " ".join(message.recipients):
                forms.setdefault(subject[1].decode(), set()).add(message.data[:message.data.find(b"\r\nReceived:")])
        return [token for token, tops in forms.items() if len(tops) > 1 or not tops.pop().startswith(b"DKIM-Signature:")]

    def notices(self):
        """For each refused address, how many notices named it, and under which names these were made."""
        named, names = Counter(), {}
        for message in (m for sink in self.sinks for m in list(sink.messages)):
            if "from." not in " ".join(message.recipients):
                continue
            # Its own header comes first; the one that it returns has an id too, the same in all of them.
            name = NOTICE.search(message.data)[1]
            for address in {found.decode().lower() for found in FAILED.findall(message.data)}:
                named[address] += 1
                names.setdefault(address, set()).add(name)
        return named, names


class Account:
    """What was promised (exit 0) and what may have been taken (the injector was killed)."""

    def __init__(self):
        self._lock = threading.Lock()
        self.accepted, self.unsure, self.refused = {}, {}, {}

    def enter(self, letter, status):
        """status: the injector's exit status, None when it was killed."""
        page = self.accepted if status == 0 else self.unsure if status is None or status < 0 else self.refused
        with self._lock:
            page[letter.token] = letter

    def lost(self, servers):
        """Recipients of accepted letters that were neither delivered nor reported."""
        named, _ = servers.notices()
        return sorted(address for letter in self.accepted.values() for address in letter.recipients
                      if not named[address] and not servers.delivered[address])

    def reported_wrongly(self, servers):
        """Addresses in notices that no server refused for good."""
        named, _ = servers.notices()
        return sorted(address for address in named if kind_of(address) not in MAY_FAIL)

    def doubled(self, servers):
        """How many deliveries were more than one: legal after a crash, and counted."""
        return sum(count - 1 for count in servers.delivered.values() if count > 1)

    def refused_yet_delivered(self, servers):
        """Tokens of letters that went out though the injector was told no: each needs a reason."""
        return sorted(token for token, letter in self.refused.items()
                      if any(servers.delivered[address] for address in letter.recipients))

    def reported_twice(self, servers):
        """Refused addresses that notices of different names report: each was created anew."""
        _, names = servers.notices()
        return sorted(address for address, made in names.items() if len(made) > 1)


class Injectors:
    """Threads that hand in letters until told to stop, each letter entered into the account."""

    def __init__(self, hand_in, account, seed, count=4, note=lambda what, **fields: None):
        self._hand_in, self._account, self._note = hand_in, account, note
        self._stop = threading.Event()
        self.failures = []
        self._threads = [threading.Thread(target=self._run, args=(random.Random(f"{seed}/{n}"),), daemon=True)
                         for n in range(count)]

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(300)
        assert not self.failures, self.failures[0]
        assert not any(thread.is_alive() for thread in self._threads), "an injector does not end"

    def _run(self, rng):
        try:
            while not self._stop.is_set():
                letter = Letter(rng)
                self._note("offered", token=letter.token, to=letter.recipients)
                status = self._hand_in(letter, rng)
                if status == 0:
                    self._note("accepted", token=letter.token)
                self._account.enter(letter, status)
                time.sleep(rng.choice((0, 0, 0.01, 0.05)))
        except Exception as reason:  # shown by stop(): a thread that dies silently would test nothing
            self.failures.append(reason)
