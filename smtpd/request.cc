#include "smtpd/request.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "lib/sys/passed_descriptors.h"
#include "lib/sys/pipe.h"

namespace waypost::smtpd {
namespace {

using StatusBytes = std::array<std::uint8_t, 2>;

} // namespace

Result<bool> Request::take(int requests) {
  std::array<Fd, 3> passed;
  const auto came = take_descriptors(requests, passed);
  if (!came) return std::unexpected(came.error());
  if (!*came) return false;
  kind_ = static_cast<Kind>(**came);
  if (kind_ != Kind::message && kind_ != Kind::recipients) return fail("an unknown request");
  first_ = std::move(passed[0]);
  second_ = std::move(passed[1]);
  answer_ = std::move(passed[2]);
  return true;
}

void Request::close_pipes() {
  first_.reset();
  second_.reset();
}

void Request::answer(int status) {
  const auto byte = static_cast<std::uint8_t>(status);
  const StatusBytes said = {byte, static_cast<std::uint8_t>(~byte)};
  std::string_view rest(reinterpret_cast<const char*>(said.data()), said.size());
  while (!rest.empty()) {
    const ssize_t n = ::write(answer_.get(), rest.data(), rest.size());
    if (n < 0 && errno != EINTR) break; // who asked has gone
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
  }
  answer_.reset();
}

Result<Asked> ask(int requests, Request::Kind kind) {
  Result<Pipe> first = open_pipe();
  if (!first) return std::unexpected(first.error());
  Result<Pipe> second = open_pipe();
  if (!second) return std::unexpected(second.error());
  Result<Pipe> answer = open_pipe();
  if (!answer) return std::unexpected(answer.error());
  // The second pipe carries the envelope there, or answers back.
  const bool back = kind == Request::Kind::recipients;
  Fd& theirs = back ? second->write : second->read;
  Fd& ours = back ? second->read : second->write;
  const std::array passed{first->read.get(), theirs.get(), answer->write.get()};
  const Result<> asked = pass_descriptors(requests, static_cast<char>(kind), passed);
  if (!asked) return std::unexpected(asked.error());
  return Asked{std::move(first->write), std::move(ours), std::move(answer->read)};
}

int await_status(const Fd& answer) {
  StatusBytes said{};
  std::size_t heard = 0;
  while (heard < said.size()) {
    const ssize_t n = ::read(answer.get(), &said[heard], said.size() - heard);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return kInternal;
    heard += static_cast<std::size_t>(n);
  }
  return said[1] == static_cast<std::uint8_t>(~said[0]) ? said[0] : kInternal;
}

} // namespace waypost::smtpd
