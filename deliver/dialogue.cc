#include "deliver/dialogue.h"

#include "deliver/reply_words.h"

namespace waypost::deliver {
namespace {

using net::Task;

constexpr std::size_t kFlight = 16384;
// For what a server may have said before it stopped reading.
constexpr std::uint64_t kLastWordsMs = 1000;

// Why there was no reply: a server that reads too slowly could not give one.
Error cause(const Result<>& sent, const Result<Reply>& reply) {
  return !sent && sent.error().code == ETIMEDOUT ? sent.error() : reply.error();
}

} // namespace

Dialogue::Dialogue(Connection& peer, const Transport& transport, const Job& job, int message,
                   std::vector<std::size_t> recipients)
    : peer_(peer),
      transport_(transport),
      job_(job),
      body_(job, message, transport.dkim),
      recipients_(std::move(recipients)),
      verdicts_(recipients_.size()),
      accepted_(recipients_.size()),
      too_many_(recipients_.size()),
      reused_(peer.transactions > 0) {}

Task<Verdicts> Dialogue::run() {
  refuse_unsuitable();
  list_commands();
  if (commands_.empty()) co_return conclude();
  ++peer_.transactions;
  peer_.bound_by(transport_.timeouts.whole_transaction_ms(body_.size(), recipients_.size()));
  co_await send_envelope();
  const bool go_ahead = data_reply_ && data_reply_->code == 354;
  if (go_ahead && accepted_count_ == 0) {
    if (peer_.usable()) {
      co_await send_lone_dot();
    }
  } else if (go_ahead && !trouble_) {
    co_await send_body();
  }
  peer_.unbound();
  co_return conclude();
}

// As many commands as may leave together, from `first` on.
std::size_t Dialogue::flight_end(std::size_t first) const {
  if (!peer_.offered.pipelining) return first + 1;
  std::size_t bytes = 0;
  std::size_t end = first;
  while (end < commands_.size() && (end == first || bytes < kFlight))
    bytes += commands_[end++].line.size();
  return end;
}

Task<> Dialogue::send_envelope() {
  for (std::size_t next = 0; next < commands_.size();) {
    const bool at_data = commands_[next].stage == Stage::data;
    if (mail_refused_ || (at_data && accepted_count_ == 0)) co_return;
    const std::size_t end = flight_end(next);
    std::string flight;
    for (std::size_t i = next; i < end; ++i)
      flight += commands_[i].line;
    // When the server has closed, its last replies may still be here to read. When it was we who
    // could not send, it waits for us: nothing more will come.
    const Result<> sent = co_await peer_.send(flight, transport_.timeouts.command_ms);
    for (; next < end; ++next) {
      const Command& command = commands_[next];
      const bool of_data = command.stage == Stage::data;
      const std::uint64_t patience =
          of_data ? transport_.timeouts.data_ms : transport_.timeouts.command_ms;
      const std::uint64_t wait = sent ? patience : kLastWordsMs;
      const Result<Reply> reply = co_await peer_.reply(wait);
      if (!reply) {
        trouble_ = missing_reply(command.stage, cause(sent, reply));
        co_return;
      }
      take_reply(command, *reply);
    }
  }
}

// RFC 2920 3.1: RCPT may all have been refused, and DATA answered with 354 all the same. An empty
// message to nobody ends that; never QUIT inside of data. Where a recipient was accepted behind a
// refused MAIL there may be somebody, and the connection has been given up.
Task<> Dialogue::send_lone_dot() {
  const std::string dot = ".\r\n";
  const Result<Reply> reply = co_await peer_.ask(dot, transport_.timeouts.final_ms);
  if (reply) peer_.open_transaction = false;
}

// What a server says before the final dot may be a refusal. A 250 is none of the message, which it
// has not seen: without the dot it cannot take it either.
Task<> Dialogue::send_body() {
  std::string block;
  bool more = true;
  bool spoken = false;
  Result<> sent;
  while (more && !spoken && sent) {
    block.clear();
    const Result<bool> filled = body_.fill(block);
    if (!filled) {
      trouble_ = own_trouble(filled.error().text);
      hopeless_ = true;
      peer_.give_up(); // without a final dot the server throws away what it has
      co_return;
    }
    more = *filled;
    spoken = peer_.has_spoken();
    if (!spoken) {
      sent = co_await peer_.send_message(block, transport_.timeouts.data_ms);
    }
  }
  const bool sent_all = sent && !spoken;
  // RFC 5321 4.5.3.2.6: that wait is bound by nothing else, or a message would be sent twice. A
  // server that closed early may have said why.
  peer_.unbound();
  const std::uint64_t wait = sent_all ? transport_.timeouts.final_ms : kLastWordsMs;
  Result<Reply> reply = co_await peer_.reply(wait);
  if (!reply) reply = std::unexpected(cause(sent, reply));
  if (!sent_all) peer_.give_up();
  take_final_reply(reply, sent_all);
}

} // namespace waypost::deliver
