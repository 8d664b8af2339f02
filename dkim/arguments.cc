#include "dkim/arguments.h"

#include <getopt.h>

#include "dkim/key_folder.h"
#include "lib/mail/address.h"
#include "lib/mail/idna.h"
#include "lib/sys/text.h"

namespace waypost::dkim {
namespace {

enum Long : int { help = 256, keys, whole, expires, time_of, type, bits };

constexpr option kOptions[] = {
    {"help", no_argument, nullptr, help},          {"keys", required_argument, nullptr, keys},
    {"whole", no_argument, nullptr, whole},        {"expires", required_argument, nullptr, expires},
    {"time", required_argument, nullptr, time_of}, {"type", required_argument, nullptr, type},
    {"bits", required_argument, nullptr, bits},    {nullptr, 0, nullptr, 0}};

std::optional<Canonical> parse_canonical(std::string_view word) {
  if (word == "simple") return Canonical::simple;
  if (word == "relaxed") return Canonical::relaxed;
  return std::nullopt;
}

// RFC 6376 3.5: one word is the header's; the body is simple then.
Result<> take_canonical(std::string_view value, Manner& manner) {
  const auto header = parse_canonical(cut(value, '/'));
  const auto body = value.empty() ? Canonical::simple : parse_canonical(value);
  if (!header || !body) return fail("-c takes simple or relaxed, one or two with a slash");
  manner.header = *header;
  manner.body = *body;
  return {};
}

Result<> take_domain(std::string_view value, Arguments& arguments) {
  Result<std::string> domain = normal_domain(value);
  if (!domain) return std::unexpected(domain.error());
  if (domain->front() == '[') return fail("an address literal has no keys in the DNS");
  arguments.domain = std::move(*domain);
  return {};
}

Result<> take_selector(std::string_view value, Arguments& arguments) {
  std::string name = ascii_lower(cut(value, '='));
  if (!valid_selector(name))
    return fail(printable(name) + ": not a selector: letters, digits, - _ and dots between them");
  arguments.selectors.push_back({std::move(name), std::string(value)});
  return {};
}

Result<> take_number(const std::string& value, std::string_view what, std::uint64_t most,
                     std::optional<std::uint64_t>& number) {
  number = parse_number(value, most);
  if (!number || *number == 0) return fail(std::string(what) + " takes a number");
  return {};
}

Result<> take_option(int option, Arguments& arguments) {
  constexpr std::uint64_t kMostSeconds = 253'402'300'799; // the year 9999; RFC 6376 3.5: t=
  const std::string value = optarg == nullptr ? "" : optarg;
  switch (option) {
  case 'd': return take_domain(value, arguments);
  case 's': return take_selector(value, arguments);
  case 'c': return take_canonical(value, arguments.manner);
  case 'i': arguments.manner.identity = value; return {};
  case help: arguments.task = Arguments::Task::help; return {};
  case keys: arguments.keys = value; return {};
  case whole: arguments.whole = true; return {};
  case expires: return take_number(value, "--expires", kMostSeconds, arguments.manner.expires_s);
  case time_of: return take_number(value, "--time", kMostSeconds, arguments.time);
  case type:
    if (value != "rsa" && value != "ed25519") return fail("--type takes rsa or ed25519");
    arguments.type = value == "rsa" ? KeyType::rsa : KeyType::ed25519;
    return {};
  case bits: {
    const auto number = parse_number(value, Key::kMostBits);
    if (!number || *number < Key::kLeastBits) return fail("--bits takes 1024 to 4096");
    arguments.bits = static_cast<unsigned>(*number);
    return {};
  }
  default: return fail("an unknown option, or one without what it takes");
  }
}

Result<> take_operands(std::span<char* const> operands, Arguments& arguments) {
  if (operands.empty()) {
    if (arguments.selectors.empty()) return fail("-s SELECTOR is missing");
    return {};
  }
  const std::string_view verb = operands[0];
  if (verb != "keygen" && verb != "record") return fail("an unknown word: " + printable(verb));
  arguments.task = verb == "keygen" ? Arguments::Task::keygen : Arguments::Task::record;
  if (operands.size() != 3 || !arguments.selectors.empty() || !arguments.domain.empty())
    return fail(std::string(verb) + " takes DOMAIN SELECTOR");
  const Result<> domain = take_domain(operands[1], arguments);
  if (!domain) return domain;
  const Result<> selector = take_selector(operands[2], arguments);
  if (!selector) return selector;
  if (!arguments.selectors.front().file.empty())
    return fail(std::string(verb) + " takes a selector without a file");
  return {};
}

// Two signatures of one selector would say that its one record holds two keys.
Result<> check_selectors(const Arguments& arguments) {
  for (std::size_t i = 0; i < arguments.selectors.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (arguments.selectors[i].name == arguments.selectors[k].name)
        return fail("selector " + arguments.selectors[i].name + " stands twice");
  return {};
}

} // namespace

Result<Arguments> parse_arguments(int count, char** values) {
  Arguments arguments;
  opterr = 0;
  optind = 0; // anew, for tests
  for (;;) {
    const int option = ::getopt_long(count, values, "d:s:c:i:", kOptions, nullptr);
    if (option == -1) break;
    const Result<> taken = take_option(option, arguments);
    if (!taken) return std::unexpected(taken.error());
  }
  if (arguments.task == Arguments::Task::help) return arguments;
  const std::span<char* const> operands(values + optind, static_cast<std::size_t>(count - optind));
  const Result<> taken = take_operands(operands, arguments);
  if (!taken) return std::unexpected(taken.error());
  const Result<> checked = check_selectors(arguments);
  if (!checked) return std::unexpected(checked.error());
  return arguments;
}

} // namespace waypost::dkim
