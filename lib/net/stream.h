// Stream: a connected socket, in clear text or behind TLS, as an SMTP client sees it.
//
// The rules of Socket hold: one operation at a time, each with a deadline, at most 64 KiB of our
// own bytes in memory while writing.
#pragma once

#include <memory>
#include <string>

#include "lib/net/socket.h"
#include "lib/net/tls.h"

namespace waypost::net {

class Stream {
public:
  Stream(Loop& loop, Fd fd) : socket_(loop, std::move(fd)) {}

  [[nodiscard]] Task<Result<>> connect(IpAddress address, std::uint16_t port, Deadline deadline) {
    return socket_.connect(address, port, deadline);
  }
  // Handshakes. The deadline is for the whole of it. After an error the stream is of no more use.
  [[nodiscard]] Task<Result<>> start_tls(std::unique_ptr<TlsSession> session, Deadline deadline);
  [[nodiscard]] Task<Result<std::size_t>> read_some(std::span<char> into, Deadline deadline);
  [[nodiscard]] Task<Result<>> write_all(std::string_view bytes, Deadline deadline);
  // What has arrived, without waiting: none while nothing has, 0 at the end of the stream. What TLS
  // says to itself (tickets, new keys) is nothing.
  [[nodiscard]] Result<std::optional<std::size_t>> read_now(std::span<char> into);

  // Sends what can be sent at once and forgets the rest: for a farewell, the last that is written.
  void write_and_forget(std::string_view bytes);
  [[nodiscard]] bool encrypted() const { return tls_ != nullptr; }
  [[nodiscard]] ChannelBinding channel_binding() const {
    return tls_ ? tls_->channel_binding() : ChannelBinding();
  }
  [[nodiscard]] std::string tls() const { return tls_ ? tls_->description() : std::string(); }

private:
  Task<Result<bool>> feed_tls(Deadline deadline);

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
};

} // namespace waypost::net
