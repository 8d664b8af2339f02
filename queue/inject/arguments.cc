#include "queue/inject/arguments.h"

#include <algorithm>

#include "lib/mail/xtext.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::string_view kFlags = "GUimntvx";
constexpr std::string_view kWithValue = "ABCDFLNORVXbefhopr";
constexpr std::string_view kAttachedValue = "dq"; // a value may be attached and never follows

Result<> set_mode(Arguments& to, std::string_view value) {
  if (value == "m") return {};
  if (value == "p") {
    to.mode = InjectMode::list;
    return {};
  }
  if (value == "i") {
    to.mode = InjectMode::newaliases;
    return {};
  }
  return fail("-b" + printable(value) + " is not supported; -bm, -bp and -bi are");
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

Result<> set(Arguments& to, char letter, std::string_view value) {
  switch (letter) {
  case 't': to.from_header = true; return {};
  case 'i': to.ignore_dots = true; return {};
  case 'o':
    if (value.starts_with('i')) to.ignore_dots = true;
    return {};
  case 'f':
  case 'r': to.sender = value; return {};
  case 'F': to.full_name = value; return {};
  case 'V': return set_envid(to, value);
  case 'N': return set_notify(to, value);
  case 'R': return set_return(to, value);
  case 'B': return set_body(to, value);
  case 'b': return set_mode(to, value);
  case 'q': return fail("-q is not supported: the queue runs by itself");
  default: return {};
  }
}

// One argument that begins with '-': a group of flags, the last of which may take a value, attached
// or in the next argument.
Result<> take_group(Arguments& to, std::string_view group, std::span<const char* const>& rest) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    const char letter = group[i];
    const std::string_view attached = group.substr(i + 1);
    if (kFlags.find(letter) != std::string_view::npos) {
      const Result<> flag = set(to, letter, {});
      if (!flag) return flag;
      continue;
    }
    if (kAttachedValue.find(letter) != std::string_view::npos) return set(to, letter, attached);
    if (kWithValue.find(letter) == std::string_view::npos)
      return fail("unknown option -" + printable({&letter, 1}));
    if (!attached.empty()) return set(to, letter, attached);
    if (rest.empty()) return fail("option -" + std::string(1, letter) + " needs a value");
    const std::string_view value = rest.front();
    rest = rest.subspan(1);
    return set(to, letter, value);
  }
  return {};
}

} // namespace

Result<Arguments> parse_arguments(std::string_view program,
                                  std::span<const char* const> arguments) {
  Arguments parsed;
  if (program == "mailq") parsed.mode = InjectMode::list;
  if (program == "newaliases") parsed.mode = InjectMode::newaliases;
  bool options = true;
  while (!arguments.empty()) {
    const std::string_view one = arguments.front();
    arguments = arguments.subspan(1);
    if (options && one == "--") {
      options = false;
    } else if (options && one.size() > 1 && one.front() == '-') {
      const Result<> taken = take_group(parsed, one.substr(1), arguments);
      if (!taken) return std::unexpected(taken.error());
    } else {
      parsed.recipients.emplace_back(one);
    }
  }
  return parsed;
}

} // namespace waypost::queue
