// Request: what the half that talks asks of the gate: that a message be put into the queue, or that
// somebody say who is on this machine.
//
// It is a byte and three descriptors. A message: the reading ends of two pipes, message and
// envelope as waypost-queue reads them on 0 and 1. Who is here: the reading end of a pipe with
// questions and the writing end of one for the answers, as waypost-route has them on 0 and 1. And
// the writing end of a pipe for the answer: the exit status, and behind it its complement, since
// garbage must not be taken for what is safe or refused. So a request says nothing that would have
// to be parsed, it belongs to nobody, and many processes may ask at one socket. When the end comes
// without an answer, nobody knows what became of the message.
#pragma once

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::smtpd {

inline constexpr int kInternal = 81;       // waypost-queue(8)
inline constexpr int kConnectionLost = 74; // likewise

class Request {
public:
  enum class Kind : char { message = 'Q', recipients = 'R' };

  // The next one; false when nobody is left who could ask, an error of code 0 when something else
  // came.
  [[nodiscard]] Result<bool> take(int requests);
  [[nodiscard]] Kind kind() const { return kind_; }
  // What the program has on 0 and on 1.
  [[nodiscard]] int first() const { return first_.get(); }
  [[nodiscard]] int second() const { return second_.get(); }
  // Somebody else has them. When that one ends early, writing stops.
  void close_pipes();
  // Once. SIGPIPE must be ignored: who asked may be gone.
  void answer(int status);

private:
  Kind kind_ = Kind::message;
  Fd first_;
  Fd second_;
  Fd answer_;
};

// The other ends.
struct Asked {
  Fd first;
  Fd second;
  Fd answer;
};
[[nodiscard]] Result<Asked> ask(int requests, Request::Kind kind);
// The exit status, or kInternal when nobody knows it. Waits.
[[nodiscard]] int await_status(const Fd& answer);

} // namespace waypost::smtpd
