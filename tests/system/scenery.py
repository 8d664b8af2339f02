"""The stage most tests play on: a network, and a zone that names its hosts.

    example.test   MX mx1 (10.77.0.11)        two.test     MX mx2 (10.77.0.12)
    both.test      MX 10 mx1, 20 mx2          plain.test   no MX, an A record: mx1
    home.test      MX home (10.77.0.20), where notices go
    relay.test     A 10.77.0.30, a smarthost  other.test   A 10.77.0.31, another
    null.test      null MX                    broken.test  SERVFAIL for ever
    ghost.test     MX to a host without an address
"""

from network import Network
from peers import NameServer

ZONE = """
example.test. IN MX 10 mx1.example.test.
mx1.example.test. IN A 10.77.0.11
two.test. IN MX 10 mx2.two.test.
mx2.two.test. IN A 10.77.0.12
both.test. IN MX 10 mx1.example.test.
both.test. IN MX 20 mx2.two.test.
plain.test. IN A 10.77.0.11
home.test. IN MX 10 mail.home.test.
mail.home.test. IN A 10.77.0.20
relay.test. IN A 10.77.0.30
other.test. IN A 10.77.0.31
null.test. IN MX 0 .
ghost.test. IN MX 10 nowhere.ghost.test.
loop.test. IN MX 10 mx.loop.test.
mx.loop.test. IN A 127.0.0.1
six.test. IN MX 10 mx.six.test.
mx.six.test. IN AAAA fd77::11
"""

NUMBERS = {"mx1": 11, "mx2": 12, "home": 20, "relay": 30, "other": 31}


class Scenery:
    def __init__(self, box, zone=""):
        self.network = Network()
        self.dns = NameServer(box, self.network, ZONE + zone)
        self._hosts = {}

    def host(self, name):
        if name not in self._hosts:
            self._hosts[name] = self.network.host(name, NUMBERS[name])
        return self._hosts[name]
