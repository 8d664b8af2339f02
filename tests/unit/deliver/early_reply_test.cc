// A server that answers a message before its final dot: a 250 is no delivery, however the bytes are
// cut, and the dot is never sent; a refusal is one.

#include <criterion/criterion.h>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

// More than any socket's buffers hold: its end cannot have been sent before the server reads on.
const std::string& large_text() {
  static const std::string text = [] {
    std::string all = "Subject: large\r\n\r\n";
    for (int i = 0; i < 400'000; ++i)
      all += "0123456789012345678901234567890123456789012345678901234567890123\r\n";
    return all;
  }();
  return text;
}

struct Row {
  const char* what;
  std::vector<std::string> said; // after DATA, each in a write of its own
  bool large;                    // the last of these comes when the message has begun
  const char* outcome;
};

const std::vector<Row> kRows = {
    {"in one packet with the 354", {"354 go on\r\n250 taken\r\n"}, false, "0:deferred:other"},
    {"its beginning with the 354", {"354 go on\r\n2", "50 taken\r\n"}, false, "0:deferred:other"},
    {"in a later packet", {"354 go on\r\n", "250 taken\r\n"}, true, "0:deferred:other"},
    {"in two later packets", {"354 go on\r\n", "25", "0 taken\r\n"}, true, "0:deferred:other"},
    {"byte by byte",
     {"354 go on\r\n", "2", "5", "0", " ", "x", "\r", "\n"},
     true,
     "0:deferred:other"},
    {"in two lines",
     {"354 go on\r\n", "250-taken\r\n", "250 really\r\n"},
     true,
     "0:deferred:other"},
    {"a second 354", {"354 go on\r\n", "354 go on\r\n"}, true, "0:deferred:other"},
    {"a refusal in one packet",
     {"354 go on\r\n552 5.3.4 too big\r\n"},
     false,
     "0:failed:552:content"},
    {"a refusal later", {"354 go on\r\n", "552 5.3.4 too big\r\n"}, true, "0:failed:552:content"},
    {"421 later", {"354 go on\r\n", "421 4.3.2 going down\r\n"}, true, "0:deferred:421:other"},
};

// Says all that belongs behind DATA, and reads on until the sender hangs up.
void answer_early(Script& peer, const Row& row) {
  peer.answer("250 ok\r\n");
  peer.answer("250 ok\r\n");
  peer.hear(); // DATA
  for (std::size_t i = 0; i < row.said.size(); ++i) {
    if (i == 1 && row.large) peer.hear(); // the message's first line
    peer.say(row.said[i]);
  }
  cr_expect(!peer.hear_rest(), "%s: the final dot was sent", row.what);
}

std::vector<JobResult> sent(const Row& row, const Transport& transport) {
  Letter letter;
  if (row.large) letter.text = large_text();
  return Delivery::of(letter, transport);
}

void expect(const Row& row, const std::vector<JobResult>& results) {
  cr_expect(summary(results) == row.outcome, "%s: %s", row.what, summary(results).c_str());
  cr_assert(!results.empty(), "%s", row.what);
  const std::string& reply = results.back().transaction.groups.front().outcome.reply;
  cr_expect(reply.find("may have been delivered") == std::string::npos, "%s: %s", row.what,
            reply.c_str());
}

} // namespace

Test(early_reply, in_clear_text, .timeout = 120) {
  for (const Row& row : kRows) {
    ScriptedServer server({[&](Script& peer) {
      peer.greet();
      answer_early(peer, row);
    }});
    expect(row, sent(row, smarthost(server.port())));
  }
}

Test(early_reply, through_tls, .timeout = 120) {
  for (const Row& row : kRows) {
    ScriptedServer server({[&](Script& peer) {
      peer.greet("250-test\r\n250 STARTTLS\r\n");
      peer.answer("220 go\r\n");
      peer.start_tls();
      peer.answer("250-test\r\n250 PIPELINING\r\n");
      answer_early(peer, row);
    }});
    Transport transport = smarthost(server.port());
    transport.tls = TlsPolicy::required;
    expect(row, sent(row, transport));
  }
}
