"""Signatures, as others verify them: python3-dkim, and OpenDKIM by its opendkim-testmsg, which asks the test's name server."""

import subprocess

import dkim

from testing import PATIENCE


def by_python(message, records):
    """{selector: whether it verifies}; records: {name: text}."""
    wire = in_wire_form(message)
    found = {}
    signatures = sum(1 for name, _ in dkim.rfc822_parse(wire)[0] if name.lower() == b"dkim-signature")
    for index in range(signatures):
        one = dkim.DKIM(wire)
        try:
            good = one.verify(idx=index, dnsfunc=lambda name, timeout=5: records.get(name.decode().rstrip("."), "").encode())
        except dkim.ValidationError:  # the hash of another body
            good = False
        found[one.selector.decode()] = good
    return found


def by_opendkim(message, resolver):
    """None when OpenDKIM verifies all signatures, else what it says."""
    conf = "/run/resolv.conf"
    with open(conf, "w", encoding="ascii") as file:
        file.write(f"nameserver {resolver}\n")
    script = f"mount --bind {conf} /etc/resolv.conf && exec opendkim-testmsg -C"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], input=in_wire_form(message), capture_output=True,
                          timeout=60 * PATIENCE, check=False)
    return None if done.returncode == 0 else (done.returncode, done.stderr)


def in_wire_form(message):
    wire = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return wire if wire.endswith(b"\r\n") else wire + b"\r\n"
