// waypost-inject: sendmail, mailq and newaliases. waypost-inject(1).
//
// Privilege: none. It runs as its caller and hands the message to waypost-queue, which trusts it as
// little as any other program.

#include <csignal>
#include <new>
#include <string>
#include <sysexits.h>
#include <unistd.h>

#include "lib/mail/settings_file.h"
#include "lib/sys/home.h"
#include "lib/sys/privilege.h"
#include "lib/sys/text.h"
#include "queue/inject/inject.h"
#include "queue/inject/other_modes.h"

namespace {

using namespace waypost::queue;

std::string_view own_name(std::span<const char* const> arguments) {
  if (arguments.empty()) return "sendmail";
  const std::string_view path = arguments.front();
  return path.substr(path.rfind('/') + 1);
}

[[noreturn]] void leave(std::string_view program, int status, std::string_view why) {
  const std::string line = waypost::printable(program) + ": " + waypost::printable(why) + "\n";
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(status);
}

// The caller may have ignored SIGCHLD, and then no exit status could be read.
void hear_of_children() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &action, nullptr);
}

// waypost-queue may end before it has read all: its exit status says why.
void ignore_broken_pipes() {
  struct sigaction action{};
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

InjectResult act(const Arguments& arguments, const std::string& name) {
  const auto settings = waypost::settings_that_hold(waypost::find_home().snapshot());
  if (!settings) return {EX_TEMPFAIL, settings.error().text};
  if (arguments.mode != InjectMode::deliver) return run_other_mode(arguments, *settings);
  ignore_broken_pipes();
  return inject(arguments, *settings,
                {waypost::program_path("waypost-queue"), waypost::printable(name)});
}

} // namespace

int main(int count, char** values) {
  std::set_new_handler([] { leave("sendmail", EX_OSERR, "out of memory"); });
  const std::span<const char* const> all(values, static_cast<std::size_t>(count));
  const std::string_view program = own_name(all);
  const auto fds = waypost::open_standard_fds();
  if (!fds) leave(program, EX_OSERR, fds.error().text);
  const auto arguments = parse_arguments(program, all.subspan(all.empty() ? 0 : 1));
  if (!arguments) leave(program, EX_USAGE, arguments.error().text);
  if (arguments->mode == InjectMode::deliver && !fds->in)
    leave(program, EX_IOERR, "standard input is closed");
  hear_of_children();
  const std::string name = arguments->label.value_or(std::string(program));
  const InjectResult result = act(*arguments, name);
  if (!result.text.empty()) leave(name, result.status, result.text);
  ::_exit(result.status);
}
