"""`waypost kick` by somebody who has mended something: it is really tried, whatever is known of the destination."""

from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from waypost import Waypost, new_message

LATER = 'retry = ["1h", "1h", "1h"]\n'


def test_a_kick_tries_a_destination_that_is_known_to_fail(box):
    host = Scenery(box).host("mx1")  # where nobody listens
    waypost = Waypost(box, settings=LATER).start()
    tokens = []
    for _ in range(3):
        token, message = new_message()
        tokens.append(token.encode())
        waypost.send(message, "bob@example.test")

    def all_were_tried():
        rows = waypost.list()
        return len(rows) == 3 and all(row["recipients"][0]["attempts"] == 1 for row in rows)

    wait_until(all_were_tried, 20, "the first attempts")
    sink = Sink(host.listen(25))
    waypost.command("kick", "--all")
    wait_until(lambda: all(any(token in message.data for message in sink.messages) for token in tokens), 20, "all three")
    waypost.wait_for_empty_queue()
