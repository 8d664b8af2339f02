#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/sys/text.h"

using namespace waypost;

Test(text, numbers_are_digits_within_a_bound) {
  struct Row {
    const char* text;
    std::uint64_t most;
    bool valid;
    std::uint64_t value;
  };
  const std::vector<Row> rows{
      {"0", 9, true, 0},
      {"9", 9, true, 9},
      {"10", 9, false, 0},
      {"", 9, false, 0},
      {"-1", 9, false, 0},
      {"+1", 9, false, 0},
      {" 1", 9, false, 0},
      {"1 ", 9, false, 0},
      {"0x1", 99, false, 0},
      {"007", 9, true, 7},
      {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
      {"18446744073709551616", UINT64_MAX, false, 0},
      {"99999999999999999999", UINT64_MAX, false, 0},
  };
  for (const Row& row : rows) {
    const auto number = parse_number(row.text, row.most);
    cr_expect_eq(number.has_value(), row.valid, "'%s'", row.text);
    if (number && row.valid) cr_expect_eq(*number, row.value, "'%s'", row.text);
  }
}

Test(text, printable_shows_what_could_deceive) {
  struct Row {
    std::string in;
    std::string out;
  };
  const std::vector<Row> rows{
      {"plain text", "plain text"},
      {"grüße", "grüße"},
      {"one\r\ntwo", "one\\x0d\\x0atwo"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x1b[2J", "\\x1b[2J"},
      {"\x7f", "\\x7f"},
      {"\xc2\x85", "\\xc2\\x85"},                        // NEL, a C1 control
      {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},               // line separator
      {"\xe2\x80\xaetxt.exe", "\\xe2\\x80\\xaetxt.exe"}, // right-to-left override
      {"\xff\xfe", "\\xff\\xfe"},
      {"\xc0\xaf", "\\xc0\\xaf"},          // overlong '/'
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, // surrogate
      {"cut \xe2\x82", "cut \\xe2\\x82"},
  };
  for (const Row& row : rows)
    cr_expect_eq(printable(row.in), row.out, "%s", row.out.c_str());
}

Test(text, printable_text_is_one_valid_line_whatever_came) {
  std::string all;
  for (int high = 0; high < 256; ++high) {
    for (int low = 0; low < 256; low += 5)
      all += {static_cast<char>(high), static_cast<char>(low)};
  }
  const std::string safe = printable(all);
  cr_expect(valid_utf8(safe));
  for (const char c : safe)
    cr_assert(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  cr_expect_eq(printable(safe), safe);
}

Test(text, split_and_cut_agree) {
  cr_expect_eq(split("", ',').size(), 1);
  cr_expect_eq(split("a,,b", ',').size(), 3);
  std::string_view rest = "a,b";
  cr_expect(cut(rest, ',') == "a");
  cr_expect(cut(rest, ',') == "b");
  cr_expect(rest.empty());
}

Test(text, case_is_ascii_only) {
  cr_expect(equal_ignoring_case("STARTTLS", "startTLS"));
  cr_expect_not(equal_ignoring_case("a", "ab"));
  cr_expect_eq(ascii_lower("\xc3\x84X"), "\xc3\x84x");
}

Test(text, utf8_prefix_ends_between_characters) {
  const struct {
    std::string_view text;
    std::size_t most;
    std::size_t length;
  } rows[] = {
      {"short", 10, 5},
      {"short", 5, 5},
      {"short", 2, 2},
      {"", 0, 0},
      {"caf\u00e9s", 4, 3},
      {"caf\u00e9s", 5, 5},
      {"\u00e9", 1, 0},
      {"\U0001F600", 3, 0},
      {"\U0001F600x", 4, 4},
      {"\x80\x80\x80\x80\x80\x80\x80\x80", 6, 2}, // none ends anywhere: it only must be bounded
  };
  for (const auto& row : rows)
    cr_expect_eq(utf8_prefix(row.text, row.most).size(), row.length, "%s at %zu",
                 std::string(row.text).c_str(), row.most);
}
