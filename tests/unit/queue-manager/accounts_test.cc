#include "queue/manager/accounts.h"

#include <criterion/criterion.h>

using namespace waypost;
using namespace waypost::queue;

namespace {

void at_once(const std::function<void()>& blocking, const std::function<void()>& then) {
  blocking();
  then();
}

MessageHead handed_in_by(std::uint32_t uid) {
  MessageHead head;
  head.uid = uid;
  return head;
}

} // namespace

Test(accounts, a_look_up_that_fails_for_now_is_no_name_and_is_tried_again) {
  int asked = 0;
  Accounts accounts(at_once, [&](std::uint32_t) -> Result<std::string> {
    if (++asked == 1) return fail_errno("passwd", EMFILE);
    return "alice";
  });
  std::vector<Result<std::string>> said;
  const auto hear = [&](const Result<std::string>& name) { said.push_back(name); };
  accounts.name(handed_in_by(1000), hear);
  cr_assert(!said.back().has_value() && said.back().error().code == EMFILE);
  accounts.name(handed_in_by(1000), hear);
  cr_assert(said.back().has_value());
  cr_expect(*said.back() == "alice");
  accounts.name(handed_in_by(1000), hear);
  cr_expect_eq(asked, 2, "kept from then on");
}

Test(accounts, who_has_no_name_goes_by_the_uid) {
  cr_expect(account_of(0).value_or("?") == "root");
  cr_expect(account_of(3'999'999'999U).value_or("?") == "uid:3999999999");
}
