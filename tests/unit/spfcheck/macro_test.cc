// Macro strings: RFC 7208 7, with the examples of 7.4.
#include <criterion/criterion.h>

#include "spfcheck/macro.h"

using namespace waypost;
using namespace waypost::spfcheck;

namespace {

MacroValues values(const char* ip = "192.0.2.3") {
  MacroValues some;
  some.ip = *net::IpAddress::parse(ip);
  some.sender = "strong-bad@email.example.com";
  some.domain = "email.example.com";
  some.helo = "mail.example.org";
  some.receiver = "mx.example.net";
  some.validated = "mx.example.org";
  some.time = 1'400'000'000;
  return some;
}

std::string expanded(const std::string& text, const MacroValues& with) {
  const auto macros = parse_macros(text, true);
  return macros ? expand(*macros, with) : "(" + macros.error().text + ")";
}

void expect_same(const std::string& text, const std::string& got, const std::string& expected) {
  cr_expect_eq(got, expected, "%s: %s instead of %s", text.c_str(), got.c_str(), expected.c_str());
}

} // namespace

Test(macro, examples_of_the_rfc) {
  struct Row {
    const char* text;
    const char* expected;
  };
  for (const Row& row :
       {Row{"%{s}", "strong-bad@email.example.com"}, Row{"%{o}", "email.example.com"},
        Row{"%{d}", "email.example.com"}, Row{"%{d4}", "email.example.com"},
        Row{"%{d3}", "email.example.com"}, Row{"%{d2}", "example.com"}, Row{"%{d1}", "com"},
        Row{"%{dr}", "com.example.email"}, Row{"%{d2r}", "example.email"},
        Row{"%{l}", "strong-bad"}, Row{"%{l-}", "strong.bad"}, Row{"%{lr}", "strong-bad"},
        Row{"%{lr-}", "bad.strong"}, Row{"%{l1r-}", "strong"},
        Row{"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        Row{"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
        Row{"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
        Row{"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
        Row{"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"}})
    expect_same(row.text, expanded(row.text, values()), row.expected);
  expect_same(
      "IPv6", expanded("%{ir}.%{v}._spf.%{d2}", values("2001:db8::cb01")),
      "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com");
}

Test(macro, every_letter_and_escape) {
  struct Row {
    const char* text;
    const char* expected;
  };
  for (const Row& row :
       {Row{"%{h} %{H}", "mail.example.org mail.example.org"}, Row{"%{p2}", "example.org"},
        Row{"%{c} %{r} %{t}", "192.0.2.3 mx.example.net 1400000000"}, Row{"%%%_%-", "% %20"},
        Row{"%{S}", "strong-bad%40email.example.com"},
        Row{"%{d99999999999999999999}", "email.example.com"}, Row{"%{dR}", "com.example.email"},
        Row{"%{d.-}", "email.example.com"}, Row{"%{h1r.}", "mail"}, Row{"", ""}})
    expect_same(row.text, expanded(row.text, values()), row.expected);
  MacroValues bare = values("2001:db8::1");
  bare.receiver.clear();
  bare.validated.clear();
  expect_same("what is not known", expanded("%{r} %{p} %{c}", bare), "unknown unknown 2001:db8::1");
}

Test(macro, parts_are_joined_with_dots_whatever_parted_them) {
  MacroValues some = values();
  some.sender = "foo-bar+zip=quux/a_b,c@example.org";
  expect_same("all", expanded("%{l-+=/_,}", some), "foo.bar.zip.quux.a.b.c");
  expect_same("two", expanded("%{l2-+=/_,}", some), "b.c");
  some.sender = "..a..@example.org";
  expect_same("empty parts", expanded("%{lr}", some), "..a..");
  expect_same("the last", expanded("%{l2}", some), ".");
}

Test(macro, what_is_no_macro_is_an_error) {
  for (const char* const text :
       {"%",     "a%",     "%a",    "%(d)",   "%{",     "%{d",     "%{}",
        "%{a}",  "%{x}",   "%{d0}", "%{d00}", "%{drr}", "%{d2r2}", "%{d2!}",
        "%{d }", "%{dr2}", "tab\t", "\x7f",   "\x80",   "a\nb"})
    cr_expect(!parse_macros(text, true), "%s", text);
  for (const char* const text : {"%{c}.test", "%{r}.test", "%{t}.test", "a b"})
    cr_expect(!parse_macros(text, false), "%s", text);
  const auto wrong = parse_macros("abc%{d}%x", true);
  cr_assert(!wrong);
  cr_expect_eq(wrong.error().at, 7);
}

Test(macro, a_domain_ends_in_a_macro_or_in_a_label_that_a_domain_can_have) {
  for (const char* const good : {"example.com", "example.com.", "%{d}", "a.%{d}", "%{d}.com",
                                 "a/b.example.com", "a.x-y", "_spf.x1", "foo:bar/baz.example.com",
                                 "a%%", "a%_", "a%-", "a.xn--zckzah", "..com", "%{d}.%{i}._x.2com"})
    cr_expect(parse_domain_spec(good).has_value(), "%s", good);
  for (const char* const bad :
       {"", "museum", "museum.", "abc.123", "111.222.33.44", "a.-com", "a.com-", "a.c_m", "a..",
        ".", "a.com..", "example.com:8080", "%{d}com", "%{d}.", "%{d}/24", "a.com/24", "-all"})
    cr_expect(!parse_domain_spec(bad), "%s", bad);
}

// RFC 7208 7.3: labels are taken off the left until 253 bytes are left.
Test(macro, a_long_name_is_cut_at_its_left_at_a_dot) {
  MacroValues some = values();
  some.domain = std::string(50, 'd') + ".test";
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += "%{d}.";
  const auto macros = parse_macros(text + "example.com.");
  cr_assert(macros.has_value());
  const std::string name = expand_name(*macros, some);
  cr_expect_leq(name.size(), 253);
  cr_expect(name.starts_with("test." + some.domain), "%s", name.c_str());
  cr_expect(name.ends_with(some.domain + ".example.com"), "%s", name.c_str());
  some.domain = std::string(300, 'x');
  cr_expect_eq(expand_name(*parse_macros("%{d}"), some), "", "no dot to cut at");
  cr_expect_eq(expand_name(*parse_macros("a.test."), some), "a.test");
}

Test(macro, a_bomb_expands_to_no_more_than_its_bound) {
  MacroValues some = values();
  some.sender = std::string(60'000, 'a') + "@" + std::string(200, 'b') + ".test";
  std::string bomb;
  for (int i = 0; i < 10'000; ++i)
    bomb += "%{S}";
  const auto macros = parse_macros(bomb, true);
  cr_assert(macros.has_value());
  cr_expect_eq(expand(*macros, some).size(), kMostExpanded);
  cr_expect_leq(expand_name(*macros, some).size(), 253);
}
