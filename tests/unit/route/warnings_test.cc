// Every warning, with its line and the words that help; and what must not be warned of.
#include "route/warnings.h"

#include <array>
#include <criterion/criterion.h>
#include <string>

#include "lib/sys/text.h"
#include "route/configuration.h"

namespace waypost::route {
namespace {

// Two transports; rules and settings stand before them, so that lines count from 1.
constexpr const char* kTwo = "[transport.relay]\ntype = \"smtp\"\nhost = \"h\"\n"
                             "[transport.ses]\ntype = \"smtp\"\nhost = \"i\"\n";
// Uses both, for tests of something else.
constexpr const char* kBoth = "[[account.z.route]]\ntransport = \"relay\"\n"
                              "[[account.y.route]]\ntransport = \"ses\"\n";
constexpr const char* kRelay = "transport = \"relay\"\n";

struct Row {
  std::string text;
  unsigned line;
  const char* says; // "": nothing is warned of
};

std::vector<Complaint> warned(const std::string& text) {
  auto all = read_configuration(text, "/etc/waypost/waypost.toml");
  cr_assert(all.has_value(), "%s\n%s", all.error()[0].text.c_str(), text.c_str());
  return all->warnings;
}

std::string listed(const std::vector<Complaint>& complaints) {
  std::string all;
  for (const Complaint& one : complaints)
    all += "\n  " + std::to_string(one.line) + ": " + one.text;
  return all;
}

// Exactly one warning on the line with the words, or none.
void expect_row(const Row& row, const std::string& text) {
  const auto all = warned(text);
  const bool none = *row.says == '\0';
  const bool right = none ? all.empty()
                          : all.size() == 1 && all[0].line == row.line &&
                                all[0].text.find(row.says) != std::string::npos;
  cr_expect(right, "%s\n  wanted %u: %s\n  got%s", row.text.c_str(), row.line, row.says,
            listed(all).c_str());
}

template <std::size_t n>
void expect_rules(const std::array<Row, n>& rows) {
  for (const Row& row : rows)
    expect_row(row, row.text + kTwo + kBoth);
}

std::string rule(const std::string& keys, const char* transport = "relay") {
  return "[[route]]\n" + keys + "transport = \"" + transport + "\"\n";
}

std::string domain_rule(const std::string& keys, const char* transport = "relay") {
  return "[[domain.\"d.example\".route]]\n" + keys + "transport = \"" + transport + "\"\n";
}

} // namespace

Test(warnings, a_rule_behind_one_that_takes_all_its_mail) {
  expect_rules(std::to_array<Row>({
      {rule("") + rule(""), 3, "can never match: the rule on line 1 takes all its mail first"},
      {rule("") + rule("", "ses"), 3, "can never match: the rule on line 1"},
      {rule("") + rule("to = [\"a.example\"]\n", "ses"), 3, "move it above the rule on line 1"},
      {rule("to = [\".example\"]\n") + rule("to = [\"a.example\"]\n", "ses"), 4, "never match"},
      {rule("to = [\".b.example\"]\n") + rule("to = [\".a.b.example\"]\n", "ses"), 4,
       "never match"},
      {rule("to = [\"a.example\", \"b.example\"]\n") + rule("to = [\"b.example\"]\n", "ses"), 4,
       "never match"},
      {rule("to = [\"a.example\"]\n") + rule("to = [\"b.example\"]\n") +
           rule("to = [\"a.example\", \"b.example\"]\n", "ses"),
       7, "the rules on lines 1 and 4 take all its mail first"},
      {rule("from = [\".example\"]\n") + rule("from = [\"a.example\"]\n", "ses"), 4, "never match"},
      {rule("attempt = 3\n") + rule("attempt = 5\n", "ses"), 4, "never match"},
      {rule("attempt = 1\n") + rule("", "ses"), 4, "never match"},
      {rule("to = [\"B\xC3\xBC"
            "cher.example\"]\n") +
           rule("to = [\"xn--bcher-kva.example\"]\n", "ses"),
       4, "never match"},
      {rule("to = [\"[192.0.2.1]\"]\n") + rule("to = [\"[192.0.2.1]\"]\n", "ses"), 4,
       "never match"},
      {domain_rule("") + domain_rule("to = [\"a.example\"]\n", "ses"), 3, "never match"},
      {domain_rule("") + rule("from = [\"d.example\"]\n", "ses"), 3, "the rule on line 1"},
      {"[[account.a.route]]\ntransport = \"relay\"\n[[account.a.route]]\ntransport = \"ses\"\n", 3,
       "never match"},
  }));
}

Test(warnings, a_rule_that_may_still_match_is_left_alone) {
  expect_rules(std::to_array<Row>({
      {rule("to = [\"a.example\"]\n") + rule(""), 0, ""},
      {rule("to = [\"a.example\"]\n") + rule("to = [\".a.example\"]\n", "ses"), 0, ""},
      {rule("to = [\"a.example\"]\n") + rule("to = [\"a.example\", \"b.example\"]\n", "ses"), 0,
       ""},
      {rule("to = [\".a.example\"]\n") + rule("to = [\"ba.example\"]\n", "ses"), 0, ""},
      {rule("from = [\"a.example\"]\n") + rule("to = [\"b.example\"]\n", "ses"), 0, ""},
      {rule("from = [\"a.example\"]\nto = [\"b.example\"]\n") + rule("to = [\"b.example\"]\n"), 0,
       ""},
      {rule("attempt = 5\n") + rule("attempt = 3\n", "ses"), 0, ""},
      {rule("after = [\"blocked\"]\n") + rule("", "ses"), 0, ""},
      {rule("after = [\"blocked\"]\n") + rule("after = [\"rate\"]\n", "ses"), 0, ""},
      {domain_rule("") + rule("", "ses"), 0, ""},
      {domain_rule("") + rule("from = [\".d.example\"]\n", "ses"), 0, ""},
      {domain_rule("") + rule("from = [\"d.example\", \"e.example\"]\n", "ses"), 0, ""},
      {domain_rule("to = [\"a.example\"]\n") + rule("from = [\"d.example\"]\n", "ses"), 0, ""},
      {"[[account.a.route]]\ntransport = \"relay\"\n[[account.b.route]]\ntransport = \"ses\"\n", 0,
       ""},
  }));
}

// A rule is passed over when its transport has refused; a refusal for good looks at `after` alone.
Test(warnings, what_is_left_to_a_covered_rule_is_said_exactly) {
  expect_rules(std::to_array<Row>({
      {rule("") + rule("after = [\"blocked\"]\n", "ses"), 3, "only after a refusal for good"},
      {rule("") + rule("after = [\"greylisted\"]\n", "ses"), 3, "can never match"},
      {rule("after = [\"blocked\"]\n") + rule("after = [\"blocked\"]\n"), 4, "can never match"},
      // A chain: what the first refuses as well goes to the second.
      {rule("after = [\"blocked\"]\n") + rule("after = [\"blocked\"]\n", "ses"), 0, ""},
      {rule("after = [\"blocked\"]\n") + rule("", "ses") + rule("to = [\"a.example\"]\n", "direct"),
       6, "decides only for mail that \"ses\" has refused for good"},
  }));
}

Test(warnings, an_attempt_that_never_comes) {
  expect_rules(std::to_array<Row>({
      {rule("attempt = 12\n"), 0, ""},
      {rule("attempt = 13\n"), 2, "attempt 12 is its last; write attempt = 12 or less"},
      {"retry = [\"3d\"]\n" + rule("attempt = 3\n"), 3, "attempt 2 is its last"},
      {"retry = [\"1d\"]\nexpire_after = \"3d\"\n" + rule("attempt = 4\n"), 0, ""},
      {"retry = [\"1d\"]\nexpire_after = \"3d\"\n" + rule("attempt = 5\n"), 4,
       "attempt 4 is its last"},
      {"expire_after = \"3d\"\n" + rule("attempt = 12\n"), 3, "attempt 11 is its last"},
  }));
}

Test(warnings, the_last_attempt_is_the_first_that_is_too_old) {
  Settings settings;
  settings.retry_s = {10, 20};
  const auto rows = std::to_array<std::pair<std::uint64_t, std::uint64_t>>(
      {{0, 1}, {1, 2}, {10, 2}, {11, 3}, {30, 3}, {31, 4}, {50, 4}, {51, 5}});
  for (const auto& [expire, last] : rows) {
    settings.expire_after_s = expire;
    cr_expect(last_attempt(settings) == last, "%lu: %lu", expire, last_attempt(settings));
  }
  settings.retry_s.clear(); // an hour, as the manager waits
  settings.expire_after_s = 7201;
  cr_expect(last_attempt(settings) == 4);
}

Test(warnings, a_senders_domain_in_the_table_of_another) {
  expect_rules(std::to_array<Row>({
      {domain_rule("from = [\"e.example\"]\n"), 2,
       "can never match: \"e.example\" in a table for senders in \"d.example\""},
      {domain_rule("from = [\"sub.d.example\"]\n"), 2, "can never match"},
      {domain_rule("from = [\"d.example\", \"e.example\"]\n"), 2, "\"e.example\" never matches in"},
      {domain_rule("from = [\".d.example\"]\n"), 0, ""},
  }));
}

Test(warnings, transports_that_nothing_uses) {
  const std::string two = kTwo;
  for (const Row& row : std::to_array<Row>({
           {two + rule(""), 4, "transport \"ses\" is used by no rule"},
           {two + "[[account.a.route]]\ntransport = \"ses\"\n" + rule(""), 0, ""},
           {two + kBoth + "[transport.direct]\nhelo = \"a.example\"\n", 0, ""},
           {two + kBoth + "[transport.direct]\nhelo = \"a.example\"\n" + rule(""), 11,
            "transport \"direct\" is used by no rule"},
           {two + kBoth + "[transport.direct]\nhelo = \"a.example\"\n" + rule("attempt = 2\n"), 0,
            ""},
       }))
    expect_row(row, row.text);
}

Test(warnings, a_login_that_may_not_show_its_password) {
  const std::string route = "[[route]]\ntransport = \"isp\"\n";
  const auto isp = [&](const std::string& type, const std::string& more) {
    return route + "[transport.isp]\ntype = \"" + type +
           "\"\nhost = \"h\"\nuser = \"u\"\ncredential = \"isp\"\n" + more;
  };
  for (const Row& row : std::to_array<Row>({
           {isp("smtp", ""), 7, "PLAIN and LOGIN are not used"},
           {isp("smtp", "tls = \"required\"\n"), 7, "with tls = \"required\" a login"},
           {isp("smtp", "tls = \"verified\"\n"), 0, ""},
           {isp("smtp", "tls = \"off\"\ncleartext_auth = true\n"), 0, ""},
           {isp("smtp", "mechanisms = [\"CRAM-MD5\"]\n"), 0, ""},
           {isp("smtp", "mechanisms = [\"LOGIN\"]\n"), 7, "name mechanisms that hide it"},
           {isp("submission", ""), 0, ""},
       }))
    expect_row(row, row.text);
}

Test(warnings, a_retry_that_gives_up_too_early) {
  for (const Row& row : std::to_array<Row>({
           {"retry = [\"1h\", \"2h\"]\n", 1, "goes back after 3h"},
           {"retry = [\"1h\", \"47h\"]\n", 0, ""},
           {"retry = []\n", 1, "goes back after 0s"},
           {"hops_max = 3\nexpire_after = \"1d\"\n", 2,
            "expire_after: a message goes back after 1d"},
           {"retry = [\"1h\"]\nexpire_after = \"4d\"\n", 0, ""},
           {"expire_after = \"10m\"\n", 1, "attempt 3 is its last"},
           {"expire_after = \"5m\"\n", 1, "attempt 2 is its last"},
           {"retry = [\"2d\", \"2d\"]\nexpire_after = \"3d\"\n", 2, "before the first waits"},
           {"retry = [\"1d\"]\nexpire_after = \"12h\"\n", 2, "goes back after 12h"},
           {"delay_notice_after = \"5d\"\n", 1, "no sender is ever told of a delay"},
           {"delay_notice_after = \"0s\"\n", 0, ""},
           {"delay_notice_after = \"4d\"\n", 0, ""},
           {"", 0, ""},
       }))
    expect_row(row, row.text);
}

Test(warnings, come_in_the_order_of_their_lines_and_print_safely) {
  const auto all = warned("retry = [\"1h\"]\n" + rule("attempt = 9\n") + kTwo + rule("") +
                          rule("") + "[[account.\"\xE2\x82\xAC\".route]]\n" + kRelay);
  cr_assert(all.size() == 4, "%s", listed(all).c_str());
  cr_expect(all[0].line == 1 && all[1].line == 3 && all[2].line == 8 && all[3].line == 13, "%s",
            listed(all).c_str());
  for (const Complaint& one : all)
    cr_expect(printable(one.text) == one.text);
}

Test(warnings, of_ten_thousand_rules_take_no_time_worth_naming) {
  std::string text = kTwo + std::string(kBoth);
  for (int i = 0; i < 10'000; ++i)
    text += rule("to = [\"d" + std::to_string(i) + ".example\"]\n");
  cr_expect(warned(text).empty());
}

} // namespace waypost::route
