// The words of a command line, parted by NUL, the first a program's name: sendmail's, which any
// program calls with what strangers chose, waypost submit's and those of the other programs. Each
// is understood or refused with a line; what stands behind "--" is never an option.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "dkim/arguments.h"
#include "lib/sys/text.h"
#include "queue/inject/arguments.h"
#include "route/config_command.h"
#include "route/route_command.h"
#include "route/simulate_command.h"
#include "smtpd/options.h"
#include "socks/arguments.h"
#include "spfcheck/arguments.h"
#include "submit/arguments.h"

using namespace waypost;

namespace {

template <class T>
void expect_reason(const Result<T>& parsed) {
  if (!parsed && parsed.error().text.empty() && parsed.error().code == 0) std::abort();
}

void take_sendmail(const std::vector<std::string>& words, std::span<const char* const> arguments) {
  const auto mail = queue::parse_arguments(words.front(), arguments);
  expect_reason(mail);
  expect_reason(submit::parse_submit_arguments(words.front(), arguments));
  if (!mail || arguments.empty() || std::string_view(arguments.front()) != "--") return;
  if (mail->from_header || mail->sender || mail->verbose) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> words;
  for (const std::string_view word : split(bytes, '\0'))
    words.emplace_back(word);
  if (words.empty() || words.size() > 200) return 0;
  std::vector<char*> values;
  for (std::string& word : words)
    values.push_back(word.data());
  const int count = static_cast<int>(values.size());
  values.push_back(nullptr);
  const std::vector<const char*> arguments(values.begin() + 1, values.end() - 1);
  const std::vector<std::string_view> views(words.begin() + 1, words.end());

  take_sendmail(words, arguments);
  expect_reason(smtpd::parse_options(arguments));
  expect_reason(route::parse_route_command(views));
  expect_reason(route::parse_simulate_command(views));
  expect_reason(route::parse_config_command(views));
  expect_reason(socks::parse_arguments(count, values.data()));
  expect_reason(spfcheck::parse_arguments(count, values.data()));
  expect_reason(dkim::parse_arguments(count, values.data()));
  return 0;
}
