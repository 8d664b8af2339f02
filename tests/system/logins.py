"""Servers that demand a login, with one user, and what waypost needs to log in there."""

import re

from peers import Postfix
from sandbox import wait_until

PASSWORD = "canary-7f3a9c-pencil"
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")

DOVECOT_CONF = """
protocols =
base_dir = /run/dovecot
log_path = /var/log/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
passdb {
  driver = passwd-file
  args = /etc/dovecot/users
}
# No waiting for who has given a wrong password before.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0666
  }
}
"""

# Mail is taken only from who has logged in.
POSTFIX_SASL = """
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_security_options = noanonymous
smtpd_tls_security_level = may
smtpd_tls_chain_files = /etc/postfix/chain.pem
smtpd_relay_restrictions = permit_sasl_authenticated, reject
"""


# Cyrus SASL within smtpd, and its own database of users.
POSTFIX_CYRUS = POSTFIX_SASL.replace("smtpd_sasl_type = dovecot\nsmtpd_sasl_path = private/auth",
                                     "smtpd_sasl_type = cyrus\nsmtpd_sasl_path = smtpd\nsmtpd_sasl_local_domain = relay.test")
CYRUS_CONF = """pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
"""
SASLDB = "/etc/sasldb2"


class PostfixWithLogin(Postfix):
    """Postfix that takes mail from who has logged in; one user, "user"."""

    SETTINGS = POSTFIX_SASL

    def __init__(self, box, host, authority):
        key, certificate = authority.issue(f"{host.name}.test")
        super().__init__(box, host, self.SETTINGS, {"chain.pem": key.read_text() + certificate.read_text()})

    def logins(self, count=0):
        """(mechanism, user) of each message's login, in order, once there are so many."""
        def found():
            return re.findall(r"sasl_method=([\w-]+), sasl_username=(\w+)", self.log())

        wait_until(lambda: len(found()) >= count, 15, f"{count} logins in Postfix's log")
        return found()


class PostfixWithCyrus(PostfixWithLogin):
    """Its logins are checked by Cyrus SASL."""

    SETTINGS = POSTFIX_CYRUS

    def start(self):
        (self._machine.root / "etc/postfix/sasl").mkdir(exist_ok=True)
        self._machine.write("etc/postfix/sasl/smtpd.conf", CYRUS_CONF)
        self._machine.run(["/bin/sh", "-c", f"printf %s {PASSWORD} | saslpasswd2 -c -p -u relay.test user"])
        # smtpd runs in a root of its own.
        self._machine.run(["/bin/sh", "-c", f"chown postfix {SASLDB} && cp -a {SASLDB} /var/spool/postfix/etc/"])
        super().start()


class PostfixWithDovecot(PostfixWithLogin):
    """Its logins are checked by Dovecot."""

    @staticmethod
    def configuration():
        return DOVECOT_CONF

    def start(self):
        self._machine.write("etc/dovecot/dovecot.conf", self.configuration())
        self._machine.write("etc/dovecot/users", f"user:{{PLAIN}}{PASSWORD}\n")
        self._machine.start(["/usr/sbin/dovecot", "-F"])
        socket = self._machine.root / "var/spool/postfix/private/auth"
        wait_until(socket.exists, 15, "Dovecot to listen for Postfix")
        super().start()


def submission(name, authority, *lines, host="relay.test"):
    return (f'[transport."{name}"]\ntype = "submission"\nhost = "{host}"\nport = 25\nca = "{authority.certificate}"\n'
            'user = "user"\ncredential = "secret"\n' + "\n".join(lines) + "\n")


def route(name, *lines):
    return f'[[route]]\ntransport = "{name}"\n' + "\n".join(lines) + "\n"


def add_credential(waypost, password, name="secret"):
    done = waypost.run(["waypost", "credential", "add", name], stdin=password.encode() + b"\n")
    assert done.returncode == 0, done.stderr.decode()
