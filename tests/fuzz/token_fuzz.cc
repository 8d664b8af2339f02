// What a token command may print, what stands in its credential, and what comes over the pipe
// between oracle and runner: it is refused, or a token that breaks no line, or words that come back
// as they were.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sasl/command_words.h"
#include "sasl/token_output.h"
#include "sasl/token_pipe.h"

namespace {

using namespace waypost;
using namespace waypost::sasl;

void check_output(std::string_view bytes) {
  const Result<Token> token = parse_token_output(bytes);
  if (!token) return;
  const std::string_view text = view(token->bytes);
  const bool good = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  if (text.empty() || !good) std::abort();
}

void check_words(std::string_view bytes) {
  const auto words = command_words(bytes);
  if (!words) return;
  const auto joined = join_command_words(*words);
  if (!joined || command_words(*joined).value() != *words) std::abort();
}

void check_pipe(std::string_view bytes) {
  const auto answer = token_answer(bytes);
  if (answer && answer->text.size() >= bytes.size()) std::abort();
  const auto record = Record::decode(bytes);
  const auto run = record ? token_run(*record) : std::unexpected(record.error());
  if (run && token_run(to_record(*run)).value().words != run->words) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_output(bytes);
  check_words(bytes);
  check_pipe(bytes);
  return 0;
}
