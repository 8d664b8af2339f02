// What a proxy may say, played against the client at every split of its bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "socks/socks5.h"

namespace waypost::test {

using namespace std::string_view_literals;

// The end of a negotiation, and everything that the client has said.
struct Played {
  std::string said;
  std::string rest; // what was given to it and was not the proxy's
  bool connected = false;
  socks::Endpoint bound;
  std::optional<socks::Failure> failure;
};

// The proxy's bytes in pieces of `piece`, but the first of `first`; then the stream ends.
inline Played play(socks::Negotiation& client, std::string_view bytes, std::size_t first,
                   std::size_t piece) {
  Played played;
  std::size_t size = first;
  while (!bytes.empty() && client.wanted() > 0) {
    played.said += client.outgoing();
    bytes.remove_prefix(client.take(bytes.substr(0, size)));
    size = piece;
  }
  played.said += client.outgoing();
  played.rest = bytes;
  client.ended("connection closed");
  played.connected = client.connected();
  played.bound = client.bound();
  played.failure = client.failure();
  return played;
}

} // namespace waypost::test
