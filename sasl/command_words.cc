#include "sasl/command_words.h"

#include <algorithm>

#include "lib/sys/netstring.h"

namespace waypost::sasl {
namespace {

constexpr std::size_t kMostBytes = 8000; // with its frames it fits into a credential

bool breaks(const std::string& word) {
  return std::ranges::any_of(word, [](char c) { return c == '\0' || c == '\n' || c == '\r'; });
}

Result<> check(std::span<const std::string> words) {
  if (words.empty() || !words.front().starts_with('/'))
    return fail("a token command begins with the absolute path of a program");
  if (words.size() > kMostCommandWords) return fail("a token command has at most 64 words");
  if (std::ranges::any_of(words, breaks))
    return fail("a word of a token command holds the end of a line, or a NUL");
  return {};
}

} // namespace

Result<std::string> join_command_words(std::span<const std::string> words) {
  const Result<> good = check(words);
  if (!good) return std::unexpected(good.error());
  std::string joined;
  for (const std::string& word : words)
    append_netstring(joined, word);
  if (joined.size() > kMostBytes) return fail("a token command is at most 8000 bytes long");
  return joined;
}

Result<std::vector<std::string>> command_words(std::string_view joined) {
  std::vector<std::string> words;
  while (!joined.empty()) {
    const auto word = take_netstring(joined, kMostBytes);
    if (!word || !*word || words.size() == kMostCommandWords)
      return fail("it holds no token command");
    words.emplace_back(**word);
  }
  const Result<> good = check(words);
  if (!good) return std::unexpected(good.error());
  return words;
}

} // namespace waypost::sasl
