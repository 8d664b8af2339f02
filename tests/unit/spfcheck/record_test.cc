// Records taken apart: RFC 7208 4.5, 4.6, 5, 6, 12.
#include <criterion/criterion.h>

#include "spfcheck/record.h"

using namespace waypost;
using namespace waypost::spfcheck;

namespace {

Record parsed(const std::string& text) {
  auto record = parse_record(text);
  cr_assert(record.has_value(), "%s: %s", text.c_str(), record.error().text.c_str());
  return std::move(*record);
}

} // namespace

Test(record, is_known_by_its_version) {
  for (const char* const good : {"v=spf1", "V=SPF1 -all", "v=spf1 "})
    cr_expect(is_spf_record(good), "%s", good);
  for (const char* const other : {"", "v=spf", "v=spf10", "v=spf1-all", " v=spf1", "v=spf1\t-all",
                                  "v=spf2.0/pra", "spf2.0/mfrom,pra"})
    cr_expect(!is_spf_record(other), "%s", other);
}

Test(record, terms_are_taken_in_their_order_and_keep_their_place) {
  const Record record = parsed("v=spf1  a mx:x.test/24//64 -ip4:192.0.2.0/25 exp=e.test ~All ");
  cr_assert_eq(record.mechanisms.size(), 4);
  cr_expect_eq(record.mechanisms[0].kind, MechanismKind::a);
  cr_expect(!record.mechanisms[0].domain);
  const Mechanism& mx = record.mechanisms[1];
  cr_expect_eq(mx.domain->text, "x.test");
  cr_expect_eq(mx.prefix4, 24);
  cr_expect_eq(mx.prefix6, 64);
  cr_expect_eq(record.at(mx.place), "mx:x.test/24//64");
  const Mechanism& ip4 = record.mechanisms[2];
  cr_expect_eq(ip4.qualifier, Qualifier::fail);
  cr_expect_eq(ip4.network.text(), "192.0.2.0/25");
  cr_expect_eq(record.mechanisms[3].qualifier, Qualifier::softfail);
  cr_expect_eq(record.at(record.mechanisms[3].place), "~All");
  cr_assert(record.exp.has_value());
  cr_expect_eq(record.at(record.exp->place), "exp=e.test");
}

Test(record, prefixes_belong_to_the_end_of_a_term) {
  struct Row {
    const char* term;
    const char* domain;
    int prefix4;
    int prefix6;
  };
  for (const Row& row : {Row{"a", "", 32, 128}, Row{"a/0", "", 0, 128}, Row{"a//0", "", 32, 0},
                         Row{"a/16//48", "", 16, 48}, Row{"a:b/1.test", "b/1.test", 32, 128},
                         Row{"a:b.test/8", "b.test", 8, 128}, Row{"a:b.test//8", "b.test", 32, 8},
                         Row{"MX:%{d}/24", "%{d}", 24, 128}}) {
    const Record record = parsed(std::string("v=spf1 ") + row.term);
    const Mechanism& one = record.mechanisms.at(0);
    cr_expect_eq(one.domain ? one.domain->text : "", row.domain, "%s", row.term);
    cr_expect_eq(one.prefix4, row.prefix4, "%s", row.term);
    cr_expect_eq(one.prefix6, row.prefix6, "%s", row.term);
  }
}

Test(record, an_error_anywhere_spoils_all_of_it_and_is_pointed_at) {
  for (const char* const term : {"moo",
                                 "all.",
                                 "all:x.test",
                                 "all/8",
                                 "-",
                                 "+-all",
                                 "!all",
                                 "a:",
                                 "a/",
                                 "a//",
                                 "a/33",
                                 "a//129",
                                 "a/032",
                                 "a/24/64",
                                 "a:1.2.3.4",
                                 "mx/-1",
                                 "ptr/24",
                                 "ptr:",
                                 "include",
                                 "include:",
                                 "include:x.test/24",
                                 "exists",
                                 "exists:x.test/24",
                                 "ip4",
                                 "ip4:",
                                 "ip4:1.2.3",
                                 "ip4:1.2.3.4/33",
                                 "ip4:1.2.3.4/032",
                                 "ip4:1.2.3.4//32",
                                 "ip4:1.2.3.4:25",
                                 "ip4:1.2.3.04",
                                 "ip4:::1",
                                 "ip6:1.2.3.4",
                                 "ip6:::1/129",
                                 "ip6:fe80::1%lo",
                                 "ip6:1::2::3",
                                 "redirect:x.test",
                                 "redirect=",
                                 "exp=",
                                 "exp=-all",
                                 "redirect=museum",
                                 "=x",
                                 "1up=x",
                                 "x=%q",
                                 "x=%{r}",
                                 "-x=y",
                                 "a\tmx",
                                 "a\x80",
                                 "a,mx"}) {
    const std::string text = std::string("v=spf1 ip4:192.0.2.1 ") + term + " -all";
    const auto record = parse_record(text);
    cr_assert(!record.has_value(), "%s", term);
    cr_expect_eq(record.error().place.at, 21, "%s", term);
    cr_expect_eq(record.error().place.length, std::string(term).size(), "%s", term);
    cr_expect(!record.error().text.empty(), "%s", term);
  }
}

Test(record, modifiers) {
  const Record record =
      parsed("v=spf1 Redirect=%{d}.x.test moo.cow-far_out=man:dog/cat EXP=e.test");
  cr_assert(record.redirect && record.exp);
  cr_expect_eq(record.redirect->value.text, "%{d}.x.test");
  cr_assert_eq(record.others.size(), 1);
  cr_expect_eq(record.others[0].name, "moo.cow-far_out");
  cr_expect(parse_record("v=spf1 a=1 a=2").has_value(), "unknown ones may be repeated");
  cr_expect(!parse_record("v=spf1 exp=a.test exp=a.test"));
  cr_expect(!parse_record("v=spf1 redirect=a.test a REDIRECT=b.test"));
}

Test(record, what_costs_one_of_the_ten_lookups) {
  const Record record =
      parsed("v=spf1 all include:x.test a mx ptr ip4:1.2.3.4 ip6:::1 exists:x.test");
  const bool costs[] = {false, true, true, true, true, false, false, true};
  for (std::size_t i = 0; i < std::size(costs); ++i)
    cr_expect_eq(costs_lookup(record.mechanisms.at(i).kind), costs[i], "%zu", i);
}

Test(network, contains_by_bits_and_never_across_families) {
  struct Row {
    const char* network;
    int prefix;
    const char* ip;
    bool contains;
  };
  for (const Row& row :
       {Row{"192.0.2.0", 24, "192.0.2.255", true}, Row{"192.0.2.0", 24, "192.0.3.0", false},
        Row{"192.0.2.128", 25, "192.0.2.127", false}, Row{"192.0.2.128", 25, "192.0.2.129", true},
        Row{"1.2.3.4", 0, "9.9.9.9", true}, Row{"1.2.3.4", 0, "::1", false},
        Row{"1.2.3.4", 32, "1.2.3.4", true}, Row{"1.2.3.4", 32, "::ffff:1.2.3.4", true},
        Row{"::", 0, "1.2.3.4", false}, Row{"2001:db8::", 33, "2001:db8:7fff::1", true},
        Row{"2001:db8::", 33, "2001:db8:8000::1", false}, Row{"::1", 128, "::1", true},
        Row{"::ffff:1.2.3.4", 128, "1.2.3.4", false}}) {
    const auto network =
        parse_address(row.network, std::string(row.network).contains(':'), row.prefix);
    cr_assert(network.has_value(), "%s", row.network);
    cr_expect_eq(network->contains(*net::IpAddress::parse(row.ip)), row.contains, "%s/%d %s",
                 row.network, row.prefix, row.ip);
  }
}

Test(network, reverse_names) {
  cr_expect_eq(reverse_name(*net::IpAddress::parse("192.0.2.1")), "1.2.0.192.in-addr.arpa");
  cr_expect_eq(reverse_name(*net::IpAddress::parse("2001:db8::1")),
               "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}
