// QueuePipe: waypost-queue as a child, with the message on its descriptor 0 and the envelope on 1.
//
// Started by vfork and execve. The message is whole once end_message() was called, the envelope
// once finish() was: a caller that dies before leaves nothing in the queue. What cannot be written
// breaks both off, without an error: a message that is cut short gets no envelope, and finish()
// tells how the child ended.
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::queue {

class QueuePipe {
public:
  // `program` is executed with this process's environment. SIGCHLD must not be ignored.
  [[nodiscard]] static Result<QueuePipe> start(const std::string& program);
  QueuePipe(QueuePipe&&) = default;
  QueuePipe& operator=(QueuePipe&&) = default;
  ~QueuePipe() = default;

  void message(std::string_view bytes) { write(message_, bytes); }
  void end_message() { message_.reset(); }
  void envelope(std::string_view bytes) { write(envelope_, bytes); }
  // Closes both pipes, waits for the child, and returns its exit status; 81 when a signal ended it.
  [[nodiscard]] int finish();

private:
  QueuePipe() = default;
  void write(Fd& to, std::string_view bytes);

  pid_t child_ = -1;
  Fd message_;
  Fd envelope_;
};

} // namespace waypost::queue
