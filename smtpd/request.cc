#include "smtpd/request.h"

#include <array>
#include <fcntl.h>

#include "lib/sys/passed_descriptors.h"

namespace waypost::smtpd {
namespace {

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

} // namespace

Result<bool> Request::take(int requests) {
  std::array<Fd, 3> passed;
  Result<bool> came = take_descriptors(requests, passed);
  message_ = std::move(passed[0]);
  envelope_ = std::move(passed[1]);
  answer_ = std::move(passed[2]);
  return came;
}

void Request::close_pipes() {
  message_.reset();
  envelope_.reset();
}

void Request::answer(int status) {
  const char byte = static_cast<char>(status);
  [[maybe_unused]] const ssize_t n = ::write(answer_.get(), &byte, 1);
  answer_.reset();
}

Result<Asked> ask(int requests) {
  Result<Pipe> message = make_pipe();
  if (!message) return std::unexpected(message.error());
  Result<Pipe> envelope = make_pipe();
  if (!envelope) return std::unexpected(envelope.error());
  Result<Pipe> answer = make_pipe();
  if (!answer) return std::unexpected(answer.error());
  const std::array passed{message->read.get(), envelope->read.get(), answer->write.get()};
  const Result<> asked = pass_descriptors(requests, passed);
  if (!asked) return std::unexpected(asked.error());
  return Asked{std::move(message->write), std::move(envelope->write), std::move(answer->read)};
}

} // namespace waypost::smtpd
