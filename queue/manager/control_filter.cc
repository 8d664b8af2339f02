#include "queue/manager/control_filter.h"

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

bool same(const std::optional<std::string>& wanted, std::string_view found) {
  return !wanted || equal_ignoring_case(*wanted, found);
}

} // namespace

Result<ControlFilter> ControlFilter::parse(const Record& request) {
  ControlFilter filter;
  for (std::size_t i = 0; i < request.size(); ++i) {
    const auto [key, value] = request.field(i);
    const std::string text(value);
    if (key == "id") {
      if (!MessageId::parse(value)) return fail("no message has the name " + printable(value));
      filter.ids_.push_back(text);
    } else if (key == "from") {
      filter.from_ = text == "<>" ? std::string() : text;
    } else if (key == "to") {
      filter.to_ = text;
    } else if (key == "domain") {
      filter.domain_ = text;
    } else if (key == "account") {
      filter.account_ = text;
    } else if (key == "transport") {
      filter.transport_ = text;
    } else if (key == "class") {
      if (!parse_failure_class(value))
        return fail("no such class: " + printable(value) +
                    "; there are blocked, greylisted, rate, auth, tls, unreachable, dns, mailbox, "
                    "content and other");
      filter.class_ = text;
    } else if (key == "held") {
      filter.held_ = text == "1";
    } else if (key == "older") {
      const auto seconds = parse_number(value, 10ULL * 365 * 86'400);
      if (!seconds) return fail("older: not a number of seconds");
      filter.older_s_ = *seconds;
    } else if (key != "command") {
      return fail("no such filter: " + std::string(key));
    }
  }
  return filter;
}

bool ControlFilter::matches_message(const MessageView& view, const std::string& account,
                                    WallUs now) const {
  if (!same(from_, view.sender().sender.text()) || !same(account_, account)) return false;
  if (held_ && !view.facts().held) return false;
  return older_s_ == 0 || now - view.head().arrival_us >= static_cast<WallUs>(older_s_) * 1'000'000;
}

bool ControlFilter::asks_of_recipients() const {
  return to_ || domain_ || transport_ || class_;
}

bool ControlFilter::matches(const RecipientView& one) const {
  return same(to_, one.recipient.address.text()) && same(domain_, one.recipient.address.domain()) &&
         same(transport_, one.progress.transport) && same(class_, name(one.progress.last.klass));
}

} // namespace waypost::queue
