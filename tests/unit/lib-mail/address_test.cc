#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/mail/address.h"
#include "lib/mail/idna.h"

using namespace waypost;

Test(address, good_ones_and_their_parts) {
  struct Row {
    const char* text;
    const char* local;
    const char* domain;
  };
  const std::vector<Row> rows{
      {"a@example.org", "a", "example.org"},
      {"root", "root", ""},
      {"\"a b\"@example.org", "\"a b\"", "example.org"},
      {"\"a@b\"@example.org", "\"a@b\"", "example.org"},
      {"\"a\\\"b\"@example.org", "\"a\\\"b\"", "example.org"},
      {"-f@example.org", "-f", "example.org"},
      {"a+b=c%d!e@example.org.", "a+b=c%d!e", "example.org."},
      {"x@[192.0.2.1]", "x", "[192.0.2.1]"},
      {"x@[IPv6:2001:db8::1]", "x", "[IPv6:2001:db8::1]"},
      {"käthe@bücher.example", "käthe", "bücher.example"},
      {"a@_srv.example.org", "a", "_srv.example.org"},
  };
  for (const Row& row : rows) {
    const auto address = Address::parse(row.text);
    cr_assert(address.has_value(), "%s", row.text);
    cr_expect(address->local() == row.local, "%s", row.text);
    cr_expect(address->domain() == row.domain, "%s", row.text);
    cr_expect_eq(address->text(), row.text);
  }
}

Test(address, bad_ones_are_refused) {
  const std::vector<std::string> rows{
      "a@b\r\nRCPT TO:<c@d>",
      "a\n@b",
      std::string("a\0@b", 4),
      "a b@c",
      "a@b c",
      "a@",
      "@b",
      "a@-b",
      "a@b-",
      "a@b..c",
      "a@.b",
      "<a@b>",
      "a@b>",
      "a\\@b",
      "a@[1.2.3]",
      "a@[999.1.1.1]",
      "a@[IPv6:zz]",
      "a@[IPv6:::1",
      "\"a@b",
      "\"a\"b\"@c",
      "\xff@b",
      "a@\xff",
      "a@b\x7f",
      "\"a\\\"@b",
      std::string(1001, 'a'),
      "a@" + std::string(64, 'x') + ".org",
      "a@b@c",
  };
  for (const std::string& row : rows)
    cr_expect_not(Address::parse(row).has_value(), "%s", row.c_str());
}

Test(address, the_empty_one_is_the_null_sender) {
  const auto address = Address::parse("");
  cr_assert(address.has_value());
  cr_expect(address->null());
}

Test(domain, normal_form_ignores_case_dot_and_idna_form) {
  struct Row {
    const char* in;
    const char* out;
  };
  const std::vector<Row> rows{
      {"Example.ORG", "example.org"},
      {"example.org.", "example.org"},
      {"Bücher.example", "xn--bcher-kva.example"},
      {"BÜCHER.EXAMPLE", "xn--bcher-kva.example"},
      {"xn--bcher-kva.example", "xn--bcher-kva.example"},
      {"faß.example", "xn--fa-hia.example"},
      {"[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]"},
      {"[IPv6:2001:0db8:0:0::0001]", "[ipv6:2001:db8::1]"},
      {"[192.0.2.1]", "[192.0.2.1]"},
      {"b\u00fccher\u3002example\u3002", "xn--bcher-kva.example"}, // ideographic full stops
      {"_dmarc.example.org", "_dmarc.example.org"},
  };
  for (const Row& row : rows) {
    const auto normal = normal_domain(row.in);
    cr_assert(normal.has_value(), "%s", row.in);
    cr_expect_eq(*normal, row.out, "%s gave %s", row.in, normal->c_str());
  }
  for (const char* bad :
       {"", "a..b", "\xff.org", "a b.org", "\uff3b192.0.2.1\uff3d", "\uff0d.org"}) {
    cr_expect_not(normal_domain(bad).has_value(), "%s", bad);
  }
}
