// A SOCKS5 proxy that says anything, in pieces of any size: the end is one of two, the same for
// every split, and no byte of the destination's is taken.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "socks/socks5.h"

using namespace waypost::socks;

namespace {

struct End {
  bool connected = false;
  std::string said;
  std::string text;
  std::string rest;
  Endpoint bound;
  bool operator==(const End&) const = default;
};

End run(const Endpoint& to, bool login, std::string_view bytes, std::size_t piece) {
  Negotiation client(to, login ? std::optional(Login{"user", "password"}) : std::nullopt);
  End end;
  while (client.wanted() > 0) {
    end.said += client.outgoing();
    if (bytes.empty()) client.ended("connection closed");
    const std::string_view arrived = bytes.substr(0, piece);
    const std::size_t taken = client.take(arrived);
    if (taken > arrived.size()) std::abort();
    bytes.remove_prefix(taken);
  }
  if (client.connected() == client.failure().has_value()) std::abort();
  if (client.take("x") != 0) std::abort();
  end.said += client.outgoing();
  end.connected = client.connected();
  if (client.failure()) end.text = client.failure()->text;
  // A proxy that is refused early may have said more; only behind a success it is the server's.
  if (end.connected) end.rest = bytes;
  end.bound = client.bound();
  return end;
}

} // namespace

// The first byte: how the client asks, and the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr const char* kHosts[] = {"192.0.2.25", "2001:db8::19", "mx.example.org", "x"};
  const auto to = endpoint(kHosts[data[0] & 3], 25);
  if (!to) std::abort();
  const bool login = (data[0] & 4) != 0;
  const End whole = run(*to, login, bytes, bytes.size() + 1);
  if (run(*to, login, bytes, 1) != whole) std::abort();
  if (run(*to, login, bytes, static_cast<std::size_t>(data[0] >> 3) + 1) != whole) std::abort();
  for (const char c : whole.text) {
    if (c < ' ' || c > '~') std::abort();
  }
  return 0;
}
