#include "route/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/pipe.h"
#include "lib/sys/wait_for.h"

namespace waypost::route {

Result<Child> Child::start(const std::vector<std::string>& words, Output output) {
  const std::string program = program_path(words.front());
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  Pipe pipe;
  if (output == Output::piped) {
    Result<Pipe> made = open_pipe();
    if (!made) return std::unexpected(made.error());
    pipe = std::move(*made);
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (output == Output::piped) {
    ::posix_spawn_file_actions_adddup2(&actions, pipe.write.get(), STDOUT_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid = -1;
  const int failed =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return fail_errno("start " + program, failed);
  return Child(words.front(), pid, std::move(pipe.read));
}

Result<int> Child::wait() {
  output_.reset(); // who writes on and is not read must not wait for us
  const Result<int> status = wait_for(pid_);
  if (!status) return fail(name_ + ": " + status.error().text);
  if (!WIFEXITED(*status)) return fail(name_ + " was ended by a signal");
  return WEXITSTATUS(*status);
}

} // namespace waypost::route
