// QueueProgram: waypost-queue, or a program in its place, executed for one message.
#pragma once

#include <string>
#include <sys/types.h>

#include "smtpd/request.h"

namespace waypost::smtpd {

class QueueProgram {
public:
  // With this process's environment, no signal blocked, SIGPIPE not ignored. When it cannot be
  // started, the request is answered.
  QueueProgram(const std::string& program, Request request);

  // True when it has ended and the request is answered. Does not wait.
  [[nodiscard]] bool ended();

private:
  Request request_;
  pid_t pid_ = -1;
};

} // namespace waypost::smtpd
