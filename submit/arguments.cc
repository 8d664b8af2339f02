#include "submit/arguments.h"

namespace waypost::submit {
namespace {

using What = SubmitArguments::What;

// Takes a long option off `rest`; false: it is none of ours.
Result<bool> take_own(SubmitArguments& to, std::span<const char* const>& rest) {
  const std::string_view word = rest.front();
  if (word == "--debug") {
    to.debug = true;
  } else if (word == "--resend") {
    to.what = What::resend;
  } else if (word == "--check") {
    to.what = What::check;
  } else if (word == "--help") {
    to.what = What::help;
  } else if (word.starts_with("--config=")) {
    to.config = word.substr(word.find('=') + 1);
  } else if (word == "--config") {
    if (rest.size() < 2) return fail("--config takes the name of a file");
    to.config = rest[1];
    rest = rest.subspan(1);
  } else {
    return false;
  }
  rest = rest.subspan(1);
  return true;
}

} // namespace

Result<SubmitArguments> parse_submit_arguments(std::string_view program,
                                               std::span<const char* const> arguments) {
  SubmitArguments parsed;
  std::vector<const char*> others;
  while (!arguments.empty() && std::string_view(arguments.front()) != "--") {
    const Result<bool> own = take_own(parsed, arguments);
    if (!own) return std::unexpected(own.error());
    if (*own) continue;
    others.push_back(arguments.front());
    arguments = arguments.subspan(1);
  }
  if (parsed.what == What::resend) {
    if (!arguments.empty()) arguments = arguments.subspan(1); // the "--"
    for (const char* const one : others)
      if (*one == '-') return fail("--resend takes the names of saved messages, and no options");
    parsed.files.assign(others.begin(), others.end());
    parsed.files.insert(parsed.files.end(), arguments.begin(), arguments.end());
    if (parsed.files.empty()) return fail("--resend takes the names of saved messages");
    return parsed;
  }
  others.insert(others.end(), arguments.begin(), arguments.end());
  Result<queue::Arguments> mail = queue::parse_arguments(program, others);
  if (!mail) return std::unexpected(mail.error());
  parsed.mail = std::move(*mail);
  if (parsed.mail.verp) return fail("-XV is not supported here: all recipients get one message");
  if (parsed.what == What::check && !parsed.mail.recipients.empty())
    return fail("--check takes no recipients");
  return parsed;
}

} // namespace waypost::submit
