#include "lib/mail/domain_pattern.h"

#include <array>
#include <criterion/criterion.h>

namespace waypost {

Test(domain_pattern, a_leading_dot_means_all_below_it_too) {
  cr_expect(fits("a.example", "a.example") && !fits("a.example", "b.a.example"));
  cr_expect(fits(".a.example", "a.example") && fits(".a.example", "c.b.a.example"));
  cr_expect(!fits(".a.example", "ba.example") && !fits(".a.example", "example"));
  cr_expect(!fits("a.example", "") && !fits(".a.example", ""));
}

Test(domain_pattern, patterns_cover_each_other) {
  struct Pair {
    const char* outer;
    const char* inner;
    bool covers;
  };
  for (const auto& [outer, inner, want] : std::to_array<Pair>({
           {"a.example", "a.example", true},
           {".a.example", "a.example", true},
           {".a.example", ".a.example", true},
           {".example", ".a.example", true},
           {"a.example", ".a.example", false},
           {".a.example", ".example", false},
           {".a.example", ".ba.example", false},
           {"[192.0.2.1]", "[192.0.2.1]", true},
       }))
    cr_expect(covers(outer, inner) == want, "%s %s", outer, inner);
}

} // namespace waypost
