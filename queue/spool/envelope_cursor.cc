#include "queue/spool/envelope_cursor.h"

#include <algorithm>

namespace waypost::queue {
namespace {

constexpr std::size_t kBlock = 16 * 1024;

// Keeps what one parse of a sender and at most one recipient gave.
class Catch final : public EnvelopeSink {
public:
  Result<> on_sender(const EnvelopeSender& one) override {
    sender = one;
    return {};
  }
  Result<> on_recipient(const EnvelopeRecipient& one) override {
    recipient = one;
    return {};
  }
  EnvelopeSender sender;
  EnvelopeRecipient recipient;
};

// The grammar stands in one place, EnvelopeParser, which wants whole envelopes: one is made for it.
constexpr std::string_view kSomeSender("F\0", 2);
constexpr std::string_view kSomeRecipient("Tx\0", 3);

Result<> parse(Catch& into, std::string_view before, std::string_view fields,
               std::string_view after) {
  EnvelopeParser parser(into);
  for (const std::string_view part : {before, fields, after}) {
    const Result<bool> fed = parser.feed(part);
    if (!fed) return fail(fed.error().text);
  }
  return parser.finish();
}

} // namespace

EnvelopeCursor::EnvelopeCursor(const MessageFile& file)
    : file_(file),
      at_(file.head().envelope_offset()),
      end_(file.head().marks_offset()) {}

Result<> EnvelopeCursor::fill() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  const std::size_t have = buffer_.size();
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, end_ - at_));
  buffer_.resize(have + want);
  const Result<std::size_t> n = file_.read({buffer_.data() + have, want}, at_);
  buffer_.resize(have + n.value_or(0));
  if (!n) return std::unexpected(n.error());
  if (*n == 0) return fail("envelope: the file became shorter while it was read");
  at_ += *n;
  return {};
}

Result<bool> EnvelopeCursor::load() {
  while (!have_field_) {
    const std::size_t nul = buffer_.find('\0', taken_);
    if (nul != std::string::npos) {
      field_.assign(buffer_, taken_, nul + 1 - taken_);
      taken_ = nul + 1;
      have_field_ = true;
      break;
    }
    if (at_ == end_) {
      if (taken_ != buffer_.size()) return fail("envelope: the last field has no end");
      return false;
    }
    if (buffer_.size() - taken_ > EnvelopeParser::kMaxField)
      return fail("envelope: a field is longer than 2048 bytes");
    const Result<> filled = fill();
    if (!filled) return std::unexpected(filled.error());
  }
  return true;
}

Result<EnvelopeSender> EnvelopeCursor::sender() {
  std::string fields;
  while (true) {
    const Result<bool> more = load();
    if (!more) return std::unexpected(more.error());
    if (!*more || field_.front() == 'T') break;
    fields += field_;
    have_field_ = false;
  }
  Catch found;
  const Result<> parsed = parse(found, {}, fields, kSomeRecipient);
  if (!parsed) return std::unexpected(parsed.error());
  return std::move(found.sender);
}

Result<EnvelopeRecipient> EnvelopeCursor::recipient(std::uint32_t number) {
  std::string fields;
  while (true) {
    const Result<bool> more = load();
    if (!more) return std::unexpected(more.error());
    const bool begins = *more && field_.front() == 'T';
    if (!*more || (begins && !fields.empty())) break;
    if (begins && number_ == number)
      fields = field_;
    else if (begins)
      ++number_;
    else if (!fields.empty())
      fields += field_;
    have_field_ = false;
  }
  if (fields.empty()) return fail("envelope: it has fewer recipients than the head says");
  ++number_;
  Catch found;
  const Result<> parsed = parse(found, kSomeSender, fields, {});
  if (!parsed) return std::unexpected(parsed.error());
  return std::move(found.recipient);
}

} // namespace waypost::queue
