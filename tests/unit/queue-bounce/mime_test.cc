#include "queue/bounce/mime.h"

#include <criterion/criterion.h>

using namespace std::string_literals;
using namespace waypost::queue;

namespace {

std::string field(std::string_view name, std::string_view value) {
  std::string out;
  append_field(out, name, value);
  return out;
}

std::string wrapped(std::string_view text, std::string_view indent) {
  std::string out;
  append_wrapped(out, text, indent);
  return out;
}

} // namespace

Test(mime, folds_fields_at_spaces) {
  const struct {
    std::string value;
    std::string expected;
  } rows[] = {
      {"short", "X: short\r\n"},
      {"one\ntwo", "X: one\r\n two\r\n"},
      {"one\n\n  \ntwo ", "X: one\r\n two\r\n"},
      {"", "X:\r\n"},
      {std::string(40, 'a') + ' ' + std::string(40, 'b'),
       "X: " + std::string(40, 'a') + "\r\n " + std::string(40, 'b') + "\r\n"},
      {std::string(200, 'w') + " end", "X: " + std::string(200, 'w') + "\r\n end\r\n"},
      {std::string(1000, 'w'),
       "X: " + std::string(995, 'w') + "\r\n " + std::string(5, 'w') + "\r\n"},
  };
  for (const auto& row : rows)
    cr_expect(field("X", row.value) == row.expected, "%s", field("X", row.value).c_str());
}

Test(mime, never_folds_inside_a_character) {
  std::string value = "x";
  while (value.size() < 2000)
    value += "\u00e9";
  const std::string out = field("X", value);
  for (std::size_t at = out.find("\r\n "); at != std::string::npos; at = out.find("\r\n ", at + 1))
    cr_expect((static_cast<unsigned char>(out[at + 3]) & 0xC0) != 0x80);
  cr_expect(out.size() > 2000);
}

Test(mime, wraps_text_and_keeps_its_lines) {
  cr_expect(wrapped("a b\nc", "  ") == "  a b\r\n  c\r\n");
  const std::string out = wrapped(std::string(60, 'a') + " " + std::string(60, 'b'), "    ");
  cr_expect(out == "    " + std::string(60, 'a') + "\r\n    " + std::string(60, 'b') + "\r\n");
}

Test(mime, knows_what_may_travel_as_7bit_and_8bit) {
  const struct {
    std::string text;
    bool seven;
    bool eight;
  } rows[] = {
      {"", true, true},
      {"plain\r\n\ttab\r\n", true, true},
      {"caf\xc3\xa9\r\n", false, true},
      {"bare\ncr", false, false},
      {"bare\rcr", false, false},
      {"end\r", false, false},
      {"nul\0\r\n"s, false, false},
      {"esc\x1b[2J\r\n", false, true},
      {std::string(998, 'x') + "\r\n", true, true},
      {std::string(999, 'x') + "\r\n", false, false},
  };
  for (const auto& row : rows) {
    cr_expect(seven_bit_safe(row.text) == row.seven, "7bit %.20s", row.text.c_str());
    cr_expect(eight_bit_safe(row.text) == row.eight, "8bit %.20s", row.text.c_str());
  }
}

Test(mime, quotes_what_is_not_printable_ascii) {
  const struct {
    std::string text;
    std::string expected;
  } rows[] = {
      {"plain text\r\n", "plain text\r\n"},
      {"a=b\r\n", "a=3Db\r\n"},
      {"end \r\n", "end=20\r\n"},
      {"end\t", "end=09"},
      {"\xc3\xa9", "=C3=A9"},
      {"a\nb\0"s, "a=0Ab=00"},
      {std::string(80, 'x'), std::string(75, 'x') + "=\r\n" + "xxxxx"},
  };
  for (const auto& row : rows)
    cr_expect(quoted_printable(row.text) == row.expected, "%s", quoted_printable(row.text).c_str());
}

Test(mime, quoted_lines_are_76_bytes_at_most) {
  std::string text;
  for (int i = 0; i < 500; ++i)
    text += i % 3 == 0 ? "\xff" : "y";
  std::string rest = quoted_printable(text);
  for (std::size_t at = rest.find("\r\n"); at != std::string::npos; at = rest.find("\r\n")) {
    cr_expect(at <= 76);
    rest.erase(0, at + 2);
  }
}

Test(mime, a_boundary_stands_nowhere_in_the_parts) {
  const std::string first = boundary_for("id", {"nothing"});
  cr_expect(first == boundary_for("id", {"nothing"}), "not the same for the same parts");
  std::string hostile = "--" + first + "\r\n";
  for (int i = 0; i < 1000; ++i) {
    const std::string next = boundary_for("id", {"a part", hostile});
    cr_assert(hostile.find(next) == std::string::npos, "%s", next.c_str());
    hostile += next + (i % 2 == 0 ? "\r\n" : "");
  }
}

Test(mime, a_boundary_begins_no_line_that_imitates_it_and_goes_on) {
  const std::string first = boundary_for("id", {"nothing"});
  for (const char* more : {"1", "0_", "2345--", ""}) {
    const std::string hostile = "--" + first.substr(0, first.size() - 1) + more + "\r\n";
    const std::string next = boundary_for("id", {hostile});
    cr_expect(!hostile.starts_with("--" + next), "%s", hostile.c_str());
  }
}

Test(mime, shortens_between_characters) {
  cr_expect(shortened("short", 10) == "short");
  cr_expect(shortened("caf\u00e9s", 4) == "caf...");
  cr_expect(shortened("caf\u00e9s", 5) == "caf\u00e9...");
}

Test(mime, printable_ascii_shows_every_other_byte) {
  cr_expect(printable_ascii("caf\u00e9\n") == "caf\\xc3\\xa9\\x0a");
}
