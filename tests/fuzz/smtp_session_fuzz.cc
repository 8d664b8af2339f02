// A client that says anything: every reply is one, nothing but whole messages with valid envelopes
// reaches the queue, none of them has a CR alone, nor an LF of a stranger, without RELAYCLIENT none
// goes to anybody but the postmaster and who is here, and a limit ends the rest. The first byte
// chooses who the client is, and whether it is known who is here.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "lib/mail/envelope.h"
#include "smtpd/session.h"

namespace {

using namespace waypost;
using namespace waypost::smtpd;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Recipients final : EnvelopeSink {
  Result<> on_sender(const EnvelopeSender& sender) override {
    require(sender.login.empty() && sender.peer.empty());
    return {};
  }
  Result<> on_recipient(const EnvelopeRecipient& recipient) override {
    const std::string to = recipient.address.text();
    if (!relay) require(to == "pm@out.test" || (local && to.starts_with("h")));
    return {};
  }
  bool relay = false;
  bool local = false;
};

// By the first letter.
struct Names final : LocalNames {
  Standing find(const Address&, const Address& recipient) override {
    switch (recipient.text().front()) {
    case 'h': return Standing::here;
    case 'n': return Standing::nobody;
    case 'u': return Standing::unknown;
    default: return Standing::elsewhere;
    }
  }
};

struct Queue final : QueueDoor {
  Result<> open() override {
    require(!open_);
    open_ = true;
    message_.clear();
    return {};
  }
  void message(std::string_view bytes) override {
    require(open_);
    message_ += bytes;
  }
  int finish(std::string_view envelope) override {
    require(open_);
    open_ = false;
    EnvelopeParser parser(recipients);
    require(parser.feed(envelope).value_or(false));
    require(message_.empty() || message_.ends_with("\r\n"));
    for (std::size_t i = 0; i < message_.size(); ++i) {
      if (message_[i] == '\n') require(recipients.relay || (i > 0 && message_[i - 1] == '\r'));
      if (message_[i] == '\r') require(i + 1 < message_.size() && message_[i + 1] == '\n');
    }
    return 0;
  }
  void abandon() override {
    require(open_);
    open_ = false;
  }
  Recipients recipients;

private:
  bool open_ = false;
  std::string message_;
};

struct Time final : Clock {
  [[nodiscard]] WallUs wall_us() const override { return 1'795'348'020'000'000; }
  [[nodiscard]] BootMs boot_ms() const override { return 1'000'000; }
};

void check_replies(std::string_view replies) {
  while (!replies.empty()) {
    const std::size_t end = replies.find("\r\n");
    require(end != std::string_view::npos && end >= 4);
    const std::string_view line = replies.substr(0, end);
    require(line[0] >= '2' && line[0] <= '5' && (line[3] == ' ' || line[3] == '-'));
    require(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    replies.remove_prefix(end + 2);
  }
}

std::string run(std::string_view bytes, const Client& client, bool local, std::size_t step) {
  Policy policy;
  policy.hostname = "out.test";
  policy.postmaster = "pm@out.test";
  policy.size_max = 4000;
  Queue queue;
  queue.recipients.relay = client.relay.has_value();
  queue.recipients.local = local;
  const Time time;
  Names names;
  Session session(policy, client, queue, time, local ? &names : nullptr);
  session.greet();
  while (!bytes.empty() && !session.ended()) {
    session.take(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
  check_replies(session.replies());
  return std::exchange(session.replies(), "");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  Client client;
  client.network = (bytes[0] & 1) != 0;
  client.ip = client.network ? "192.0.2.1" : "";
  if ((bytes[0] & 2) != 0) client.relay = (bytes[0] & 4) != 0 ? ".suffix" : "";
  const bool local = (bytes[0] & 8) != 0;
  const std::string at_once = run(text, client, local, size);
  // From the network it matters what comes with a command: RFC 2920.
  if (!client.network)
    require(run(text, client, local, 3) == at_once);
  else
    run(text, client, local, 3);
  return 0;
}
