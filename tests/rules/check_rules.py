#!/usr/bin/python3
"""check_rules.py: the rules of this code that no compiler knows; the last line is "N passed, N failed".

    strata   lib/sys < lib/mail < lib/net < rooms; a room includes lib/ and itself, and nothing of another room but the
             one header that ALLOWED_HEADERS names; submit, which nobody includes, is made of the rooms in MADE_OF
    pure     that header, and what it is made of, does no I/O: it includes nothing that could
    links    OpenSSL, c-ares, libuv, libsodium and the TOML parser are included only where they belong
    sizes    a source file has at most 350 lines
    manuals  a program, whose main file has its name, has a manual
    settings make knows one name space: a variable to which one *.mk gives a default is no other one's to read
    parsers  a header that declares a parser (parse*, decode*, or what takes a Record) has a source in tests/fuzz/parsers, or
             stands in NO_PARSERS; make fuzz-coverage measures what is listed

Each rule is first shown violations of its own (self_test), so that it cannot pass by seeing nothing.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("queue", "route", "deliver", "local", "start", "demo", "sasl", "socks", "spfcheck", "dkim", "smtpd", "submit")
STRATA = ("lib/sys", "lib/mail", "lib/net")
# The one header, without I/O, that a room may take from another.
ALLOWED_HEADERS = {("deliver", "socks/socks5.h")}
# One program without a queue: here meet as code the rooms that meet as processes elsewhere.
MADE_OF = {"submit": ("queue/inject/", "route/", "deliver/", "sasl/")}

PURE = ("socks/socks5", "socks/codes", "socks/wire_endpoint")
# Beside these and the headers of C++ itself. The two convert addresses.
PURE_HEADERS = ("lib/sys/error.h", "arpa/inet.h", "netinet/in.h")
IO_OF_CPP = ("fstream", "iostream", "cstdio", "filesystem", "thread")

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)

# Header prefix: the folders whose code may include it.
HOMES = {
    "openssl/": ("lib/net", "deliver", "sasl", "dkim", "demo"),
    "ares": ("lib/net",),
    "sodium": ("sasl",),
    "stringprep": ("sasl",),
    "toml++/": ("route",),
    "uv.h": ("lib/net", "queue/manager", "deliver", "sasl", "dkim", "socks"),
    "idn2": ("lib/mail",),
    "libpsl": ("spfcheck",),
}


def room_of(path):
    top = path.split("/")[0]
    return top if top in ROOMS else None


def stratum_of(path):
    return next((n for n, stratum in enumerate(STRATA) if path.startswith(stratum + "/")), None)


def strata(path, text):
    here_room, here_stratum = room_of(path), stratum_of(path)
    for found in INCLUDE.finditer(text):
        kind, header = found.groups()
        if kind != '"':
            continue
        room, stratum = room_of(header), stratum_of(header)
        wrong = (here_stratum is not None and (room is not None or (stratum is not None and stratum > here_stratum))) or \
                (here_room is not None and room is not None and room != here_room and (here_room, header) not in ALLOWED_HEADERS
                 and not header.startswith(MADE_OF.get(here_room, ("/",))))
        if wrong:
            yield text.count("\n", 0, found.start()) + 1, f"includes {header}"


def pure(path, text):
    if Path(path).with_suffix("").as_posix() not in PURE:
        return
    for found in INCLUDE.finditer(text):
        header = found[2]
        own = Path(header).with_suffix("").as_posix() in PURE
        of_cpp = found[1] == "<" and re.fullmatch(r"[a-z_]+", header) and header not in IO_OF_CPP
        if not (own or of_cpp or header in PURE_HEADERS):
            yield text.count("\n", 0, found.start()) + 1, f"includes {header}, and must do no I/O"


def links(path, text):
    for found in INCLUDE.finditer(text):
        header = found[2]
        for prefix, homes in HOMES.items():
            if found[1] == "<" and header.startswith(prefix) and not path.startswith(homes):
                yield text.count("\n", 0, found.start()) + 1, f"includes <{header}>, which belongs to {', '.join(homes)}"


def manuals(path, _):
    program = Path(path)
    if program.suffix == ".cc" and (program.stem == "waypost" or program.stem.startswith("waypost-")) and \
            not list((ROOT / "man").glob(f"{program.stem}.[1-8]")):
        yield 1, f"there is no manual man/{program.stem}.[1-8]"


def sizes(_, text):
    lines = text.count("\n")
    if lines > 350:
        yield lines, f"{lines} lines"


SETTING = re.compile(r"^(\w+)\s*\?=", re.M)


def settings(path, text):
    if not path.endswith(".mk"):
        return
    others = {other.relative_to(ROOT).as_posix(): other.read_text() for other in makefiles()}
    for found in SETTING.finditer(text):
        readers = [other for other, its in others.items()
                   if other != path and re.search(rf"\$[({{]{found[1]}\b", its)]
        if readers:
            yield text.count("\n", 0, found.start()) + 1, f"the default of {found[1]} holds in {', '.join(readers)} too"


DECLARES = re.compile(r"(?<![.>\w])(?:parse|decode)\w*\(|\[\[nodiscard\]\][^;{}]*\(const Record& \w+\)")
# What only looks like one, and which of its kind the records come from that it takes.
NO_PARSERS = {
    "deliver/permit_asker.h": "what its own parent says",
    "queue/commands/change_report.h": "prints what queue/commands/control_client.cc and message_row.cc have read",
    "queue/commands/spool_answers.h": "asks itself, in place of the manager",
}


def listed_parsers():
    return set(re.findall(r"^(\S+\.cc)\s", (ROOT / "tests/fuzz/parsers").read_text(), re.M))


def parsers(path, text):
    if not path.endswith(".h") or path in NO_PARSERS or path.startswith("bench/"):
        return
    code = re.sub(r"//.*", "", text)
    found = DECLARES.search(code)
    if not found:
        return
    header = f'#include "{path}"'
    behind = [one for one in listed_parsers() if Path(one).parent == Path(path).parent and
              (Path(one).stem == Path(path).stem or header in (ROOT / one).read_text())]
    if not behind:
        yield code.count("\n", 0, found.start()) + 1, "declares a parser, of which tests/fuzz/parsers has no source"


SELF_TESTS = {
    strata: [("lib/sys/a.cc", '#include "lib/mail/b.h"\n'), ("lib/mail/a.h", '#include "queue/spool/b.h"\n'),
             ("route/a.cc", '#include "deliver/b.h"\n'), ("deliver/a.cc", '#include "socks/codes.h"\n'),
             ("queue/manager/a.cc", '#include "socks/socks5.h"\n'), ("socks/a.cc", '#include "deliver/policy.h"\n'),
             ("submit/a.cc", '#include "queue/spool/b.h"\n'), ("deliver/a.cc", '#include "submit/letter.h"\n')],
    pure: [("socks/socks5.h", "#include <unistd.h>\n"), ("socks/codes.cc", '#include "lib/net/socket.h"\n'),
           ("socks/wire_endpoint.cc", "#include <fstream>\n")],
    links: [("queue/accept/a.cc", "#include <openssl/evp.h>\n"), ("deliver/a.cc", "#include <toml++/toml.h>\n")],
    sizes: [("a.cc", "\n" * 351)],
    manuals: [("sasl/waypost-unwritten.cc", "")],
    parsers: [("lib/mail/a.h", "Result<A> parse_a(std::string_view text);\n"),
              ("lib/mail/a.h", "[[nodiscard]] Result<A> a_of(const Record& record);\n")],
    settings: [("tests/peers/a.mk", "SEED  ?= 1\n"), ("tests/peers/a.mk", "FIRST ?= 1\nROUNDS ?= 1\n")],
}
GOOD = [("start/waypost.cc", ""), ("sasl/waypost-sasl.cc", ""),
        ("lib/net/good.cc", '#include <string>\n#include "lib/sys/error.h"\n'),
        ("deliver/good.cc", '#include "socks/socks5.h"\n'), ("submit/good.cc", '#include "deliver/greeting.h"\n'), ("socks/reach.cc", "#include <poll.h>\n"),
        ("lib/mail/reply.h", "// parse_x(): decode()\nReply parse_reply(std::string_view text);\n"),
        ("route/a.h", "void a(const Form& form) { form.parse(node); }\n"), ("lib/mail/a.h", "Record to_record(const A& a);\n"),
        ("tests/peers/a.mk", "NOBODY_READS_IT ?= 1\nSEED = 1\n"),
        ("socks/socks5.cc", '#include "socks/socks5.h"\n#include <utility>\n#include "socks/codes.h"\n')]


def makefiles():
    return sorted(path for part in ("*.mk", "*/*.mk", "tests/*/*.mk") for path in ROOT.glob(part))


def self_test():
    for rule, samples in SELF_TESTS.items():
        for path, text in samples:
            assert list(rule(path, text)), f"{rule.__name__} does not see {text!r}"
        for path, text in GOOD:
            assert not list(rule(path, text)), f"{rule.__name__}: {list(rule(path, text))}"


def main():
    self_test()
    files = [file for top in ("lib", *ROOMS) for kind in ("cc", "h") for file in (ROOT / top).rglob(f"*.{kind}")]
    paths = sorted(str(file.relative_to(ROOT)) for file in [*files, *makefiles()])
    failed = 0
    for rule in SELF_TESTS:
        found = [(path, line, what) for path in paths for line, what in rule(path, (ROOT / path).read_text())]
        print(f"{'FAILED' if found else 'passed':8}{rule.__name__}: {len(paths)} files, {len(found)} violations")
        for path, line, what in found:
            print(f"    {path}:{line}: {what}")
        failed += bool(found)
    passed = len(SELF_TESTS) - failed
    print(f"{passed} passed, {failed} failed")
    return 0 if paths and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
