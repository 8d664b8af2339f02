// waypost: `waypost NAME ...` runs waypost-NAME. waypost(1).
//
// Privilege: none; it becomes the program that it names.

#include <algorithm>
#include <string>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/text.h"

namespace {

constexpr int kPermanent = 100;

constexpr std::string_view kUsage =
    "usage: waypost COMMAND [argument ...]\n"
    "\n"
    "  list        the queue, a line a message        why ID      a message's story\n"
    "  show ID     the message itself                 route       which transport mail would take\n"
    "  hold, release, kick, drop, bounce, requeue     act on messages of the queue\n"
    "  reload      check, compile and use the configuration\n"
    "  config      check or compile the configuration\n"
    "  start       run the whole tree\n"
    "\n"
    "`waypost COMMAND` runs waypost-COMMAND, which has a manual page of that name.\n";

[[noreturn]] void leave(std::string_view text) {
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(kPermanent);
}

bool is_name(std::string_view word) {
  return !word.empty() &&
         std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

} // namespace

int main(int count, char** values) {
  const std::string_view word = count > 1 ? values[1] : "";
  if (word == "help" || word == "--help" || word == "-h") {
    [[maybe_unused]] const ssize_t n = ::write(STDOUT_FILENO, kUsage.data(), kUsage.size());
    return 0;
  }
  if (!is_name(word)) leave(kUsage);
  const std::string path = waypost::program_path("waypost-" + std::string(word));
  ::execve(path.c_str(), values + 1, environ);
  leave("waypost: there is no command " + waypost::printable(word) +
        "; `waypost help` lists them\n");
}
