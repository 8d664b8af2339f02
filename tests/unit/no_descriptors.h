// While one of these lives, the process can open nothing, or only so many files more: EMFILE, as on
// a machine that is short.
#pragma once

#include <criterion/criterion.h>
#include <cstdlib>
#include <sys/resource.h>
#include <unistd.h>

namespace waypost::test {

class NoDescriptors {
public:
  explicit NoDescriptors(rlim_t but = 0) {
    // Memcheck opens beyond a limit that the process has set.
    if (std::getenv("WAYPOST_MEMCHECK") != nullptr) cr_skip_test("no limit under memcheck");
    cr_assert(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const int lowest_free = ::dup(STDERR_FILENO);
    cr_assert(lowest_free >= 0 && ::close(lowest_free) == 0);
    rlimit few = before_;
    few.rlim_cur = but == 0 ? 0 : static_cast<rlim_t>(lowest_free) + but;
    cr_assert(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

private:
  rlimit before_{};
};

} // namespace waypost::test
