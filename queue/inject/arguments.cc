#include "queue/inject/arguments.h"

#include "lib/sys/text.h"
#include "queue/inject/option_values.h"
#include "queue/inject/options.h"

namespace waypost::queue {
namespace {

using Rest = std::span<const char* const>;

std::string_view take_next(Rest& rest) {
  const std::string_view value = rest.front();
  rest = rest.subspan(1);
  return value;
}

void set_setting(Arguments& to, std::string_view value, Rest& rest) {
  if (value.starts_with('i')) to.ignore_dots = true;
  if (value == "v") to.verbose = true;
  if (!rest.empty() && setting_takes_next(value, rest.front())) take_next(rest);
}

// -qI and its kin: Exim takes the value from the next argument as well.
Result<> set_flush(Arguments& to, std::string_view attached, Rest& rest) {
  const bool wants = attached == "I" || attached == "R" || attached == "S";
  const bool there = !rest.empty() && !std::string_view(rest.front()).starts_with('-');
  if (!wants || !there) return set_flush(to, attached);
  const std::string_view value = take_next(rest);
  return set_flush(to, std::string(attached) + std::string(value));
}

Result<> set(Arguments& to, Meaning meaning, std::string_view value, Rest& rest) {
  switch (meaning) {
  case Meaning::ignored: return {};
  case Meaning::body: return set_body(to, value);
  case Meaning::envid: return set_envid(to, value);
  case Meaning::flush: return set_flush(to, value, rest);
  case Meaning::from_header: to.from_header = true; return {};
  case Meaning::full_name: to.full_name = value; return {};
  case Meaning::gateway: to.gateway = true; return {};
  case Meaning::ignore_dots: to.ignore_dots = true; return {};
  case Meaning::label: to.label = value; return {};
  case Meaning::log_or_verp:
    return value.starts_with('V') ? set_verp(to, value.substr(1)) : Result<>();
  case Meaning::mode: return set_mode(to, value);
  case Meaning::newaliases: to.mode = InjectMode::newaliases; return {};
  case Meaning::notify: return set_notify(to, value);
  case Meaning::ret: return set_return(to, value);
  case Meaning::sender: to.sender = value; return {};
  case Meaning::setting: set_setting(to, value, rest); return {};
  case Meaning::verbose: to.verbose = true; return {};
  }
  return {};
}

// One argument that begins with '-': a group of flags, the last of which may take a value, attached
// or in the next argument.
Result<> take_group(Arguments& to, std::string_view group, Rest& rest) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    const OptionRow* const row = find_option(group[i]);
    if (row == nullptr) {
      const std::string within = i == 0 && group.size() == 1 ? "" : " in -" + printable(group);
      return fail("unknown option -" + printable(group.substr(i, 1)) + within);
    }
    const std::string_view attached = group.substr(i + 1);
    if (row->takes == Takes::nothing) {
      const Result<> flag = set(to, row->meaning, {}, rest);
      if (!flag) return flag;
      continue;
    }
    if (row->takes == Takes::attached || !attached.empty())
      return set(to, row->meaning, attached, rest);
    if (rest.empty()) return fail("option -" + std::string(1, row->letter) + " needs a value");
    const std::string_view value = take_next(rest);
    return set(to, row->meaning, value, rest);
  }
  return {};
}

// Whoever gives a mode a recipient expects that a message is sent, and it would not be.
Result<> check_together(const Arguments& arguments) {
  switch (arguments.mode) {
  case InjectMode::deliver: return {};
  case InjectMode::explain:
    return arguments.from_header ? fail("-t cannot be used with -bv and -bt") : Result<>();
  case InjectMode::list:
  case InjectMode::newaliases:
  case InjectMode::flush:
  case InjectMode::smtp:
  case InjectMode::nothing: break;
  }
  if (arguments.from_header) return fail("-t can be used only to hand in a message");
  if (!arguments.recipients.empty())
    return fail("no recipient is taken here: " + printable(arguments.recipients.front()));
  return {};
}

} // namespace

Result<Arguments> parse_arguments(std::string_view program, Rest arguments) {
  Arguments parsed;
  if (program == "mailq") parsed.mode = InjectMode::list;
  if (program == "newaliases") parsed.mode = InjectMode::newaliases;
  bool options = true;
  while (!arguments.empty()) {
    const std::string_view one = take_next(arguments);
    if (options && one == "--") {
      options = false;
    } else if (options && one.size() > 1 && one.front() == '-') {
      const Result<> taken = take_group(parsed, one.substr(1), arguments);
      if (!taken) return std::unexpected(taken.error());
    } else {
      parsed.recipients.emplace_back(one);
    }
  }
  const Result<> fits = check_together(parsed);
  if (!fits) return std::unexpected(fits.error());
  return parsed;
}

} // namespace waypost::queue
