#include <criterion/criterion.h>

#include "lib/sys/privilege.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace waypost;

namespace {

// Runs `work` in a child; its result is what it returned.
template <class Work>
bool in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

Test(privilege, closed_standard_descriptors_are_filled_and_named) {
  cr_expect(in_child([] {
    ::close(0);
    ::close(2);
    const auto fds = open_standard_fds();
    return fds && !fds->in && fds->out && !fds->err && ::fcntl(0, F_GETFD) >= 0 &&
           ::fcntl(2, F_GETFD) >= 0;
  }));
}

Test(privilege, inspection_and_new_privileges_are_given_up) {
  cr_expect(in_child([] {
    return forbid_inspection() && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           forbid_new_privileges() && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  }));
}

Test(privilege, another_user_for_good) {
  if (::geteuid() != 0) cr_skip_test("skipped: not root");
  cr_expect(in_child([] {
    const Result<> became = become({4001, 4002, {4003}});
    gid_t group = 0;
    return became && ::getuid() == 4001 && ::geteuid() == 4001 && ::getegid() == 4002 &&
           ::getgroups(1, &group) == 1 && group == 4003 && ::setuid(0) != 0;
  }));
}

Test(privilege, a_group_given_up_does_not_come_back) {
  if (::geteuid() != 0) cr_skip_test("skipped: not root");
  cr_expect(in_child([] {
    // As a set-group-id program of an ordinary user stands: real 4001, effective and saved 4002.
    if (::setgroups(0, nullptr) != 0 || ::setresgid(4001, 4002, 4002) != 0) return false;
    if (::setresuid(4001, 4001, 4001) != 0) return false;
    return give_up_group() && ::getegid() == 4001 && ::setegid(4002) != 0;
  }));
}
