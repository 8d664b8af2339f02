#include "queue/commands/arguments.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

std::string known_names(const std::vector<Option>& known) {
  std::string all;
  for (const Option& one : known) {
    all += all.empty() ? "--" : " --";
    all += one.name;
  }
  return all.empty() ? "it takes none" : "it takes " + all;
}

std::string help(const std::vector<Option>& known) {
  std::string text;
  for (const Option& one : known)
    text += (one.name.size() == 1 ? "  -" : "  --") + std::string(one.name) +
            (one.value ? " VALUE\n" : "\n");
  return text + "  --help\n";
}

} // namespace

Result<Arguments> Arguments::parse(int argc, char* const* argv, const std::vector<Option>& known) {
  Arguments all;
  bool options = true;
  for (int i = 1; i < argc; ++i) {
    std::string_view word(argv[i]);
    if (!options || !word.starts_with('-') || word == "-") {
      all.operands_.push_back(word);
      continue;
    }
    if (word == "--") {
      options = false;
      continue;
    }
    if (word == "--help") return std::unexpected(Error{kHelpAsked, help(known)});
    const std::string shown = printable(word);
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    const bool joined = word.find('=') != std::string_view::npos;
    Given one{cut(word, '='), word};
    const auto option = std::ranges::find(known, one.name, &Option::name);
    if (option == known.end()) return fail("unknown option " + shown + "; " + known_names(known));
    if (!option->value && joined) return fail("option " + shown + " takes no value");
    if (option->value && !joined) {
      if (++i == argc) return fail("option " + shown + " needs a value");
      one.value = argv[i];
    }
    all.given_.push_back(one);
  }
  return all;
}

bool Arguments::has(std::string_view option) const {
  return value(option).has_value();
}

std::optional<std::string_view> Arguments::value(std::string_view option) const {
  const std::vector<std::string_view> all = values(option);
  return all.empty() ? std::nullopt : std::optional(all.back());
}

std::vector<std::string_view> Arguments::values(std::string_view option) const {
  std::vector<std::string_view> all;
  for (const Given& one : given_) {
    if (one.name == option) all.push_back(one.value);
  }
  return all;
}

std::optional<std::uint64_t> parse_age(std::string_view text) {
  constexpr std::uint64_t kMost = 1'000'000'000;
  if (const auto seconds = parse_number(text, kMost)) return seconds;
  std::uint64_t total = 0;
  while (!text.empty()) {
    const std::size_t unit = text.find_first_not_of("0123456789");
    if (unit == std::string_view::npos) return std::nullopt;
    const auto number = parse_number(text.substr(0, unit), kMost);
    const std::size_t which = std::string_view("smhd").find(text[unit]);
    if (!number || which == std::string_view::npos) return std::nullopt;
    constexpr std::uint64_t kSeconds[] = {1, 60, 3600, 86400};
    total += *number * kSeconds[which];
    if (total > kMost) return std::nullopt;
    text.remove_prefix(unit + 1);
  }
  if (total == 0) return std::nullopt;
  return total;
}

} // namespace waypost::queue
