// GateProgram: a program that is executed for one request: waypost-queue, one in its place, or
// waypost-route.
#pragma once

#include <string>
#include <sys/types.h>

#include "smtpd/request.h"

namespace waypost::smtpd {

class GateProgram {
public:
  // With this process's environment, no signal blocked, SIGPIPE not ignored. When it cannot be
  // started, the request is answered.
  GateProgram(const std::string& program, Request request);

  // True when it has ended and the request is answered. Does not wait.
  [[nodiscard]] bool ended();

private:
  Request request_;
  pid_t pid_ = -1;
};

} // namespace waypost::smtpd
