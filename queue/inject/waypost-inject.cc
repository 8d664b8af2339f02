// waypost-inject: sendmail, mailq and newaliases. waypost-inject(1).
//
// Privilege: none. It runs as its caller and hands the message to waypost-queue, which trusts it as
// little as any other program.

#include <csignal>
#include <new>
#include <string>
#include <sysexits.h>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/privilege.h"
#include "lib/sys/text.h"
#include "queue/inject/inject.h"

namespace {

using waypost::queue::InjectMode;

std::string_view own_name(std::span<const char* const> arguments) {
  if (arguments.empty()) return "sendmail";
  const std::string_view path = arguments.front();
  return path.substr(path.rfind('/') + 1);
}

[[noreturn]] void leave(std::string_view program, int status, std::string_view why) {
  std::string line(program);
  line += ": " + waypost::printable(why) + "\n";
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(status);
}

[[noreturn]] void list_queue(std::string_view program) {
  const std::string path = waypost::program_path("waypost-list");
  char* const arguments[] = {const_cast<char*>("waypost-list"), const_cast<char*>("--mailq"),
                             nullptr};
  ::execve(path.c_str(), arguments, environ);
  leave(program, EX_UNAVAILABLE, waypost::fail_errno("execute " + path).error().text);
}

// The caller may have ignored SIGCHLD, and then no exit status could be read.
void settle_signals() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

} // namespace

int main(int count, char** values) {
  std::set_new_handler([] { leave("sendmail", EX_OSERR, "out of memory"); });
  const std::span<const char* const> all(values, static_cast<std::size_t>(count));
  const std::string_view program = own_name(all);
  const auto fds = waypost::open_standard_fds();
  if (!fds) leave(program, EX_OSERR, fds.error().text);
  const auto arguments = waypost::queue::parse_arguments(program, all.subspan(all.empty() ? 0 : 1));
  if (!arguments) leave(program, EX_USAGE, arguments.error().text);
  if (arguments->mode == InjectMode::newaliases) return EX_OK;
  if (arguments->mode == InjectMode::list) list_queue(program);
  if (!fds->in) leave(program, EX_IOERR, "standard input is closed");
  settle_signals();
  const auto settings = waypost::read_settings(waypost::find_home().snapshot());
  const auto result =
      waypost::queue::inject(*arguments, settings, waypost::program_path("waypost-queue"));
  if (result.status != EX_OK) leave(program, result.status, result.text);
  ::_exit(EX_OK);
}
