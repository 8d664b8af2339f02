#include "queue/commands/arguments.h"

#include <criterion/criterion.h>

using namespace waypost;
using namespace waypost::queue;

namespace {

Result<Arguments> parse(std::vector<std::string> words) {
  std::vector<char*> argv{const_cast<char*>("program")};
  // Arguments keep views of the words, as they do of main's.
  static std::vector<std::string> kept;
  kept = std::move(words);
  for (std::string& word : kept)
    argv.push_back(word.data());
  return Arguments::parse(static_cast<int>(argv.size()), argv.data(),
                          {{"id", true}, {"from", true}, {"held"}, {"json"}});
}

} // namespace

Test(arguments, take_values_in_both_forms) {
  for (const auto& words : {std::vector<std::string>{"--id", "X", "op"},
                            {"--id=X", "op"},
                            {"op", "--id", "X"},
                            {"--id=A", "--id=X", "op"}}) {
    const auto arguments = parse(words);
    cr_assert(arguments.has_value());
    cr_expect(arguments->value("id") == "X");
    cr_expect(arguments->operands() == std::vector<std::string_view>{"op"});
    cr_expect(!arguments->has("held") && !arguments->value("from"));
  }
}

Test(arguments, an_empty_value_is_a_value) {
  cr_expect(parse({"--from="})->value("from") == "");
  cr_expect(parse({"--from", ""})->value("from") == "");
}

Test(arguments, two_dashes_end_options) {
  const auto arguments = parse({"--held", "--", "--json", "-"});
  cr_assert(arguments.has_value());
  cr_expect(arguments->has("held") && !arguments->has("json"));
  cr_expect(arguments->operands().size() == 2);
}

Test(arguments, refuse_what_they_do_not_know) {
  for (const auto& words : {std::vector<std::string>{"--nonsense"}, {"--held=1"}, {"--id"}, {"-x"}})
    cr_expect(!parse(words).has_value(), "%s", words.front().c_str());
  cr_expect(parse({"--h\x1b"}).error().text.find('\x1b') == std::string::npos);
  cr_expect(parse({"--nonsense"}).error().text.find("--id") != std::string::npos);
}

Test(age, reads_what_people_write) {
  const struct {
    const char* text;
    std::uint64_t seconds; // 0: not an age
  } rows[] = {
      {"90", 90},          {"90s", 90},       {"30m", 1800}, {"4h", 14400},
      {"2d", 172800},      {"1h30m", 5400},   {"", 0},       {"h", 0},
      {"1x", 0},           {"-5", 0},         {"1h30", 0},   {"1 h", 0},
      {"99999999999d", 0}, {"999999999h", 0},
  };
  for (const auto& row : rows)
    cr_expect(parse_age(row.text).value_or(0) == row.seconds, "%s", row.text);
}

Test(arguments, help_lists_every_option) {
  const auto arguments = parse({"op", "--help"});
  cr_assert(!arguments.has_value());
  cr_expect_eq(arguments.error().code, kHelpAsked);
  cr_expect_eq(arguments.error().text,
               "  --id VALUE\n  --from VALUE\n  --held\n  --json\n  --help\n");
  cr_expect(parse({"--", "--help"}).has_value(), "an operand");
}
