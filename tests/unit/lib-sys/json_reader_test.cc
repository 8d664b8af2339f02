#include "lib/sys/json_reader.h"

#include <array>
#include <criterion/criterion.h>

#include "lib/sys/json.h"

using namespace waypost;

namespace {

bool is_json(std::string_view text) {
  JsonReader in(text);
  return in.skip().has_value() && in.end().has_value();
}

std::string text_of(std::string_view json) {
  JsonReader in(json);
  std::string out;
  const auto read = in.text(out);
  return read && in.end() ? out : "wrong";
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

Test(json_reader, reads_what_the_caller_wants_and_skips_the_rest) {
  JsonReader in(
      R"( {"a" : [1, 2,30] ,"b":{"c":[null,{"d":-1.5E+3}]}, "e":"x" , "f":null,"g":true} )");
  std::uint64_t sum = 0;
  std::string e;
  std::string f = "old";
  bool g = false;
  const auto read = in.object([&](std::string_view key) -> Result<> {
    if (key == "a") {
      return in.array([&] {
        std::uint64_t one = 0;
        auto number = in.number(one);
        sum += one;
        return number;
      });
    }
    if (key == "e") return in.text(e);
    if (key == "f") return in.text_or_null(f);
    if (key == "g") return in.boolean(g);
    return in.skip();
  });
  cr_assert(read.has_value() && in.end().has_value());
  cr_expect(sum == 33 && e == "x" && f.empty() && g);
}

Test(json_reader, texts_and_their_escapes) {
  const auto rows = std::to_array<std::pair<const char*, const char*>>({
      {R"("")", ""},
      {R"("a\"\\\/\b\f\n\r\tz")", "a\"\\/\b\f\n\r\tz"},
      {R"("\u0041\u00e4\u20AC")", "A\xC3\xA4\xE2\x82\xAC"},
      {R"("\ud83d\ude00")", "\xF0\x9F\x98\x80"},
      {"\"\xF0\x9F\x98\x80\"", "\xF0\x9F\x98\x80"},
      {R"("\u007f")", "\x7f"},
      {R"("\ud83d")", "wrong"},
      {R"("\ud83dx")", "wrong"},
      {R"("\ud83d\u0041")", "wrong"},
      {R"("\ude00")", "wrong"},
      {R"("\u00g0")", "wrong"},
      {R"("\u00)", "wrong"},
      {R"("\x41")", "wrong"},
      {R"("a)", "wrong"},
      {R"("a\)", "wrong"},
      {"\"a\nb\"", "wrong"},
      {"\"\xff\"", "wrong"},
      {"\"\xC3\"", "wrong"},
      {"'a'", "wrong"},
      {"", "wrong"},
  });
  for (const auto& [json, want] : rows)
    cr_expect(text_of(json) == want, "%s", json);
}

Test(json_reader, what_is_json_and_what_is_not) {
  for (const char* text : {"{}", "[]", "[ ]", "{ }", "0", "-0", "10", "1.5", "-1e9", "1E-2", "null",
                           "true", "false", "\"\"", " [1] ", R"({"a":1,"b":2})", "[[],[]]"})
    cr_expect(is_json(text), "%s", text);
  for (const char* text : {"",      " ",     "{",       "[",        "[1",
                           "[1,",   "[1,]",  "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
                           "{a:1}", "{1:1}", "01",      "+1",       "-",
                           "1.",    ".5",    "1e",      "nul",      "True",
                           "NaN",   "[1 2]", "{} {}",   "[1}",      R"({"a":1,"a":2})"})
    cr_expect(!is_json(text), "%s", text);
}

Test(json_reader, whole_numbers) {
  struct Row {
    const char* text;
    bool good;
  };
  for (const auto& [text, good] : std::to_array<Row>({{"0", true},
                                                      {"18446744073709551615", true},
                                                      {"18446744073709551616", false},
                                                      {"-1", false},
                                                      {"1.0", false},
                                                      {"1e3", false},
                                                      {"01", false},
                                                      {"\"1\"", false},
                                                      {"", false}})) {
    JsonReader in(text);
    std::uint64_t out = 0;
    cr_expect(in.number(out).has_value() == good, "%s", text);
  }
}

Test(json_reader, depth_and_keys_are_bounded) {
  cr_expect(is_json(nested(32)) && !is_json(nested(33)) && !is_json(std::string(100'000, '[')));
  std::string object = "{";
  for (int i = 0; i < 257; ++i)
    object += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  cr_expect(!is_json(object + "}"));
}

Test(json_reader, reads_what_the_writer_wrote) {
  const std::string hard = "a\"b\\c\x01\x1b\n\xC3\xA4\xE2\x80\xAE\xF0\x9F\x98\x80";
  cr_expect(text_of(json_string(hard)) == hard);
}

Test(json_reader, an_error_says_where) {
  JsonReader in("{\"a\": x}");
  const auto read = in.object([&](std::string_view) { return in.skip(); });
  cr_expect(!read && read.error().text == "no JSON at byte 7: a value is wanted", "%s",
            read.error().text.c_str());
}
