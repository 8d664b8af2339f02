#include "route/quoting.h"

#include <array>
#include <criterion/criterion.h>
#include <string>

namespace waypost::route {

// "@" stands for a character outside of ASCII.
Test(quoting, what_stands_in_quotes_and_comments_is_let_be) {
  const auto rows = std::to_array<const char*>({
      "",
      "a = 1",
      "a = \"@\"",
      "a = '@'",
      "# @\na = 1",
      "a = \"\\\"@\"",
      "a = '\\' # @",
      "a = \"\"\"\n@\"\" @\"\"\" # @",
      "a = \'\'\'@\n@\'\'\'",
      "a = \"\"\"@\"\"\"\"\" # @",
      "\"@\" = 1",
      "a = \"# \" # @",
      "a = \"@",
      "a = \"\"\"x \\\n  y @\"\"\"",
  });
  for (const char* row : rows) {
    std::string text;
    for (const char* c = row; *c != 0; ++c)
      text += *c == '@' ? std::string("\xC3\xA4") : std::string(1, *c);
    const auto at = find_unquoted(text);
    cr_expect(!at.has_value(), "%s: %zu", row, at.value_or(0));
  }
}

Test(quoting, what_stands_outside_is_found) {
  const auto rows = std::to_array<const char*>({
      "@",
      "a = @",
      "a = \"\" @",
      "a = \"\\\\\" @",
      "a = '\\' @",
      "# x\n@",
      "a = \"x\n@",
      "a = \"\"\"\"\"\" @",
      "a = \"\"\"x\"\"\"\"\"\n@",
      "[[@]]",
      "a = \"\"\"x \\\n  @\"\"\"",
      "a = \"\"\"x \\ \r\n\n\t@",
  });
  for (const char* row : rows) {
    std::string text(row);
    const std::size_t want = text.find('@');
    text[want] = '\xA0';
    cr_expect(find_unquoted(text) == want, "%s", row);
  }
  cr_expect(!find_unquoted("\xEF\xBB\xBF"
                           "a = 1"));
  cr_expect(find_unquoted("a\xEF\xBB\xBF") == 1);
}

} // namespace waypost::route
