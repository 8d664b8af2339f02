// waypost: `waypost NAME ...` runs waypost-NAME, but for bounce, whose program is waypost-change:
// waypost-bounce is the filter that renders notices. waypost(1).
//
// Privilege: none; it becomes the program that it names, which confines itself. What it gave up
// that one could not get back: waypost-start needs nearly all, and waypost-queue its set-group-id
// bit.

#include <algorithm>
#include <cstdio>
#include <string>
#include <unistd.h>
#include <vector>

#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/nearest_word.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"

namespace {

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

struct Command {
  std::string_view name;
  const char* does;
  const char* program = nullptr; // where it is not waypost-NAME
};
constexpr Command kCommands[] = {
    {"list", "the queue, a line a message"},
    {"why", "a message's story: every attempt, and what comes next"},
    {"show", "the message itself"},
    {"hold", "keep messages where they are until they are released"},
    {"release", "let held messages go on"},
    {"kick", "try messages now, perhaps by another transport"},
    {"requeue", "begin a message's attempts anew"},
    {"bounce", "return messages to their senders", "waypost-change"},
    {"drop", "delete messages without a word"},
    {"route", "which transport mail would take, and why"},
    {"status", "does it run, and how much is in the queue"},
    {"stats", "figures: outcomes, times, senders; for people, JSON, Prometheus"},
    {"top", "transports and destinations as mail goes to them"},
    {"credential", "add, test, list and remove the passwords of transports"},
    {"config", "check, show, make or compile the configuration"},
    {"reload", "check, compile and use the configuration"},
    {"spfcheck", "may this address, and every way out, send mail for a domain"},
    {"dkimsign", "sign a message, and make the keys for it"},
    {"start", "run the whole tree"},
    {"probe", "go the way that mail would go, and say what stands in it"},
    {"submit", "send one message at once, without a queue"},
    {"socks", "run a program with a connection through a SOCKS5 proxy"},
};

std::string program_of(std::string_view word) {
  const auto* const at = std::ranges::find(kCommands, word, &Command::name);
  const bool apart = at != std::end(kCommands) && at->program != nullptr;
  return waypost::program_path(apart ? at->program : "waypost-" + std::string(word));
}

// The commands that are installed.
std::string usage() {
  std::string text = "usage: waypost COMMAND [argument ...]\n\n";
  for (const Command& command : kCommands) {
    if (::access(program_of(command.name).c_str(), X_OK) != 0) continue;
    std::string line = "  " + std::string(command.name);
    line.resize(14, ' ');
    text += line + command.does + "\n";
  }
  return text +
         "\n`waypost COMMAND` runs waypost-COMMAND; `waypost help COMMAND` shows its manual.\n";
}

// "did you mean `waypost list`? " where a command is near.
std::string hint(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands)
    names.push_back(command.name);
  const auto nearest = waypost::nearest_word(word, names);
  return nearest ? "did you mean `waypost " + std::string(*nearest) + "`? " : std::string();
}

[[noreturn]] void leave(std::string_view text) {
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(kPermanent);
}

bool is_name(std::string_view word) {
  return !word.empty() &&
         std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

// The manual page, as man(1) shows it.
[[noreturn]] void show_manual(const std::string& word) {
  const std::string page = "waypost-" + word;
  ::execlp("man", "man", page.c_str(), static_cast<char*>(nullptr));
  leave("waypost: no man(1) is here to show " + page + "\n");
}

} // namespace

int main(int count, char** values) {
  const std::string_view word = count > 1 ? values[1] : "";
  const std::string_view next = count > 2 ? values[2] : "";
  if (count == 3 && word == "help" && is_name(next)) show_manual(std::string(next));
  if (word == "help" || word == "--help" || word == "-h") {
    waypost::confine({.read = {waypost::program_path("")}});
    std::fputs(usage().c_str(), stdout);
    return waypost::output_written("waypost") ? 0 : kTemporary;
  }
  if (!is_name(word)) leave(usage());
  const std::string path = program_of(word);
  ::execve(path.c_str(), values + 1, environ);
  leave("waypost: there is no command " + waypost::printable(word) + "; " + hint(word) +
        "`waypost help` lists them\n");
}
