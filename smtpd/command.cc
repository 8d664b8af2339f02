#include "smtpd/command.h"

#include <algorithm>
#include <array>

#include "lib/sys/text.h"

namespace waypost::smtpd {
namespace {

enum class Argument : std::uint8_t { none, optional, required, from, to };

struct Row {
  std::string_view name;
  Verb verb;
  Argument argument;
};

constexpr std::array kRows{
    Row{"EHLO", Verb::ehlo, Argument::required},
    Row{"HELO", Verb::helo, Argument::required},
    Row{"MAIL", Verb::mail, Argument::from},
    Row{"RCPT", Verb::rcpt, Argument::to},
    Row{"DATA", Verb::data, Argument::none},
    Row{"RSET", Verb::rset, Argument::none},
    Row{"NOOP", Verb::noop, Argument::optional}, // RFC 5321 4.1.1.9
    Row{"HELP", Verb::help, Argument::optional},
    Row{"VRFY", Verb::vrfy, Argument::required},
    Row{"EXPN", Verb::expn, Argument::required},
    Row{"QUIT", Verb::quit, Argument::none},
    // The place of AUTH (RFC 4954), STARTTLS (RFC 3207) and BDAT (RFC 3030), when they come.
    Row{"AUTH", Verb::not_implemented, Argument::optional},
    Row{"STARTTLS", Verb::not_implemented, Argument::optional},
    Row{"BDAT", Verb::not_implemented, Argument::optional},
    Row{"ETRN", Verb::not_implemented, Argument::optional},
    Row{"TURN", Verb::not_implemented, Argument::optional},
    Row{"SEND", Verb::not_implemented, Argument::optional},
    Row{"SOML", Verb::not_implemented, Argument::optional},
    Row{"SAML", Verb::not_implemented, Argument::optional},
    Row{"GET", Verb::other_protocol, Argument::optional},
    Row{"POST", Verb::other_protocol, Argument::optional},
    Row{"PUT", Verb::other_protocol, Argument::optional},
    Row{"HEAD", Verb::other_protocol, Argument::optional},
    Row{"OPTIONS", Verb::other_protocol, Argument::optional},
    Row{"CONNECT", Verb::other_protocol, Argument::optional},
    Row{"HOST:", Verb::other_protocol, Argument::optional},
};

// "FROM:" or "TO:"; spaces before and behind the colon are none of RFC 5321's, and common.
bool take_word(std::string_view& rest, std::string_view word) {
  if (rest.size() < word.size() || !equal_ignoring_case(rest.substr(0, word.size()), word))
    return false;
  std::string_view behind = trim(rest.substr(word.size()));
  if (!behind.starts_with(':')) return false;
  rest = trim(behind.substr(1));
  return true;
}

bool fits(Argument wanted, std::string_view& argument) {
  switch (wanted) {
  case Argument::none: return argument.empty();
  case Argument::optional: return true;
  case Argument::required: return !argument.empty();
  case Argument::from: return take_word(argument, "FROM");
  case Argument::to: return take_word(argument, "TO");
  }
  return false;
}

} // namespace

Command parse_command(std::string_view line) {
  // RFC 5321 4.1.1: white space before the line's end is tolerated.
  std::string_view rest = trim(line);
  const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  const std::string_view name = rest.substr(0, end);
  const auto* const row = std::ranges::find_if(
      kRows, [name](const Row& known) { return equal_ignoring_case(known.name, name); });
  Command command;
  command.argument = trim(rest.substr(end));
  if (row == kRows.end()) return command;
  command.verb = row->verb;
  command.well_formed = fits(row->argument, command.argument);
  return command;
}

} // namespace waypost::smtpd
