"""Real SOCKS5 proxies for the tests, out of the private Debian root: microsocks and Dante, each on a host of its own.

A server behind them sees the proxy's address, and says so in its own log.
"""

import crypt

from peers import Machine

PORT = 1080

DANTE_CONF = """
logoutput: stderr
internal: {address} port = {port}
external: eth0
external.rotation: route
clientmethod: none
socksmethod: {method}
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0/0 to: 0/0 }}
socks pass {{ from: 0/0 to: 0/0 command: connect }}
"""


class Proxy:
    """login: (user, password), without which nobody is served. resolver: for names that the proxy looks up."""

    def __init__(self, box, host, login=None, resolver=None):
        self.host = host
        self.address = f"{host.ipv4}:{PORT}"
        self._machine = Machine(box, host)
        if resolver:
            (self._machine.root / "etc/resolv.conf").unlink(missing_ok=True)
            self._machine.write("etc/resolv.conf", f"nameserver {resolver}\n")
        self._login = login

    def start(self):
        self._machine.start(self._argv())
        self._machine.wait_for_listener(PORT)
        return self


class Microsocks(Proxy):
    """Says 0x00 for the address that it connects from, whatever that is."""

    def _argv(self):
        login = ["-u", self._login[0], "-P", self._login[1]] if self._login else []
        return ["/usr/bin/microsocks", "-i", self.host.ipv4, "-p", str(PORT), *login]


class Dante(Proxy):
    """Says the address that it connects from."""

    def _argv(self):
        method = "username" if self._login else "none"
        self._machine.write("etc/danted.conf", DANTE_CONF.format(address=self.host.ipv4, port=PORT, method=method))
        if self._login:
            user, password = self._login
            with open(self._machine.root / "etc/passwd", "a", encoding="ascii") as passwd:
                passwd.write(f"{user}:x:5001:5001::/:/bin/false\n")
            with open(self._machine.root / "etc/shadow", "a", encoding="ascii") as shadow:
                shadow.write(f"{user}:{crypt.crypt(password, crypt.METHOD_SHA512)}:19000:0:99999:7:::\n")
        return ["/usr/sbin/danted", "-f", "/etc/danted.conf"]
