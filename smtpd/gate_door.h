// GateDoor: the gate (gate.h), as the half that talks sees it.
#pragma once

#include "smtpd/queue_door.h"
#include "smtpd/request.h"

namespace waypost::smtpd {

class GateDoor final : public QueueDoor {
public:
  // `requests` is the gate's socket. SIGPIPE must be ignored.
  explicit GateDoor(int requests) : requests_(requests) {}
  Result<> open() override;
  void message(std::string_view bytes) override { write(asked_.first, bytes); }
  int finish(std::string_view envelope) override;
  void abandon() override;

private:
  void write(Fd& to, std::string_view bytes);
  int wait();

  int requests_;
  Asked asked_;
  bool torn_ = false; // a piece could not be written: the message must not be accepted
};

} // namespace waypost::smtpd
