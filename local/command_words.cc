// What a command is told of the message: its arguments and its environment.
#include <algorithm>
#include <string_view>

#include "lib/mail/alias_file.h"
#include "local/command.h"

namespace waypost::local {
namespace {

// As Postfix's local(8) has it for what comes from outside.
constexpr std::string_view kHarmless =
    "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

std::string harmless(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (kHarmless.find(c) == std::string_view::npos) c = '_';
  return made;
}

struct Named {
  std::string_view name;
  std::string value;
};

// user+detail
std::vector<Named> values_of(const LocalEnvelope& envelope) {
  const std::string local = unquoted_local_part(envelope.recipient.local());
  const std::size_t plus = local.find('+');
  const std::string detail = plus == std::string::npos ? std::string() : local.substr(plus + 1);
  return {{"{user}", local.substr(0, plus)},
          {"{sender}", envelope.sender.text()},
          {"{recipient}", envelope.recipient.text()},
          {"{local}", local},
          {"{domain}", std::string(envelope.recipient.domain())},
          {"{detail}", detail}};
}

} // namespace

Result<std::vector<std::string>> fill_in(const std::vector<std::string>& words,
                                         const LocalEnvelope& envelope) {
  const std::vector<Named> values = values_of(envelope);
  std::vector<std::string> filled;
  for (const std::string& word : words) {
    const auto value = std::ranges::find(values, word, &Named::name);
    if (value == values.end()) {
      filled.push_back(word);
      continue;
    }
    if (value->value.starts_with('-')) return fail("an address that begins with a hyphen");
    filled.push_back(value->value);
  }
  return filled;
}

std::vector<std::string> command_environment(const LocalEnvelope& envelope,
                                             char* const* inherited) {
  std::vector<std::string> all;
  for (; *inherited != nullptr; ++inherited) {
    const std::string_view one(*inherited);
    for (const std::string_view name :
         {"PATH=", "HOME=", "USER=", "LOGNAME=", "SHELL=", "WAYPOST_HOME="})
      if (one.starts_with(name)) all.emplace_back(one);
  }
  for (const Named& value : values_of(envelope)) {
    const std::string_view name = value.name;
    if (name == "{sender}") all.push_back("SENDER=" + harmless(value.value));
    if (name == "{recipient}") all.push_back("RECIPIENT=" + harmless(value.value));
    if (name == "{local}") all.push_back("LOCAL=" + harmless(value.value));
    if (name == "{domain}") all.push_back("DOMAIN=" + harmless(value.value));
    if (name == "{detail}") all.push_back("EXTENSION=" + harmless(value.value));
  }
  all.push_back("MESSAGE_ID=" + envelope.id);
  return all;
}

} // namespace waypost::local
