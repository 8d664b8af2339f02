"""The process that has TLS ready costs memory: it ends a minute after it was last asked for a sender, and comes again."""

import time

import certificates
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import Waypost, new_message

KEPT = 60  # seconds: Template::kKeepTlsMs


@time_limit(240)
def test_what_has_tls_ready_ends_a_minute_after_its_last_sender(box):
    authority = certificates.Authority(box.path("ca"))
    sink = Sink(Scenery(box).host("relay").listen(25), tls=certificates.server_context(*authority.issue("relay.test")))
    relay = ('[transport.relay]\ntype = "smtp"\nhost = "relay.test"\ntls = "verified"\n'
             f'ca = "{authority.certificate}"\n[[route]]\ntransport = "relay"\n')
    waypost = Waypost(box, tables=relay).start()
    first = time.monotonic()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1)
    ready = waypost.named("waypost-tls")[0]
    wait_until(lambda: ready not in waypost.named("waypost-tls"), 3 * KEPT, "the process that has TLS ready to end")
    assert time.monotonic() - first >= KEPT, "it ended early"
    waypost.wait_for_empty_queue()
    token, message = new_message()
    waypost.send(message, "bob@example.test")
    wait_until(lambda: any(token.encode() in one.data for one in sink.messages), 20, "mail by another such process")
    assert sink.messages[-1].tls
    assert waypost.named("waypost-tls") not in ([], [ready])
