// A record with what was missing in it, as a line to paste.
#include "spfcheck/advice.h"

#include <array>
#include <criterion/criterion.h>

namespace waypost::spfcheck {
namespace {

Record record(std::string_view text) {
  auto parsed = parse_record(text);
  cr_assert(parsed.has_value(), "%s", std::string(text).c_str());
  return std::move(*parsed);
}

void expect_record(const char* now, std::vector<Addition> additions, const char* want,
                   bool first = false) {
  const Record current = record(now);
  const std::string got = with_additions(&current, additions, first);
  cr_expect(got == want, "wanted %s, got %s", want, got.c_str());
  cr_expect(parse_record(got).has_value(), "%s", got.c_str());
}

} // namespace

Test(advice, a_term_comes_before_all) {
  expect_record("v=spf1 mx -all", {{"ip4:192.0.2.1", {}}}, "v=spf1 mx ip4:192.0.2.1 -all");
  expect_record("v=spf1 -all", {{"ip4:192.0.2.1", {}}}, "v=spf1 ip4:192.0.2.1 -all");
  expect_record("v=spf1 a ?all exp=x.test", {{"ip4:192.0.2.1", {}}},
                "v=spf1 a ip4:192.0.2.1 ?all exp=x.test");
}

Test(advice, where_there_is_no_all_it_comes_before_the_modifiers_or_at_the_end) {
  expect_record("v=spf1 a redirect=x.test", {{"ip4:192.0.2.1", {}}},
                "v=spf1 a ip4:192.0.2.1 redirect=x.test");
  expect_record("v=spf1 redirect=x.test a", {{"ip4:192.0.2.1", {}}},
                "v=spf1 redirect=x.test a ip4:192.0.2.1");
  expect_record("v=spf1", {{"ip4:192.0.2.1", {}}}, "v=spf1 ip4:192.0.2.1");
  expect_record("V=SPF1  a  ", {{"ip4:192.0.2.1", {}}}, "V=SPF1  a ip4:192.0.2.1");
}

Test(advice, a_term_comes_before_what_the_address_failed_by) {
  const std::string_view now = "v=spf1 a -ip4:192.0.2.0/24 mx -all";
  expect_record(now.data(), {{"ip4:192.0.2.1", now.find("-ip4")}},
                "v=spf1 a ip4:192.0.2.1 -ip4:192.0.2.0/24 mx -all");
}

Test(advice, several_terms_keep_their_order_and_none_comes_twice) {
  expect_record("v=spf1 -all",
                {{"ip4:192.0.2.1", {}}, {"include:a.test", {}}, {"ip4:192.0.2.1", {}}},
                "v=spf1 ip4:192.0.2.1 include:a.test -all");
}

Test(advice, first_is_before_everything) {
  expect_record("v=spf1 mx -all", {{"ip4:192.0.2.1", {}}}, "v=spf1 ip4:192.0.2.1 mx -all", true);
}

Test(advice, a_new_record_marks_what_was_forgotten) {
  const std::array additions{Addition{"ip6:2001:db8::1", {}}};
  cr_expect(with_additions(nullptr, additions) == "v=spf1 ip6:2001:db8::1 ~all");
}

Test(advice, an_address_is_a_term_of_its_family) {
  cr_expect(address_term(*net::IpAddress::parse("192.0.2.1")) == "ip4:192.0.2.1");
  cr_expect(address_term(*net::IpAddress::parse("2001:DB8::1")) == "ip6:2001:db8::1");
}

Test(advice, a_line_of_a_zone_file) {
  cr_expect(zone_line("a.test", "v=spf1 -all") == "a.test. IN TXT \"v=spf1 -all\"");
}

Test(advice, strings_are_broken_at_spaces_and_make_up_the_text) {
  std::string text = "v=spf1";
  for (int i = 0; i < 60; ++i)
    text += " ip4:192.0.2." + std::to_string(i);
  const std::string line = zone_line("a.test", text + " -all");
  std::string joined;
  std::size_t strings = 0;
  for (std::size_t at = line.find('"'); at != std::string::npos; at = line.find('"', at + 1)) {
    const std::size_t end = line.find('"', at + 1);
    const std::string one = line.substr(at + 1, end - at - 1);
    cr_expect(one.size() <= kMostInString && !one.starts_with(' '));
    joined += one;
    ++strings;
    at = end;
  }
  cr_expect(joined == text + " -all" && strings >= 4, "%s", line.c_str());
}

} // namespace waypost::spfcheck
