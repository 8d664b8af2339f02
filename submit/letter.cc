#include "submit/letter.h"

#include <algorithm>

namespace waypost::submit {
namespace {

constexpr std::size_t kNobody = SIZE_MAX;

Outcome nobody_gets_it(const std::string& why) {
  Outcome outcome;
  outcome.disposition = Disposition::failed;
  outcome.klass = FailureClass::mailbox;
  outcome.reply = why;
  return outcome;
}

} // namespace

Address whole_sender(const Address& sender, const SubmitConfig& config) {
  if (sender.null() || !sender.domain().empty()) return sender;
  const std::string whole =
      config.from.empty() ? sender.text() + "@" + config.settings.hostname : config.from;
  return Address::parse(whole).value_or(sender);
}

Result<Address> whole_recipient(const Address& recipient, const SubmitConfig& config) {
  if (!recipient.domain().empty()) return recipient;
  if (!config.local_mail.empty()) return Address::parse(config.local_mail);
  return fail("it is a local name, and " + config.settings.source +
              " does not say who gets its mail; write local_mail = \"YOU@YOUR.DOMAIN\" there");
}

Letter letter_of(const SavedMessage& message, const SubmitConfig& config, bool eight_bit) {
  Letter letter;
  const SavedHead& head = message.head();
  Job& job = letter.job;
  job.transport = config.transport.name;
  job.sender = head.sender;
  job.sender.sender = whole_sender(head.sender.sender, config);
  job.offset = message.offset();
  job.length = message.length();
  job.eight_bit = eight_bit;
  for (const Address& one : head.recipients) {
    const Result<Address> whole = whole_recipient(one, config);
    letter.unsendable.emplace_back();
    letter.numbers.push_back(kNobody);
    if (!whole) {
      letter.unsendable.back() = nobody_gets_it(whole.error().text);
      continue;
    }
    const auto same = std::ranges::find_if(
        job.recipients, [&](const JobRecipient& its) { return its.recipient.address == *whole; });
    letter.numbers.back() = static_cast<std::size_t>(same - job.recipients.begin());
    if (same != job.recipients.end()) continue;
    const auto number = static_cast<std::uint32_t>(job.recipients.size());
    job.recipients.push_back({number, {*whole, head.notify, ""}});
  }
  return letter;
}

Result<bool> has_eight_bit(Fs& fs, const SavedMessage& message) {
  std::string block(std::size_t{64} << 10, '\0');
  for (std::uint64_t at = 0; at < message.length();) {
    const Result<std::size_t> got = fs.read_at(message.descriptor(), block, message.offset() + at);
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return fail("the saved message has become shorter");
    const auto read = std::string_view(block).substr(0, *got);
    const bool high =
        std::ranges::any_of(read, [](char c) { return static_cast<unsigned char>(c) > 127; });
    if (high) return true;
    at += *got;
  }
  return false;
}

} // namespace waypost::submit
