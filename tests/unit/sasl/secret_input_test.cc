// A secret that is typed at a terminal.

#include <criterion/criterion.h>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sasl/secret_input.h"

using namespace waypost::sasl;

namespace {

constexpr int kTaken = 10;
constexpr int kCutOff = 11;

// Reads what the other side shows, up to the colon behind which it waits.
void await_prompt(int terminal) {
  char c = 0;
  while (c != ':' && ::read(terminal, &c, 1) == 1) {
  }
}

// How a process ends that asks for a secret, and gets one of so many bytes.
int end_of_typing(std::size_t bytes) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  cr_assert(child >= 0);
  if (child == 0) {
    const auto secret = read_secret(STDIN_FILENO, "Token");
    if (secret) ::_exit(secret->size() == bytes ? kTaken : 1);
    ::_exit(secret.error().text.find("terminal") == std::string::npos ? 2 : kCutOff);
  }
  const std::string line = std::string(bytes, 'x') + '\n';
  for (int times = 0; times < 2; ++times) {
    await_prompt(terminal);
    // One that was cut off is not asked for again.
    [[maybe_unused]] const ssize_t n = ::write(terminal, line.data(), line.size());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(terminal);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

Test(secret_input, is_never_cut_off_by_the_terminal) {
  cr_expect_eq(end_of_typing(10), kTaken);
  cr_expect_eq(end_of_typing(4094), kTaken);
  cr_expect_eq(end_of_typing(4095), kCutOff);
  cr_expect_eq(end_of_typing(5000), kCutOff);
}
