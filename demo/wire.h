// Wire: a sink's side of one connection, in clear text or TLS. Blocking, for a thread of its own.
//
// What is sent may leave in pieces with pauses. When the client is gone, every call says so and
// nothing more happens. A line is at most 1 MiB; a longer one counts as gone.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "demo/script.h"
#include "demo/tls_server.h"
#include "lib/sys/fd.h"

namespace waypost::demo {

class Wire {
public:
  explicit Wire(Fd socket);

  // From now on; 0 bytes: all at once.
  void in_pieces(std::uint64_t bytes, std::chrono::milliseconds pause);
  [[nodiscard]] bool send(std::string_view bytes);
  // A line without its end; none when the client is gone.
  [[nodiscard]] std::optional<std::string> read_line(LineEnds ends);
  [[nodiscard]] bool read(std::uint64_t count);
  [[nodiscard]] bool begin_tls(TlsServer& server);
  [[nodiscard]] bool in_tls() const { return tls_ != nullptr; }

  void read_until_gone();
  void wait_until_gone(); // without reading
  void close();           // says that nothing more comes, in order
  void reset();           // RST

private:
  bool send_at_once(std::string_view bytes);
  bool fill(); // more bytes into unread_
  std::optional<std::size_t> end_of_line(LineEnds ends, std::size_t from) const;

  Fd socket_;
  TlsSession tls_;
  std::uint64_t piece_ = 0;
  std::chrono::milliseconds pause_{0};
  std::string unread_;
  bool skip_lf_ = false; // a CR ended the last line: a LF behind it belongs to it
};

} // namespace waypost::demo
