#include "socks/wire_endpoint.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace waypost::socks {
namespace {

constexpr std::size_t kPort = 2;
constexpr std::size_t kMostName = 255; // RFC 1928 5: one byte says how long it is

int family_of(AddressKind kind) {
  return kind == AddressKind::ipv6 ? AF_INET6 : AF_INET;
}

std::size_t address_size(AddressKind kind) {
  return kind == AddressKind::ipv6 ? sizeof(in6_addr) : sizeof(in_addr);
}

} // namespace

Result<Endpoint> endpoint(std::string_view host, std::uint16_t port) {
  const std::string text(host);
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  for (const AddressKind kind : {AddressKind::ipv4, AddressKind::ipv6}) {
    // inet_pton(3) reads up to a NUL.
    if (text.find('\0') == std::string::npos &&
        ::inet_pton(family_of(kind), text.c_str(), bytes.data()) == 1) {
      return Endpoint{kind, text, port};
    }
  }
  if (text.empty()) return fail("a host without a name");
  if (text.size() > kMostName) return fail("a host's name of more than 255 bytes");
  if (std::ranges::any_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7F; })) {
    return fail("a host's name with a space or control characters");
  }
  return Endpoint{AddressKind::name, text, port};
}

Result<> check(const Login& login) {
  const auto fits = [](const std::string& part) { return !part.empty() && part.size() <= 255; };
  if (!fits(login.user)) return fail("the user's name must have 1 to 255 bytes (RFC 1929)");
  if (!fits(login.password)) return fail("the password must have 1 to 255 bytes (RFC 1929)");
  return {};
}

std::string encode(const Endpoint& to) {
  std::string out(1, static_cast<char>(to.kind));
  if (to.kind == AddressKind::name) {
    out += static_cast<char>(to.host.size());
    out += to.host;
  } else {
    std::array<char, sizeof(in6_addr)> bytes{};
    ::inet_pton(family_of(to.kind), to.host.c_str(), bytes.data());
    out.append(bytes.data(), address_size(to.kind));
  }
  out += static_cast<char>(to.port >> 8);
  out += static_cast<char>(to.port & 0xFF);
  return out;
}

bool known_kind(std::uint8_t kind) {
  return kind == 1 || kind == 3 || kind == 4;
}

std::size_t encoded_size(std::string_view first) {
  switch (static_cast<AddressKind>(first[0])) {
  case AddressKind::ipv4: return 1 + sizeof(in_addr) + kPort;
  case AddressKind::ipv6: return 1 + sizeof(in6_addr) + kPort;
  case AddressKind::name: return 2 + static_cast<std::uint8_t>(first[1]) + kPort;
  }
  return 2;
}

Endpoint decode(std::string_view whole) {
  Endpoint found;
  found.kind = static_cast<AddressKind>(whole[0]);
  const std::string_view port = whole.substr(whole.size() - kPort);
  const std::string_view address = whole.substr(1, whole.size() - 1 - kPort);
  found.port = static_cast<std::uint16_t>(static_cast<std::uint8_t>(port[0]) << 8 |
                                          static_cast<std::uint8_t>(port[1]));
  if (found.kind == AddressKind::name) {
    found.host = address.substr(1);
    return found;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family_of(found.kind), address.data(), text.data(), text.size());
  found.host = text.data();
  return found;
}

} // namespace waypost::socks
