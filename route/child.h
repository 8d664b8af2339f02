// Child: another program of waypost, run by a command of this room. It shares standard input and
// standard error with us; its output goes to a pipe, or nowhere.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::route {

class Child {
public:
  enum class Output : bool { nowhere, piped };

  // `words`: its name, such as "waypost-config", and its arguments.
  [[nodiscard]] static Result<Child> start(const std::vector<std::string>& words, Output output);

  // Where its output comes; piped.
  [[nodiscard]] int output() const { return output_.get(); }
  // Its exit code, once it has ended; an error when a signal ended it. Its output goes before.
  [[nodiscard]] Result<int> wait();

private:
  Child(std::string name, pid_t pid, Fd output)
      : name_(std::move(name)),
        pid_(pid),
        output_(std::move(output)) {}

  std::string name_;
  pid_t pid_;
  Fd output_;
};

} // namespace waypost::route
