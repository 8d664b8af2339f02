// The message that an alias of several became: written as waypost-queue would, under its derived
// name.
#include "queue/manager/manager.h"

#include <algorithm>
#include <memory>

#include "queue/accept/message_writer.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;

Result<> copy_message(Fs& fs, const MessagePart& from, MessageWriter& to) {
  const auto bytes = std::make_unique_for_overwrite<char[]>(kPiece);
  for (std::uint64_t at = 0; at < from.length;) {
    const std::size_t want =
        static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, from.length - at));
    const Result<std::size_t> n = fs.read_at(from.fd, {bytes.get(), want}, from.offset + at);
    if (!n) return std::unexpected(n.error());
    if (*n == 0) return fail("the message ends early");
    const Result<> written = to.message({bytes.get(), *n});
    if (!written) return written;
    at += *n;
  }
  return {};
}

} // namespace

// Runs on a work thread.
// NOLINTNEXTLINE(readability-function-size): each part of a message by its name
Result<> Manager::create_child(const MessageId& id, const MessageHead& origin,
                               const MessagePart& message, const EnvelopeSender& sender,
                               const std::vector<EnvelopeRecipient>& recipients,
                               const std::string& before) {
  MessageWriter writer(fs_, box_, mode_);
  // It expires with the message that it came out of.
  const Origin from{origin.uid, origin.login, origin.peer, origin.arrival_us};
  Result<> done = writer.begin(id, from, {});
  if (done) done = writer.message(before);
  if (done) done = copy_message(fs_, message, writer);
  if (done) done = writer.sender(sender);
  for (const EnvelopeRecipient& one : recipients)
    if (done) done = writer.recipient(one);
  if (!done) return done;
  const Result<Committed> committed = writer.commit();
  if (!committed) return std::unexpected(committed.error());
  return *committed == Committed::existed ? make_durable(id) : Result<>();
}

std::vector<MessageId> Manager::waiting_for(const MessageId& origin) const {
  const auto at = parked_.find(origin);
  return at == parked_.end() ? std::vector<MessageId>() : at->second;
}

} // namespace waypost::queue
