// What token commands print, how they are named, and what travels between oracle and runner.

#include <criterion/criterion.h>

#include "sasl/command_words.h"
#include "sasl/token_output.h"
#include "sasl/token_pipe.h"

using namespace waypost;
using namespace waypost::sasl;

namespace {

struct Row {
  const char* output;
  const char* token;     // null: refused
  std::int64_t lifetime; // -1: not told
};

constexpr Row kRows[] = {
    {"ya29.abc", "ya29.abc", -1},
    {"ya29.abc\n", "ya29.abc", -1},
    {"\n  ya29.abc  \r\n\r\nexpires_in=3599\r\n", "ya29.abc", 3599},
    {R"({"access_token":"ya29.abc","expires_in":3599,"token_type":"Bearer","scope":"x y"})",
     "ya29.abc", 3599},
    {R"( {"token_type":"bearer","access_token":"a\/b"} )", "a/b", -1},
    {R"({"access_token":"abc","expires_in":"1200"})", "abc", 1200},
    {"", nullptr, -1},
    {"\n\n", nullptr, -1},
    {"two words", nullptr, -1},
    {"token\nand more", nullptr, -1},
    {"token\nexpires_in=soon", nullptr, -1},
    {"token\nexpires_in=-1", nullptr, -1},
    {"to\x01ken", nullptr, -1},
    {"t\xc3\xb6ken", nullptr, -1},
    {"<html><body>Please log in</body></html>", nullptr, -1},
    {R"({"error":"invalid_grant"})", nullptr, -1},
    {R"({"access_token":"abc"} and more)", nullptr, -1},
    {R"({"access_token":"abc")", nullptr, -1},
    {R"({"access_token":17})", nullptr, -1},
    {R"({"access_token":"abc","token_type":"MAC"})", nullptr, -1},
    {R"({"access_token":"abc","expires_in":{}})", nullptr, -1},
    {R"({"access_token":"a b"})", nullptr, -1},
};

} // namespace

Test(token_output, is_a_line_or_the_answer_of_an_authorization_server) {
  for (const Row& row : kRows) {
    const Result<Token> token = parse_token_output(row.output);
    cr_expect_eq(token.has_value(), row.token != nullptr, "%s", row.output);
    if (!token || row.token == nullptr) continue;
    cr_expect(view(token->bytes) == row.token, "%s", row.output);
    cr_expect_eq(token->lifetime_s ? static_cast<std::int64_t>(*token->lifetime_s) : -1,
                 row.lifetime, "%s", row.output);
  }
}

Test(token_output, no_error_repeats_what_was_printed) {
  for (const Row& row : kRows) {
    if (row.token != nullptr) continue;
    const std::string why = parse_token_output(row.output).error().text;
    for (const char* part : {"abc", "two words", "html", "grant"})
      cr_expect(why.find(part) == std::string::npos, "%s", why.c_str());
  }
}

Test(token_output, is_as_long_as_a_secret_may_be) {
  cr_expect(parse_token_output(std::string(8192, 'x')).has_value());
  cr_expect(!parse_token_output(std::string(8193, 'x')).has_value());
}

Test(command_words, come_back_as_they_were) {
  const std::vector<std::string> words{"/usr/bin/mint", "", "a b", "--x=\"y\"", "3:a,"};
  const Result<std::string> joined = join_command_words(words);
  cr_assert(joined.has_value());
  cr_expect(command_words(*joined).value() == words);
}

Test(command_words, what_cannot_be_run_is_refused) {
  const std::vector<std::vector<std::string>> bad{
      {},
      {"mint"},
      {"./mint"},
      {"/bin/mint", "two\nlines"},
      {"/bin/mint", std::string("a\0b", 3)},
      std::vector<std::string>(65, "/bin/mint"),
      {"/bin/mint", std::string(8000, 'x')},
  };
  for (const auto& words : bad)
    cr_expect(!join_command_words(words).has_value());
  for (const char* joined : {"", "4:mint,", "9:/bin/mint", "9:/bin/mint,x"})
    cr_expect(!command_words(joined).has_value(), "%s", joined);
}

Test(token_pipe, requests_and_answers_come_back_as_they_were) {
  const Result<TokenRun> run = token_run(to_record({7, "google", {"/bin/mint", "--for", ""}}));
  cr_assert(run.has_value());
  cr_expect_eq(run->number, 7U);
  cr_expect(run->credential == "google" && run->words.size() == 3 && run->words[2].empty());
  for (const bool good : {true, false}) {
    const std::string packet = answer_head(7, good) + "two\nlines\n";
    const Result<TokenAnswer> answer = token_answer(packet);
    cr_assert(answer.has_value());
    cr_expect(answer->number == 7 && answer->good == good && answer->text == "two\nlines\n");
  }
}

Test(token_pipe, what_is_neither_is_refused) {
  cr_expect(!token_run(Record().add("type", "run").add("number", "1")).has_value());
  cr_expect(!token_run(Record().add("type", "run").add("word", "/bin/x")).has_value());
  cr_expect(
      !token_run(Record().add("type", "run").add("number", "1").add("word", "x")).has_value());
  for (const char* packet : {"", "output\nx", "1 done\nx", "x output\n", "1  output\n"})
    cr_expect(!token_answer(packet).has_value(), "%s", packet);
}
