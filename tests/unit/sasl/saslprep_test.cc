#include "sasl/saslprep.h"

#include <criterion/criterion.h>

#include "sasl/saslname.h"

using namespace waypost::sasl;

namespace {

struct Row {
  const char* what;
  std::string text;
  std::string prepared; // empty: refused
};

void expect(const Row& row, Prepared how) {
  const auto got = saslprep(row.text, how);
  cr_expect(got.has_value() == !row.prepared.empty(), "%s: %s", row.what,
            got ? "taken" : got.error().text.c_str());
  if (got) cr_expect(view(*got) == row.prepared, "%s", row.what);
}

} // namespace

// RFC 4013 3, and what a profile with NFKC does.
Test(saslprep, gives_what_the_rfc_gives) {
  for (const Row& row : {
           Row{"soft hyphen is mapped to nothing", "I\xc2\xadX", "IX"},
           Row{"no change", "user", "user"},
           Row{"case is kept", "USER", "USER"},
           Row{"NFKC: feminine ordinal", "\xc2\xaa", "a"},
           Row{"NFKC: roman nine", "\xe2\x85\xa8", "IX"},
           Row{"prohibited: a control character", "\x07", ""},
           Row{"bidirectional check", "\xd8\xa7\x31", ""},
           Row{"a no-break space becomes a space", "a\xc2\xa0z", "a z"},
           Row{"not UTF-8", "\xff\xfe", ""},
           Row{"nothing", "", ""},
           Row{"nothing is left", "\xc2\xad", ""},
       })
    expect(row, Prepared::as_stored);
}

// U+0221 was not assigned in Unicode 3.2.
Test(saslprep, takes_unassigned_code_points_in_names_and_not_in_passwords) {
  expect({"name", "\xc8\xa1", "\xc8\xa1"}, Prepared::as_query);
  expect({"password", "\xc8\xa1", ""}, Prepared::as_stored);
}

Test(saslprep, has_room_for_what_nfkc_makes_longest) {
  std::string longest;
  for (int i = 0; i < 100; ++i)
    longest += "\xef\xb7\xba"; // U+FDFA
  const auto got = saslprep(longest, Prepared::as_query);
  cr_assert(got.has_value(), "%s", got.error().text.c_str());
  cr_expect_eq(got->size(), 100 * 33);
}

Test(saslname, escapes_comma_and_equals) {
  cr_expect(saslname("user").value() == "user");
  cr_expect(saslname("a,b=c").value() == "a=2Cb=3Dc");
  cr_expect(saslname("=2C").value() == "=3D2C");
  cr_expect(!saslname(""));
  cr_expect(!saslname("a\x01"));
}
