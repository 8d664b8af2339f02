// QueueDoor: where a message goes that was taken: waypost-queue's two descriptors, and its exit
// status. The real one is gate.h's.
#pragma once

#include <string_view>

#include "lib/sys/error.h"
#include "smtpd/answer.h"

namespace waypost::smtpd {

class QueueDoor {
public:
  QueueDoor() = default;
  QueueDoor(const QueueDoor&) = delete;
  QueueDoor& operator=(const QueueDoor&) = delete;
  virtual ~QueueDoor() = default;

  // Has waypost-queue wait for a message.
  virtual Result<> open() = 0;
  // The next bytes; when waypost-queue has ended, finish() says how.
  virtual void message(std::string_view bytes) = 0;
  // The message is whole; the envelope with its last NUL. Waits, and returns the exit status.
  [[nodiscard]] virtual int finish(std::string_view envelope) = 0;
  // Without an envelope nothing comes into the queue.
  virtual void abandon() = 0;
};

// What the client is told of an exit status of waypost-queue, or of a program in its place: 250 for
// 0 alone.
[[nodiscard]] Answer answer_for_exit(int status);

} // namespace waypost::smtpd
