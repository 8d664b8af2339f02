"""Where Debian's python3-spf (2.0.14) decides otherwise than waypost, and why.

Each row of JUDGED is one difference: its name, what python3-spf does, and why waypost does not. Each is also a
correction: python3-spf with all of them on must agree with waypost in every case; a row that no case needs is reported.
"""

import re
import sys

import spf

JUDGED = {
    "eager-mx": ("looks up every host of an mx before it compares, so that a later host's error counts although an earlier one "
                 "matches", "RFC 7208 4.6.2, 5.4: the first match decides"),
    "ptr-errors": ("a failing PTR lookup, or a failing address of one of its names, is a temperror, also for %{p}",
                   "RFC 7208 5.5: the mechanism does not match, the name is skipped; 7.3: %{p} is \"unknown\""),
    "ptr-voids": ("missing addresses of a client's names, and what %{p} looks up, count as void lookups",
                  "RFC 7208 4.6.4 counts terms; whoever connects could make a fail a permerror by naming his addresses badly"),
    "p-once": ("%{p} is found once, for the domain at hand then, and kept for the records that are included",
               "RFC 7208 7.3: the name is chosen by <domain>, which include and redirect change"),
    "self-include": ("an include of the domain itself is a permerror before any mechanism is tried",
                     "RFC 7208 4.6.2: only a lookup too many is an error, and a match before it decides"),
    "redirect-early": ("redirect costs its lookup as soon as it is read, also when a mechanism matches",
                       "RFC 7208 4.6.4, 6.1: it is used, and asks DNS, only when nothing matches"),
    "cname-loop": ("a loop of CNAMEs is a name without records", "RFC 1034 3.6.2: a loop is an error; RFC 7208 5: a temperror"),
    "cname-voids": ("an alias of a name without records counts as two void lookups", "RFC 7208 4.6.4: it is one"),
    "modifier-case": ("knows redirect and exp in lower case only; others are unknown modifiers",
                      "RFC 7208 4.6.1: names are case-insensitive"),
    "modifier-twice": ("an unknown modifier that stands twice is a permerror", "RFC 7208 6: only redirect and exp may not"),
    "reverse-case": ("%{dR} is %{d}", "RFC 7208 7.1: \"r\" is a string of ABNF, and those have no case"),
    "zero-digits": ("%{d0} is %{d} without its first part", "RFC 7208 7.3: the number must not be zero"),
    "joined": ("parts of other letters than l and s keep their delimiters", "RFC 7208 7.3: parts are joined by dots"),
    "unclosed": ("a macro without its brace in an explanation is text", "RFC 7208 7.1: an error of syntax; 6.2: so there is no explanation"),
    "truncated": ("a name longer than 253 bytes loses one label", "RFC 7208 7.3: as many as it takes"),
}


class Unequal(str):
    """A name that is not the same as any other."""
    __hash__ = str.__hash__

    def __eq__(self, other):
        return False


def corrected_macros(text, on):
    """Text with macros, written so that python3-spf takes them as they are meant."""
    if "unclosed" in on:
        text = re.sub(r"%\{[^}]*$", "%x", text)
    if "zero-digits" in on:
        text = re.sub(r"%\{[a-zA-Z]0+(?![0-9])[^}]*\}", "%{x}", text)
    if "reverse-case" in on:
        text = re.sub(r"(%\{[a-zA-Z][0-9]*)R", r"\1r", text)
    return text


def corrected_terms(text, on):
    """A record, the same."""
    version, *rest = text.split(" ")
    terms, seen = [version], set()
    for term in rest:
        if "self-include" in on and term.lower().lstrip("+-~?") == "include":
            term = "include-what"  # which python3-spf tells from one of the domain itself only in words
        modifier = re.match(r"([a-zA-Z][a-zA-Z0-9_.-]*)=", term)
        name = modifier[1].lower() if modifier else None
        if name in ("redirect", "exp") and "modifier-case" in on:
            term = name + term[len(name):]
        elif name in seen and "modifier-twice" in on:
            term = f"n{len(terms)}{term[len(name):]}"
        if name not in (None, "redirect", "exp"):
            seen.add(name)
        terms.append(term)
    return " ".join(terms)


class Peer(spf.query):
    """python3-spf over a zone, with the corrections of the set `on`."""

    def __init__(self, ip, sender, helo, records, on):
        super().__init__(i=ip, s=sender, h=helo, receiver="unknown")
        self.records, self.on, self.depths, self.explaining = records, on, [], False

    def answer(self):
        """(result, explanation, mechanism)"""
        old = spf.DNSLookup, spf.JOINERS
        spf.DNSLookup = self.look_up
        if "joined" in self.on:
            spf.JOINERS = dict.fromkeys("slodipvhcrt", ".")
        try:
            result, _, text = self.check()
        finally:
            spf.DNSLookup, spf.JOINERS = old
        explained = result == "fail" and text != spf.EXPLANATIONS["fail"]
        decided = result in ("pass", "fail", "softfail", "neutral")
        return result, text if explained else "", (self.mechanism or "") if decided else ""

    def look_up(self, name, qtype, *_):
        name = name.lower().rstrip(".")
        types = self.records.get(name, {})
        if "CNAME" in types and qtype not in types:
            end = self.end_of_aliases(name)
            if "cname-voids" not in self.on or end == name:
                return [((name, "CNAME"), types["CNAME"][0])]
            types = self.records.get(end, {})
        found = []
        for value in types.get(qtype, ()):
            if value is None or value is ...:
                raise spf.TempError("DNS")
            if qtype == "TXT":
                text = corrected_macros(value, self.on)
                record = text.lower().startswith("v=spf1") and not self.explaining
                value = [(corrected_terms(text, self.on) if record else text).encode()]
            found.append(((name, qtype), value))
        return found

    def end_of_aliases(self, name):
        """Where the CNAMEs of a name lead; the name itself where they lead in circles."""
        seen, at = [], name
        while "CNAME" in self.records.get(at, {}):
            if at in seen:
                if "cname-loop" in self.on:
                    raise spf.TempError("a loop of CNAMEs")
                return name
            seen.append(at)
            at = self.records[at]["CNAME"][0]
        return at

    def dns_mx(self, domainname):
        if "eager-mx" not in self.on:
            return super().dns_mx(domainname)
        hosts = self.dns(domainname, "MX")
        if len(hosts) > spf.MAX_MX:
            raise spf.PermError("too many MX records")
        hosts.sort()
        return (address for host in hosts for address in self.dns_a(host[1], self.A))

    def cidrmatch(self, ipaddrs, n):
        if isinstance(ipaddrs, list):
            return super().cidrmatch(ipaddrs, n)
        return any(super(Peer, self).cidrmatch([address], n) for address in ipaddrs)

    def getp(self):
        voids = self.void_lookups
        if "ptr-voids" in self.on:
            self.void_lookups = -10_000
        if "p-once" in self.on:
            self.p = None
        try:
            return super().getp()
        finally:
            if "ptr-voids" in self.on:
                self.void_lookups = voids

    def validated_ptrs(self):
        try:
            names = self.dns_ptr(self.i)[:spf.MAX_PTR]
        except spf.TempError:
            if "ptr-errors" not in self.on:
                raise
            return []
        return [name for name in names if self.validates(name)]

    def validates(self, name):
        voids = self.void_lookups
        if "ptr-voids" in self.on:
            self.void_lookups = -10_000
        try:
            return self.cidrmatch(self.dns_a(name, self.A), self.cidrmax)
        except spf.TempError:
            if "ptr-errors" not in self.on:
                raise
            return False
        finally:
            if "ptr-voids" in self.on:
                self.void_lookups = voids

    def get_explanation(self, spec):
        self.explaining = True
        try:
            return super().get_explanation(spec)
        finally:
            self.explaining = False

    def expand_domain(self, arg):
        name = super().expand_domain(arg)
        return Unequal(name) if "self-include" in self.on else name

    def expand(self, s, stripdot=True):
        if "truncated" not in self.on or not stripdot:
            return super().expand(s, stripdot)
        name = super().expand(s, stripdot)
        while len(name) > 253 and "." in name:
            name = name.split(".", 1)[1]
        return name

    def check_lookups(self):
        # While a record is read, `m` holds a modifier's two parts.
        reading = isinstance(sys._getframe(1).f_locals.get("m"), list)
        if not (reading and "redirect-early" in self.on):
            super().check_lookups()

    def check1(self, spf_text, domain, recursion):
        # A redirect goes on at the same depth, an include one below.
        if "redirect-early" in self.on and self.depths and self.depths[-1] == recursion:
            self.check_lookups()
        self.depths.append(recursion)
        try:
            return super().check1(spf_text, str(domain), recursion)  # no longer Unequal
        finally:
            self.depths.pop()
