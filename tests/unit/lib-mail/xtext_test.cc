#include "lib/mail/xtext.h"

#include <criterion/criterion.h>

using namespace std::string_literals;
using namespace waypost;

Test(xtext, encodes_and_decodes_again) {
  const struct {
    std::string text;
    std::string xtext;
  } rows[] = {
      {"", ""},
      {"QQ314159", "QQ314159"},
      {"a+b=c d", "a+2Bb+3Dc+20d"},
      {"j\xc3\xbcrgen", "j+C3+BCrgen"},
      {"\0\x7f\r\n"s, "+00+7F+0D+0A"},
      {"+2B", "+2B2B"},
  };
  for (const auto& row : rows) {
    cr_expect(encode_xtext(row.text) == row.xtext, "%s", encode_xtext(row.text).c_str());
    cr_expect(decode_xtext(row.xtext) == row.text, "%s", row.xtext.c_str());
  }
}

Test(xtext, refuses_what_is_none) {
  for (const char* bad : {"+", "+4", "+4g", "+3d", "a=b", "a b", "\xc3\xbc", "a\n"})
    cr_expect(!decode_xtext(bad).has_value(), "%s", bad);
}

Test(xtext, an_orcpt_has_a_type_and_an_address) {
  const struct {
    const char* text;
    bool valid;
  } rows[] = {
      {"rfc822;bob@example.net", true},
      {"rfc822;bob+2Bx@example.net", true},
      {"x400;/C=de/", false},
      {"x400;/C+3Dde/", true},
      {"utf-8;j\\x{FC}rgen@example.net", true},
      {"UTF-8;a+b@c", false},
      {"rfc822", false},
      {"rfc822;", false},
      {";bob@example.net", false},
      {"rfc822;a b@c", false},
      {"rfc822;a+2b", false},
      {"", false},
  };
  for (const auto& row : rows)
    cr_expect(valid_orcpt(row.text) == row.valid, "%s", row.text);
}
