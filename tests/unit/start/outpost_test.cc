#include "start/outpost.h"

#include <criterion/criterion.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "start/descriptors.h"

using namespace waypost;
using namespace waypost::start;

namespace {

int status_of(pid_t pid) {
  int status = 0;
  cr_assert_eq(::waitpid(pid, &status, 0), pid, "not a child of ours");
  return status;
}

// Closed by everybody who had its other end: then they have ended, or been replaced.
bool ended(int pipe) {
  pollfd one{pipe, POLLIN, 0};
  return ::poll(&one, 1, 20'000) == 1 && (one.revents & POLLHUP) != 0;
}

} // namespace

// Beside the test program lies no waypost-lspawn, so what is started ends with 127.
Test(outpost, what_it_starts_is_our_child_and_in_the_group) {
  const auto outpost = Outpost::leave_behind();
  cr_assert(outpost.has_value());
  const pid_t leader = ::fork();
  if (leader == 0) {
    ::setpgid(0, 0);
    ::pause();
    ::_exit(0);
  }
  ::setpgid(leader, leader);
  const auto ends = make_pipe();
  const auto socket = make_socket_pair();
  cr_assert(ends && socket);
  const auto child =
      outpost->start_lspawn(socket->read.get(), ends->write.get(), ends->read.get(), leader);
  cr_assert(child.has_value());
  cr_expect_neq(*child, outpost->pid());
  const int status = status_of(*child);
  cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 127, "status %d", status);
  outpost->kill_group(leader);
  const int killed = status_of(leader);
  cr_expect(WIFSIGNALED(killed) && WTERMSIG(killed) == SIGKILL, "status %d", killed);
}

Test(outpost, keeps_nothing_of_ours_and_ends_before_we_go_on) {
  Result<Ends> pipe = make_pipe();
  cr_assert(pipe.has_value());
  pid_t pid = -1;
  {
    const auto outpost = Outpost::leave_behind();
    cr_assert(outpost.has_value());
    pid = outpost->pid();
    pipe->write.reset();
    cr_expect(ended(pipe->read.get()), "the outpost holds a pipe of ours");
    // A terminal and a supervisor signal the whole group.
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
      cr_expect_eq(::kill(pid, number), 0);
    cr_expect_eq(::waitpid(pid, nullptr, WNOHANG), 0);
  }
  cr_expect(::kill(pid, 0) != 0 && errno == ESRCH, "the outpost is still there");
}

Test(outpost, its_death_is_an_error_and_not_a_wait) {
  const auto outpost = Outpost::leave_behind();
  cr_assert(outpost.has_value());
  ::kill(outpost->pid(), SIGKILL);
  static_cast<void>(status_of(outpost->pid()));
  cr_expect(!outpost->start_lspawn(0, 1, 2, 0).has_value());
}
