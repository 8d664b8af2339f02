// Intake: where a message and its envelope come from, piece by piece: two descriptors, or the
// frames of one connection. Reading one waits; what it waits for, and how long, is the intake's.
#pragma once

#include <array>
#include <expected>
#include <string_view>

#include "queue/accept/queue_exit.h"

namespace waypost::queue {

// The next bytes, valid until the next call; empty at the end.
using Bytes = std::expected<std::string_view, Refusal>;

class Intake {
public:
  Intake() = default;
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  virtual ~Intake() = default;
  virtual Bytes message() = 0;
  virtual Bytes envelope() = 0; // called when the message has ended
};

// qmail-queue's: each on a descriptor of its own, read to its end. Both stay open.
class DescriptorIntake final : public Intake {
public:
  DescriptorIntake(int message, int envelope) : message_(message), envelope_(envelope) {}
  Bytes message() override { return read(message_); }
  Bytes envelope() override { return read(envelope_); }

private:
  Bytes read(int fd);

  int message_;
  int envelope_;
  std::array<char, std::size_t{64} << 10> buffer_; // no call to the kernel asks for it
};

} // namespace waypost::queue
