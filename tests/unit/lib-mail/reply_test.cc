#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/mail/reply.h"

using namespace waypost;

Test(reply, one_line_and_many) {
  ReplyParser parser;
  const auto one = parser.line("250 2.1.0 Ok");
  cr_assert(one.has_value() && one->has_value());
  cr_expect_eq((*one)->code, 250);
  cr_expect_eq((*one)->status.text(), "2.1.0");
  cr_assert_not((*parser.line("250-mail.example.org")).has_value());
  cr_assert_not((*parser.line("250-SIZE 1000")).has_value());
  const auto last = parser.line("250");
  cr_assert((*last).has_value());
  cr_expect_eq((**last).text, "mail.example.org\nSIZE 1000\n");
  cr_expect_eq((**last).one_line(), "250 mail.example.org / SIZE 1000 / ");
}

Test(reply, enhanced_code_must_fit_the_code) {
  ReplyParser parser;
  const auto fits = parser.line("550 5.7.1 refused");
  cr_expect_eq((**fits).status.text(), "5.7.1");
  const auto other = parser.line("450 5.7.1 refused");
  cr_expect_not((**other).status.present());
  const auto none = parser.line("550 5.7 refused");
  cr_expect_not((**none).status.present());
}

Test(reply, protocol_errors) {
  const std::vector<std::vector<std::string>> rows{
      {"2200 hi"},
      {"25 hi"},
      {"hello"},
      {""},
      {"150 hi"},
      {"650 hi"},
      {"250-a", "251 b"},
      {"250-a", ""},
      {"250_a"},
      {std::string("250 a\0b", 7)},
      {"250 " + std::string(4096, 'x')},
  };
  for (const auto& lines : rows) {
    ReplyParser parser;
    bool failed = false;
    for (const std::string& line : lines)
      failed = failed || !parser.line(line).has_value();
    cr_expect(failed, "%s", lines.front().substr(0, 40).c_str());
  }
}

Test(reply, an_endless_reply_is_an_error) {
  ReplyParser parser;
  bool failed = false;
  for (int i = 0; i < 100 && !failed; ++i)
    failed = !parser.line("250-" + std::string(1000, 'x')).has_value();
  cr_expect(failed);
}
