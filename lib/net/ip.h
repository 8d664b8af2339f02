// IpAddress: an IPv4 or IPv6 address, and what is known of it without asking anybody.
//
// IPv4-mapped IPv6 addresses (::ffff:192.0.2.1) are taken as the IPv4 address that they reach.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

namespace waypost::net {

class IpAddress {
public:
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  // 4 or 16 bytes in network order.
  [[nodiscard]] static std::optional<IpAddress> from_bytes(std::span<const std::uint8_t> bytes);
  // "[192.0.2.1]" and "[IPv6:2001:db8::1]" (RFC 5321 4.1.3).
  [[nodiscard]] static std::optional<IpAddress> from_literal(std::string_view literal);
  [[nodiscard]] static std::optional<IpAddress> from_socket(const sockaddr& address);

  [[nodiscard]] bool v6() const { return length_ == 16; }
  [[nodiscard]] std::string text() const;
  // 127/8, ::1, 0.0.0.0/8, ::, 169.254/16, fe80::/10: never a mail server of somebody else.
  [[nodiscard]] bool local() const;
  // Multicast, broadcast and reserved (224/4, 240/4, ff00::/8): never a mail server at all.
  [[nodiscard]] bool unusable() const;

  // Fills in `out` and returns its length.
  socklen_t to_socket(std::uint16_t port, sockaddr_storage& out) const;

  bool operator==(const IpAddress&) const = default;

private:
  std::array<std::uint8_t, 16> bytes_{};
  std::uint8_t length_ = 4;
};

// The addresses of this machine's interfaces; empty when the system does not tell.
[[nodiscard]] std::vector<IpAddress> interface_addresses();

} // namespace waypost::net
