// Request: what the half that talks asks of the gate: that a message be put into the queue.
//
// It is three descriptors, passed with a byte: the reading ends of two pipes, message and envelope
// as waypost-queue reads them, and the writing end of a third, for the answer, one byte: an exit
// status of waypost-queue. So a request says nothing that would have to be parsed, it belongs to
// nobody, and many processes may ask at one socket. An answer that ends without a byte means that
// nobody knows what became of the message.
#pragma once

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::smtpd {

inline constexpr int kInternal = 81;       // waypost-queue(8)
inline constexpr int kConnectionLost = 74; // likewise

class Request {
public:
  // The next one; false when nobody is left who could ask, an error when something else came.
  [[nodiscard]] Result<bool> take(int requests);
  [[nodiscard]] int message() const { return message_.get(); }
  [[nodiscard]] int envelope() const { return envelope_.get(); }
  // Somebody else has them. When that one ends early, writing stops.
  void close_pipes();
  // Once. SIGPIPE must be ignored: who asked may be gone.
  void answer(int status);

private:
  Fd message_;
  Fd envelope_;
  Fd answer_;
};

// The other ends.
struct Asked {
  Fd message;
  Fd envelope;
  Fd answer;
};
[[nodiscard]] Result<Asked> ask(int requests);

} // namespace waypost::smtpd
