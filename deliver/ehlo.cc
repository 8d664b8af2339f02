#include "deliver/ehlo.h"

#include "lib/mail/login.h"
#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

// RFC 9422 4: up to six digits, not beginning with 0. Whatever else is no limit.
void take_limit(std::uint32_t& limit, std::string_view value) {
  if (value.empty() || value.size() > 6 || value.front() == '0') return;
  limit = static_cast<std::uint32_t>(parse_number(value).value_or(limit));
}

void take_limits(Capabilities& offered, std::string_view words) {
  while (!words.empty()) {
    std::string_view word = cut(words, ' ');
    const std::string limit = ascii_lower(cut(word, '='));
    if (limit == "mailmax") take_limit(offered.mail_max, word);
    if (limit == "rcptmax") take_limit(offered.rcpt_max, word);
    if (limit == "rcptdomainmax") take_limit(offered.rcpt_domain_max, word);
  }
}

void take_mechanisms(Capabilities& offered, std::string_view words) {
  while (!words.empty() && offered.auth.size() < kMaxOfferedMechanisms) {
    const std::string_view word = cut(words, ' ');
    // RFC 4422 3.1: a mechanism's name has 20 characters at most.
    if (!word.empty() && word.size() <= 20) offered.auth.emplace_back(word);
  }
}

} // namespace

Capabilities capabilities_of(const Reply& ehlo) {
  Capabilities offered;
  std::string_view rest = ehlo.text;
  const std::string_view greeting = cut(rest, '\n');
  static_cast<void>(greeting);
  while (!rest.empty()) {
    std::string_view line = trim(cut(rest, '\n'));
    const std::string keyword = ascii_lower(cut(line, ' '));
    if (keyword == "pipelining") offered.pipelining = true;
    if (keyword == "8bitmime") offered.eight_bit_mime = true;
    if (keyword == "smtputf8") offered.smtputf8 = true;
    if (keyword == "starttls") offered.starttls = true;
    if (keyword == "dsn") offered.dsn = true;
    if (keyword == "limits") take_limits(offered, line);
    if (keyword == "auth") take_mechanisms(offered, line);
    if (keyword == "size") {
      offered.size = true;
      offered.size_limit = parse_number(trim(line)).value_or(0);
    }
  }
  return offered;
}

} // namespace waypost::deliver
