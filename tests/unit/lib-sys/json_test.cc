#include "lib/sys/json.h"

#include <criterion/criterion.h>

using namespace std::string_literals;
using namespace waypost;

Test(json, escapes_strings) {
  const struct {
    std::string text;
    std::string expected;
  } rows[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"a\nb\r\tc", R"("a\nb\r\tc")"},
      {"nul\0"s, R"("nul\u0000")"},
      {"\x1b[31m\x7f", R"("\u001b[31m\u007f")"},
      {"caf\u00e9 \U0001F600", "\"caf\u00e9 \U0001F600\""},
      {"\u0085\u2028\u202e", R"("\u0085\u2028\u202e")"},
      {"bad \xff\xc3", "\"bad \uFFFD\uFFFD\""},
      {"\xed\xa0\x80", "\"\uFFFD\uFFFD\uFFFD\""}, // a surrogate
      {"\xc0\xaf", "\"\uFFFD\uFFFD\""},           // an overlong form
  };
  for (const auto& row : rows)
    cr_expect(json_string(row.text) == row.expected, "%s", json_string(row.text).c_str());
}

Test(json, writes_objects_and_arrays) {
  cr_expect(JsonObject().str() == "{}");
  cr_expect(JsonArray().str() == "[]");
  JsonArray array;
  array.add("1");
  array.add(json_string("x"));
  JsonObject object;
  object.text("a", "b").number("n", 18446744073709551615U).boolean("t", true).boolean("f", false);
  object.null("z").some_text("e", "").some_text("s", "x").raw("r", array.str());
  const std::string expected =
      R"({"a":"b","n":18446744073709551615,"t":true,"f":false,"z":null,"e":null,"s":"x","r":[1,"x"]})";
  cr_expect(object.str() == expected, "%s", object.str().c_str());
}
