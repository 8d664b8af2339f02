"""made_up.py: zones with SPF records by chance, and questions to them. The same seed, the same cases.

Names are few, so that they meet: domains with records, hosts with addresses, and some that do not exist, do not answer,
or lead elsewhere. Records are mostly valid; some have one thing wrong.
"""

DOMAINS = [f"d{n}.test" for n in range(5)] + ["d-5.test"]
HOSTS = [f"h{n}.test" for n in range(6)] + ["mx.d0.test", "www.d1.test", "a-b.h0.test"]
ABSENT = ["absent.test", "no.absent.test"]
FOUR = ["192.0.2.1", "192.0.2.77", "198.51.100.5", "203.0.113.200"]
SIX = ["2001:db8::1", "2001:db8:1::77"]
LONG = "long-local-part" * 4
LOCALS = [LONG, "bob", "strong-bad", "a.b+c", "x_y=z", "alice/home"]
QUALIFIERS = ["", "", "", "+", "-", "~", "?"]
LETTERS = "slodivh"


def macro(dice, letters=LETTERS):
    letter = dice.choice(letters)
    if dice.random() < 0.15:
        letter = letter.upper()
    digits = dice.choice(["", "", "", "1", "2", "3", "128"])
    return "%{" + letter + digits + dice.choice(["", "", "r"]) + dice.choice(["", "", "", ".", "-", "+", ".-", "=/_"]) + "}"


def name(dice):
    """A domain-spec."""
    kind = dice.random()
    if kind < 0.62:
        return dice.choice(DOMAINS + HOSTS)
    if kind < 0.72:
        return dice.choice(ABSENT)
    if kind < 0.8:
        return dice.choice(DOMAINS + HOSTS) + "."
    if kind < 0.9:
        return macro(dice) + "." + dice.choice(["x.test", "d0.test", "%{d2}"])
    return dice.choice(["%{d}", "%{o}", "%{h}", "%{d2}", "mx.%{d}", "%{p}", "%{p}.x.test", "%{p}.x.test", "a%%b.test", "a%_b.test"])


def prefixes(dice):
    return dice.choice(["", "", "", "", "/24", "/32", "/0", "//64", "//0", "/16//48", "//128"])


def network(dice):
    if dice.random() < 0.7:
        return "ip4:" + dice.choice([*FOUR, "10.0.0.0"]) + dice.choice(["", "", "/24", "/8", "/0", "/31"])
    return "ip6:" + dice.choice([*SIX, "2001:DB8::", "::ffff:192.0.2.1", "::1.2.3.4"]) + dice.choice(["", "/32", "/64", "/0", "/127"])


def mechanism(dice):
    kind = dice.choices(["net", "a", "mx", "include", "exists", "ptr"], [30, 20, 15, 20, 8, 7])[0]
    if kind == "net":
        text = network(dice)
    elif kind in ("include", "exists"):
        text = f"{kind}:{name(dice)}"
    else:
        domain = "" if dice.random() < 0.4 else ":" + name(dice)
        text = kind + domain + ("" if kind == "ptr" else prefixes(dice))
    if dice.random() < 0.05:
        text = text.upper() if "%" not in text else text.capitalize()
    return dice.choice(QUALIFIERS) + text


def modifier(dice):
    return dice.choice([f"exp=e{dice.randrange(4)}.test", f"exp=e{dice.randrange(4)}.test", f"exp={name(dice)}",
                        "foo=bar", "a.b-c_d=%{l}/x", "x=%{d2r}"])


def broken(dice, text):
    """The record with one thing wrong, or nearly."""
    terms = text.split(" ")
    at = dice.randrange(1, len(terms) + 1)
    bad = dice.choice([
        "moo", "a:", "ip4:1.2.3", "ip4:1.2.3.4/33", "ip4:1.2.3.4/032", "ip6:1::2::3", "a:1.2.3.4", "a/33", "mx//129", "include",
        "include:x.test/24", "exists", "all:", "all.", "-all,", "a:foo..test", "a:museum", "a:%{x}.test", "a:%{d", "a:%(d).test",
        "exists:%{d0}.test", "redirect=", "exp=", "exp=museum", "foo=bar foo=baz", "redirect=d1.test redirect=d2.test",
        "exp=e0.test exp=e1.test", "=x", "1x=y", "x=%{c}", "EXP=e0.test", "Redirect=d2.test", "a:" + "l" * 64 + ".test", "ptr/24",
        "a:%{l1r-}.x.test", "a:%{dR}", "a:%{d99}", "a:b%", "a\tmx", "+-all", "a:" + "long-label-here." * 18 + "d0.test",
        "exists:" + "%{l}." * 7 + "d0.test", " ".join(["?a:h1.test"] * 8) + " redirect=d1.test", "exists:%{d-}.x.test"])
    return " ".join(terms[:at] + [bad] + terms[at:])


def record(dice):
    terms = [mechanism(dice) for _ in range(dice.choice([0, 1, 1, 2, 2, 3, 4, 6, 9]))]
    if dice.random() < 0.3:
        terms.insert(dice.randrange(len(terms) + 1), modifier(dice))
    end = dice.random()
    if end < 0.65:
        terms.append(dice.choice(["-all", "-all", "~all", "?all", "all"]))
    elif end < 0.8:
        terms.insert(dice.randrange(len(terms) + 1), "redirect=" + name(dice))
    text = " ".join(["v=spf1", *terms])
    if dice.random() < 0.12:
        text = broken(dice, text)
    if dice.random() < 0.05:
        text = text.replace(" ", "  ") + " "
    return text


def domain_types(dice):
    """What stands at a name with a record."""
    types = {"TXT": [record(dice)]}
    chance = dice.random()
    if chance < 0.04:
        types["TXT"].append(record(dice))
    elif chance < 0.08:
        types["TXT"] = ["v=spf10 all", "hello"]
    elif chance < 0.16:
        types["TXT"].append("some other text")
    elif chance < 0.19:
        types["TXT"] = [dice.choice([None, ...])]
    if dice.random() < 0.7:
        types["A"] = dice.sample(FOUR, dice.choice([1, 1, 2]))
    if dice.random() < 0.3:
        types["AAAA"] = dice.sample(SIX, 1)
    if dice.random() < 0.5:
        hosts = dice.choice([1, 1, 2, 3, 11 if dice.random() < 0.2 else 2])
        types["MX"] = [(10 * n, dice.choice(HOSTS + ABSENT[:1] if dice.random() < 0.2 else HOSTS)) for n in range(hosts)]
    return types


def host_types(dice):
    chance = dice.random()
    if chance < 0.06:
        return {kind: [None if chance < 0.03 else ...] for kind in ("A", "AAAA", "MX", "TXT")}
    if chance < 0.12:
        return {"CNAME": [dice.choice([*HOSTS, ABSENT[0]])]}
    types = {"A": dice.sample(FOUR, dice.choice([1, 2]))} if dice.random() < 0.85 else {}
    if dice.random() < 0.4:
        types["AAAA"] = dice.sample(SIX, 1)
    return types


def reversed_name(ip):
    import ipaddress
    return ipaddress.ip_address(ip).reverse_pointer


def named_twice():
    """An address with two good names, of which each domain has its own."""
    return {reversed_name(FOUR[0]): {"PTR": ["d0.test", "d1.test"]}, "d1.test.x.test": {"A": ["127.0.0.2"]},
            "d0.test": {"TXT": ["v=spf1 ?exists:%{p}.none.test include:d1.test -all"], "A": [FOUR[0]]},
            "d1.test": {"TXT": ["v=spf1 exists:%{p}.x.test"], "A": [FOUR[0]]}}


def zone(dice):
    """{name: {TYPE: [value]}}, as ZoneCheck.zone() takes it."""
    records = {domain: domain_types(dice) for domain in DOMAINS}
    for host in HOSTS:
        records[host] = host_types(dice)
    for ip in (*FOUR, *SIX):
        chance = dice.random()
        if chance < 0.1:
            records[reversed_name(ip)] = {"PTR": [None]}
        elif chance < 0.75:
            records[reversed_name(ip)] = {"PTR": dice.sample(DOMAINS + HOSTS + ABSENT, dice.choice([1, 1, 2, 3]))}
    records[f"{LONG}.{LONG}.{LONG}.{LONG}.d0.test"] = {"A": ["127.0.0.2"]}
    for domain in dice.sample(DOMAINS, 2):
        records[f"{domain}.x.test"] = {"A": ["127.0.0.2"]}
    records["d.5.test.x.test"] = {"A": ["127.0.0.2"]}
    if dice.random() < 0.02:
        records.update(named_twice())
    for n in range(3):
        records[f"e{n}.test"] = {"TXT": [dice.choice(["%{i} may not send for %{d}", "see http://x.test/?s=%{S}&i=%{C}",
                                                      "%{p} %{h} %{r}", "bad %{x}", "open %{d", "percent %%, %{l1r-}"])]}
    return records


def question(dice):
    """(ip, sender, helo)"""
    ip = dice.choice(FOUR + FOUR + SIX + ["::ffff:192.0.2.1", "192.0.2.254"])
    sender = "" if dice.random() < 0.05 else f"{dice.choice(LOCALS)}@{dice.choice(DOMAINS)}"
    return ip, sender, dice.choice([*HOSTS, *DOMAINS, "HELO.Test"])
