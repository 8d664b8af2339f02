#include <criterion/criterion.h>

#include "lib/mail/address_list.h"

using waypost::parse_address_list;

namespace {

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all)
    out += (out.empty() ? "" : "|") + one;
  return out;
}

struct Row {
  std::string_view text;
  std::string_view addresses; // divided by '|'
};

constexpr Row kGood[] = {
    {"", ""},
    {" \n\t", ""},
    {"a@b", "a@b"},
    {"root", "root"},
    {"a@b,c@d", "a@b|c@d"},
    {"a@b, ,c@d,", "a@b|c@d"},
    {"Joe Q. Public <john.q.public@example.com>", "john.q.public@example.com"},
    {"\"Joe, Q\" <a@b>, <c@d>", "a@b|c@d"},
    {"\"Giant; \\\"Big\\\" Box\" <sysservices@example.net>", "sysservices@example.net"},
    {"=?UTF-8?Q?a=2C_b?= <a@b>", "a@b"},
    {"A Group:Ed Jones <joe@where.test>,joe@where.test,John <jdoe@one.test>;",
     "joe@where.test|joe@where.test|jdoe@one.test"},
    {"undisclosed-recipients:;", ""},
    {"Undisclosed recipients: ; , a@b", "a@b"},
    {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "pete@silly.test"},
    {"a@b (comment (nested))", "a@b"},
    {"Mary\n Smith\n\t<mary@x.test>,\n jdoe@example.org", "mary@x.test|jdoe@example.org"},
    {"\"john doe\"@example.org", "\"john doe\"@example.org"},
    {"<@route.a,@route.b:c@d>", "c@d"},
    {"<@route.a:c@d>", "c@d"},
    {"user@[192.0.2.1], u@[IPv6:2001:db8::1]", "user@[192.0.2.1]|u@[IPv6:2001:db8::1]"},
    {"a . b @ c . d", "a.b@c.d"},
    {"<>", ""},
    {"B\xC3\xBC"
     "cher <b@b\xC3\xBC"
     "cher.example>",
     "b@b\xC3\xBC"
     "cher.example"},
};

constexpr std::string_view kBad[] = {
    "john smith",  "a@b c@d",        "<a@b",      "a@b>",          "\"unended", "a (unended",
    "u@[192.0.2.", "<a@b> trailing", "<a <b@c>>", "a@b <c@d> e@f", "<a b@c>",   "<x:y@z>",
};

} // namespace

Test(address_list, finds_every_address) {
  for (const Row& row : kGood) {
    const auto list = parse_address_list(row.text);
    cr_assert(list, "'%s': %s", row.text.data(), list.error().text.c_str());
    cr_expect(joined(*list) == row.addresses, "'%s': '%s'", row.text.data(), joined(*list).c_str());
  }
}

Test(address_list, refuses_what_is_no_address) {
  for (const std::string_view text : kBad) {
    const auto list = parse_address_list(text);
    cr_expect(!list, "'%s': '%s'", text.data(), list ? joined(*list).c_str() : "");
  }
}

Test(address_list, says_where_each_address_stands) {
  constexpr std::string_view kText =
      " Joe (at home) <joe@a.test>,\n\t\"J D\" <\"j d\" @ b.test>, group: <@r:c@d.test>;";
  const auto list = waypost::find_listed_addresses(kText);
  cr_assert(list && list->size() == 3);
  constexpr std::string_view kStands[] = {"joe@a.test", "\"j d\" @ b.test", "c@d.test"};
  for (std::size_t i = 0; i < 3; ++i)
    cr_expect(kText.substr(list->at(i).begin, list->at(i).length) == kStands[i], "%zu", i);
  cr_expect(list->at(1).address == "\"j d\"@b.test");
}
