// Start: what a new sender is told, and how it travels from waypost-deliver to waypost-sender.
//
// Three records: `type=start destination= prepared=1 proven=1 failing=1` with one end of the
// sender's channel beside it as descriptor, then the settings, then the transport (snapshot.h).
// `prepared` asks for a process that has TLS ready; `proven` says that the destination took mail in
// the last hour, `failing` that it has failed as a whole since.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "lib/mail/snapshot.h"
#include "lib/net/tls.h"

namespace waypost::deliver {

struct Start {
  std::string destination;
  bool prepared = false;
  bool proven = false;
  bool failing = false;
  Settings settings;
  Transport transport;
};

inline constexpr std::size_t kMaxStartFrame = std::size_t{256} << 10;

[[nodiscard]] std::array<Record, 3> to_records(const Start& start);

// Puts a Start together from its three records.
class StartReader {
public:
  // The whole Start with the third record; none before; an error when one is not what it must be.
  [[nodiscard]] Result<std::optional<Start>> take(const Record& record);

private:
  Start start_;
  int taken_ = 0;
};

// What the transport asks of TLS.
[[nodiscard]] net::TlsTrust trust_of(const Transport& transport);

} // namespace waypost::deliver
