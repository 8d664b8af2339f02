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

struct Command {
  const char* name;
  const char* does;
};
constexpr Command kCommands[] = {
    {"list", "the queue, a line a message"},
    {"why", "a message's story: every attempt, and what comes next"},
    {"show", "the message itself"},
    {"route", "which transport mail would take, and why"},
    {"status", "the queue in numbers"},
    {"config", "check or compile the configuration"},
    {"reload", "check, compile and use the configuration"},
    {"start", "run the whole tree"},
};

// The commands that are installed.
std::string usage() {
  std::string text = "usage: waypost COMMAND [argument ...]\n\n";
  for (const Command& command : kCommands) {
    const std::string path = waypost::program_path(std::string("waypost-") + command.name);
    if (::access(path.c_str(), X_OK) != 0) continue;
    std::string line = std::string("  ") + command.name;
    line.resize(12, ' ');
    text += line + command.does + "\n";
  }
  return text + "\n`waypost COMMAND` runs waypost-COMMAND, which has a manual page of that name.\n";
}

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
    const std::string text = usage();
    [[maybe_unused]] const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    return 0;
  }
  if (!is_name(word)) leave(usage());
  const std::string path = waypost::program_path("waypost-" + std::string(word));
  ::execve(path.c_str(), values + 1, environ);
  leave("waypost: there is no command " + waypost::printable(word) +
        "; `waypost help` lists them\n");
}
