#include "lib/sys/landlock.h"

#include <criterion/criterion.h>

#include "tests/unit/no_descriptors.h"

namespace waypost {

Test(landlock, a_folder_that_cannot_be_opened_this_time_is_no_absent_one) {
  const int abi = landlock_abi();
  if (abi < 2) cr_skip_test("no Landlock here");
  const Promises promises{.read = {"/usr"}};
  const test::NoDescriptors but_for_the_ruleset(1);
  const Result<Fd> ruleset = make_ruleset(promises, abi);
  cr_assert(!ruleset.has_value());
  cr_expect_eq(ruleset.error().code, EMFILE);
}

Test(landlock, an_absent_name_needs_no_rule) {
  const int abi = landlock_abi();
  if (abi < 2) cr_skip_test("no Landlock here");
  cr_expect(make_ruleset({.read = {"/nonexistent"}}, abi).has_value());
}

} // namespace waypost
