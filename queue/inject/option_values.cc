#include "queue/inject/option_values.h"

#include <algorithm>

#include "lib/mail/xtext.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

// Postfix and Exim look at the first letter, and so does who writes -bpu or -bdf.
Result<> set_mode(Arguments& to, std::string_view value) {
  switch (value.empty() ? '\0' : value.front()) {
  case 'm': to.mode = InjectMode::deliver; return {};
  case 'p': to.mode = InjectMode::list; return {};
  case 'i': to.mode = InjectMode::newaliases; return {};
  case 'v':
  case 't': to.mode = InjectMode::explain; return {};
  case 's': to.mode = InjectMode::smtp; return {};
  case 'h':
  case 'H': to.mode = InjectMode::nothing; return {};
  case 'd':
  case 'D':
  case 'l':
    return fail("-b" + printable(value) +
                ": no daemon is started here; waypost-start, under a supervisor such as systemd, "
                "runit or s6, keeps the queue going");
  default: return fail("-b" + printable(value) + " is not supported; -bm, -bp, -bi, -bv, -bt are");
  }
}

Result<> set_notify(Arguments& to, std::string_view value) {
  const auto notify = Notify::parse(value);
  if (!notify) return fail("-N takes never, or a list of success, failure and delay");
  to.notify = *notify;
  return {};
}

Result<> set_return(Arguments& to, std::string_view value) {
  if (equal_ignoring_case(value, "full")) {
    to.ret = DsnReturn::full;
  } else if (equal_ignoring_case(value, "hdrs")) {
    to.ret = DsnReturn::headers;
  } else {
    return fail("-R takes full or hdrs");
  }
  return {};
}

Result<> set_body(Arguments& to, std::string_view value) {
  if (equal_ignoring_case(value, "7BIT")) {
    to.body = BodyType::seven_bit;
  } else if (equal_ignoring_case(value, "8BITMIME")) {
    to.body = BodyType::eight_bit_mime;
  } else {
    return fail("-B takes 7BIT or 8BITMIME");
  }
  return {};
}

// RFC 3461 4.4: printable ASCII, as xtext at most 100 characters. It is given in clear here, as
// Postfix takes it, so that no script has to know xtext.
Result<> set_envid(Arguments& to, std::string_view value) {
  constexpr std::size_t kMost = 100;
  std::string envid = encode_xtext(value);
  const auto visible = [](char c) { return c >= ' ' && c < 0x7F; };
  if (value.empty() || envid.size() > kMost || !std::ranges::all_of(value, visible))
    return fail("-V takes up to 100 printable ASCII characters, of which a space, + or = is three");
  to.envid = std::move(envid);
  return {};
}

// -XV, -XVxy. Other characters than Postfix takes would not come back from every server.
Result<> set_verp(Arguments& to, std::string_view delimiters) {
  constexpr std::string_view kTaken = "-=+";
  to.verp.emplace();
  if (delimiters.empty()) return {};
  if (delimiters.size() != 2 || delimiters.find_first_not_of(kTaken) != std::string_view::npos)
    return fail("-XV takes two characters of - = and +");
  to.verp = VerpDelimiters{delimiters[0], delimiters[1]};
  return {};
}

// An empty -qI, -qR or -qS is told apart from -q by the caller, who knows the next argument.
Result<> set_flush(Arguments& to, std::string_view value) {
  to.mode = InjectMode::flush;
  if (value.empty()) return {};
  if (digit(value.front())) { // how often a daemon shall look
    to.mode = InjectMode::nothing;
    return {};
  }
  const std::string_view rest = value.substr(1);
  switch (value.front()) {
  case 'I': to.flush = {Flush::What::id, std::string(rest)}; break;
  case 'R': to.flush = {Flush::What::recipient, std::string(rest)}; break;
  case 'S': to.flush = {Flush::What::sender, std::string(rest)}; break;
  case 'f':
  case 'i':
  case 'l':
  case 'q':
  case 'p': return {}; // Exim's and Sendmail's ways to run the whole queue
  default: return fail("-q" + printable(value) + " is not supported; -q, -qI, -qR and -qS are");
  }
  if (rest.empty()) return fail("-q" + std::string(1, value.front()) + " needs a value");
  return {};
}

bool setting_takes_next(std::string_view setting, std::string_view next) {
  if (setting == "B") return !next.empty() && std::ranges::all_of(next, digit);
  const bool one = setting == "A" || setting == "P" || setting == "X";
  return one || (setting.size() >= 2 && setting.front() == 'M');
}

} // namespace waypost::queue
