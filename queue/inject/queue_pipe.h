// QueuePipe: the way of one message into waypost-queue: its descriptor 0 has the message, 1 the
// envelope.
//
// The message is whole once end_message() was called, the envelope once finish() or become() was: a
// caller that dies before leaves nothing in the queue. What cannot be written breaks both off,
// without an error: a message that is cut short gets no envelope, and finish() tells how it ended.
//
// Most messages fit into the pipes themselves. Those that may become() waypost-queue need no second
// process, which would be a seventh of what accepting costs; a child is started when a pipe is
// full.
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

#include "lib/sys/error.h"
#include "lib/sys/pipe.h"

namespace waypost::queue {

class QueuePipe {
public:
  // With waypost-queue as a child, by vfork and execve, with this process's environment. SIGCHLD
  // must not be ignored.
  [[nodiscard]] static Result<QueuePipe> start(const std::string& program);
  // With nobody at the other end yet, where `program` is set-group-id and so waypost-queue itself.
  // Another program in its place is started at once: it knows nothing of become().
  [[nodiscard]] static Result<QueuePipe> fill(const std::string& program);
  QueuePipe(QueuePipe&&) = default;
  QueuePipe& operator=(QueuePipe&&) = default;
  ~QueuePipe() = default;

  void message(std::string_view bytes) { write(message_.write, bytes); }
  void end_message() { message_.write.reset(); }
  void envelope(std::string_view bytes) { write(envelope_.write, bytes); }
  // Ends the envelope and becomes waypost-queue, which ends as sendmail does, in the name
  // `speaker`. Returns when a child has the message already, or the program cannot be executed.
  // Only after fill().
  void become(const std::string& speaker);
  // Ends the envelope, waits for the child, and returns its exit status; 81 when a signal ended it.
  // An error: it could not be started.
  [[nodiscard]] Result<int> finish();
  // Gives the message up: whoever reads it gets no envelope.
  void abandon();

private:
  explicit QueuePipe(std::string program) : program_(std::move(program)) {}
  Result<> open();
  Result<> start_child();
  Result<> drain();
  void write(Fd& to, std::string_view bytes);
  void close_writing_ends();
  int wait();

  std::string program_;
  Pipe message_;
  Pipe envelope_;
  pid_t child_ = -1;
};

} // namespace waypost::queue
