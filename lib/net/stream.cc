#include "lib/net/stream.h"

#include <algorithm>
#include <array>

namespace waypost::net {
namespace {

constexpr std::size_t kChunk = 65536;

} // namespace

// Reads once from the socket into the session. False at the end of the stream.
Task<Result<bool>> Stream::feed_tls(Deadline deadline) {
  std::array<char, 4096> arrived;
  const Result<std::size_t> got = co_await socket_.read_some(arrived, deadline);
  if (!got) co_return std::unexpected(got.error());
  tls_->feed(std::string_view(arrived.data(), *got));
  co_return *got > 0;
}

Task<Result<>> Stream::start_tls(std::unique_ptr<TlsSession> session, Deadline deadline) {
  tls_ = std::move(session);
  for (;;) {
    const Result<bool> done = tls_->handshake();
    // Also after an error: the alert tells the server why.
    const std::string out = tls_->outgoing();
    const Result<> sent = co_await socket_.write_all(out, deadline);
    if (!done) co_return std::unexpected(done.error());
    if (!sent) co_return std::unexpected(sent.error());
    if (*done) co_return Result<>();
    const Result<bool> fed = co_await feed_tls(deadline);
    if (!fed) co_return std::unexpected(fed.error());
    if (!*fed) co_return fail("TLS handshake: connection closed");
  }
}

Task<Result<std::size_t>> Stream::read_some(std::span<char> into, Deadline deadline) {
  if (!tls_) {
    const Result<std::size_t> plain = co_await socket_.read_some(into, deadline);
    co_return plain;
  }
  for (;;) {
    const Result<std::optional<std::size_t>> got = tls_->read(into);
    if (!got) co_return std::unexpected(got.error());
    if (*got) co_return **got;
    const Result<bool> fed = co_await feed_tls(deadline);
    if (!fed) co_return std::unexpected(fed.error());
    if (!*fed) co_return std::size_t{0};
  }
}

Result<std::optional<std::size_t>> Stream::read_now(std::span<char> into) {
  if (!tls_) return socket_.read_now(into);
  for (;;) {
    const Result<std::optional<std::size_t>> got = tls_->read(into);
    if (!got || *got) return got;
    std::array<char, 4096> arrived;
    const Result<std::optional<std::size_t>> fed = socket_.read_now(arrived);
    if (!fed || !*fed || **fed == 0) return fed;
    tls_->feed(std::string_view(arrived.data(), **fed));
  }
}

Task<Result<>> Stream::write_all(std::string_view bytes, Deadline deadline) {
  if (!tls_) {
    const Result<> plain = co_await socket_.write_all(bytes, deadline);
    co_return plain;
  }
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kChunk);
    bytes.remove_prefix(part.size());
    const Result<> sealed = tls_->write(part);
    if (!sealed) co_return std::unexpected(sealed.error());
    const std::string out = tls_->outgoing();
    const Result<> sent = co_await socket_.write_all(out, deadline);
    if (!sent) co_return std::unexpected(sent.error());
  }
  co_return Result<>();
}

void Stream::write_and_forget(std::string_view bytes) {
  if (!tls_) {
    const Result<std::size_t> plain = socket_.write_now(bytes);
    static_cast<void>(plain);
    return;
  }
  if (!tls_->write(bytes)) return;
  tls_->close();
  const std::string out = tls_->outgoing();
  const Result<std::size_t> sent = socket_.write_now(out);
  static_cast<void>(sent);
}

} // namespace waypost::net
