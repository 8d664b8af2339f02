#include "route/init.h"

#include <cstdio>
#include <iostream>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/text.h"
#include "route/config_file.h"
#include "route/init_text.h"

namespace waypost::route {
namespace {

int complain(const std::string& text, int code) {
  std::fprintf(stderr, "waypost-config: %s\n", text.c_str());
  return code;
}

std::optional<std::string> ask_terminal(const std::string& prompt) {
  std::printf("%s: ", prompt.c_str());
  std::fflush(stdout);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

// Only who names no way is asked: a script's flags are the same on a terminal and without one.
Ask terminal(const InitCommand& command) {
  return command.way.empty() && ::isatty(STDIN_FILENO) == 1 ? Ask(ask_terminal) : Ask();
}

void say_what_comes_next(const Answers& answers) {
  if (answers.way == Way::service) {
    const std::string& name = answers.credential;
    std::printf("next: waypost credential add %s, which asks for the password\n",
                name.empty() ? "service" : name.c_str());
  }
  std::puts("next: waypost start; where it runs already, waypost reload");
}

int exists(const std::string& path) {
  return complain(
      printable(path) +
          " exists, and stays as it is; --force replaces it, --file FILE writes another",
      kBad);
}

} // namespace

int init(const InitCommand& command) {
  const std::string path = command.file.value_or(find_home().config());
  if (!command.force && ::access(path.c_str(), F_OK) == 0) return exists(path);
  const Result<Answers> answers = collect_answers(command.way, command.flags, terminal(command));
  if (!answers) return complain(answers.error().text, kBad);
  const std::string text = init_text(*answers);
  const auto configuration = read_configuration(text, path);
  if (!configuration) {
    const Complaint& first = configuration.error().front();
    return complain("what was to be written is wrong, in line " + std::to_string(first.line) +
                        ": " + first.text,
                    kTemporary);
  }
  const Result<> written =
      write_file(path, text, command.force ? Existing::replace : Existing::keep);
  if (!written && written.error().code == EEXIST) return exists(path);
  if (!written) return complain(written.error().text, kTemporary);
  print_warnings(*configuration, path);
  std::printf("%s: written, no errors: %s\n", printable(path).c_str(),
              summary(*configuration).c_str());
  say_what_comes_next(*answers);
  return 0;
}

} // namespace waypost::route
