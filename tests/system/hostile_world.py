"""2,000 servers, each hostile in its own way: a network in which every address of 10.78.0.0/16 is one host of the test's."""

from network import ip
from sandbox import wait_until
from waypost import mount_build

# By turns: what goes on for ever, or until the deadline of a sender, and what is over at once.
SLOW = {
    "silent at the banner": "at CONNECT\n silence\n",
    "a byte a minute of the banner": "at CONNECT\n split 1 every 1m\n usual\n",
    "a byte a minute of EHLO": "at EHLO\n split 1 every 1m\n usual\n",
    "silent at EHLO": "at EHLO\n silence\n",
    "silent at MAIL": "at MAIL\n silence\n",
    "a byte a minute of RCPT": "at RCPT\n split 1 every 1m\n usual\n",
    "silent at RCPT": "at RCPT\n silence\n",
    "silent at DATA": "at DATA\n silence\n",
    "its window shuts": "at DATA\n usual\n deaf\n",
    "silent at the final dot": "at BODY\n silence\n",
}
BRIEF = {
    "endless banner": 'at CONNECT\n endless "220 x"\n',
    "endless lines of a banner": 'at CONNECT\n endless "220-more\\r\\n"\n',
    "endless lines to EHLO": 'at EHLO\n endless "250-more\\r\\n"\n',
    "endless lines to RCPT": 'at RCPT\n endless "550-more\\r\\n"\n',
    "endless lines to the message": 'at BODY\n endless "250-more\\r\\n"\n',
    "reset at the banner": "at CONNECT\n reset\n",
    "reset at EHLO": "at EHLO\n reset\n",
    "reset at MAIL": "at MAIL\n reset\n",
    "reset at RCPT": "at RCPT\n reset\n",
    "reset at DATA": "at DATA\n usual\n reset\n",
    "reset at the final dot": "at BODY\n reset\n",
}
KINDS = [pair for pairs in zip(SLOW.items(), list(BRIEF.items())) for pair in pairs] + list(BRIEF.items())[len(SLOW):]


def hostile_servers(box, host, count):
    """Starts so many; their addresses."""
    mount_build()
    ip("route", "add", "10.78.0.0/16", "via", host.ipv4)
    ip("-n", host.name, "route", "add", "local", "10.78.0.0/16", "dev", "lo")
    folder = box.path("hostile-scripts")
    addresses = [f"10.78.{n // 250}.{n % 250 + 1}" for n in range(count)]
    for n in range(count):
        (folder / f"h{n}.sink").write_text(KINDS[n % len(KINDS)][1])
    log = box.folder / "hostile-servers.log"
    where = [f"h{n}={address}:25" for n, address in enumerate(addresses)]
    # On a network they would not share this machine's processors.
    argv = ["sh", "-c", 'ulimit -n 20000; exec nice -n 19 "$@"', "sh", "/run/waypost-build/waypost-sink", "--script", folder, *where]
    process = box.start(host.command(argv), log.name)
    wait_until(lambda: log.read_text().count("listening ") == count or process.poll() is not None, 30, "the servers to listen")
    assert process.poll() is None, log.read_text()
    return addresses
