// Gate: the half of waypost-smtpd that may start programs, and its end in the half that talks.
//
// What a client says is read by a process that has nothing but its descriptors. That process cannot
// execute waypost-queue, whose set-group-id bit would have no effect under its confinement. So
// before it confines itself, a process is divided off that has no connection, and reads one byte
// and two descriptors for each message: the reading ends of message and envelope. It starts
// waypost-queue on them, and answers with its exit status, one byte. Neither outlives the other.
#pragma once

#include <string>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "smtpd/queue_door.h"

namespace waypost::smtpd {

// Serves one end of a pair of connected sockets until the other is closed: `program` is executed
// for each message, with this process's environment. SIGCHLD must not be ignored.
void keep_gate(int requests, const std::string& program);

class GateDoor final : public QueueDoor {
public:
  explicit GateDoor(Fd requests) : requests_(std::move(requests)) {}
  Result<> open() override;
  void message(std::string_view bytes) override { write(message_, bytes); }
  int finish(std::string_view envelope) override;
  void abandon() override;

private:
  static void write(Fd& to, std::string_view bytes);
  int wait();

  Fd requests_;
  Fd message_;
  Fd envelope_;
};

} // namespace waypost::smtpd
