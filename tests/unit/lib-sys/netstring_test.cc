#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/sys/netstring.h"

using namespace waypost;

Test(netstring, round_trip_at_every_split) {
  std::string bytes;
  append_netstring(bytes, "hello");
  append_netstring(bytes, "");
  append_netstring(bytes, std::string(1000, ','));
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    std::vector<std::string> got;
    std::string_view rest = std::string_view(bytes).substr(0, cut);
    for (int i = 0; i < 4; ++i) {
      const auto payload = take_netstring(rest, 1000);
      cr_assert(payload.has_value(), "cut at %zu", cut);
      if (!*payload) break;
      got.emplace_back(**payload);
    }
    const std::size_t whole = cut >= bytes.size() ? 3U : cut >= 11 ? 2U : cut >= 8 ? 1U : 0U;
    cr_expect_eq(got.size(), whole, "cut at %zu", cut);
  }
}

Test(netstring, malformed_is_an_error) {
  for (const char* text :
       {"x", ":", "5;hello,", "5:hello;", "01:a,", "-1:a,", "1001:", "99999999999999999999999",
        "1001", "9999", "1 :a,", "18446744073709551617:a,"}) {
    std::string_view rest = text;
    const auto payload = take_netstring(rest, 1000);
    cr_expect_not(payload.has_value(), "'%s'", text);
  }
}
