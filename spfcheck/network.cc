#include "spfcheck/network.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

namespace waypost::spfcheck {
namespace {

constexpr int kBitsOfByte = 8;

// "1.2.0.192" of the bytes as numbers, or of their nibbles, last first.
std::string reversed(const std::string& bytes, bool nibbles) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string name;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    const auto value = static_cast<unsigned char>(*byte);
    if (nibbles) {
      name += {kHex[value & 15], '.', kHex[value >> 4], '.'};
    } else {
      name += std::to_string(value) + ".";
    }
  }
  return name;
}

} // namespace

std::string bytes_of(const net::IpAddress& ip) {
  sockaddr_storage storage{};
  ip.to_socket(0, storage);
  if (ip.v6()) {
    sockaddr_in6 six{};
    std::memcpy(&six, &storage, sizeof six);
    return {reinterpret_cast<const char*>(&six.sin6_addr), sizeof six.sin6_addr};
  }
  sockaddr_in four{};
  std::memcpy(&four, &storage, sizeof four);
  return {reinterpret_cast<const char*>(&four.sin_addr), sizeof four.sin_addr};
}

Network network_of(const net::IpAddress& ip, int prefix) {
  Network network;
  const std::string bytes = bytes_of(ip);
  std::ranges::copy(bytes, network.bytes.begin());
  network.v6 = ip.v6();
  network.prefix = prefix;
  return network;
}

std::optional<Network> parse_address(std::string_view text, bool v6, int prefix) {
  Network network;
  network.v6 = v6;
  network.prefix = prefix;
  const std::string terminated(text);
  if (terminated.size() != std::char_traits<char>::length(terminated.c_str())) return std::nullopt;
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, terminated.c_str(), network.bytes.data()) != 1)
    return std::nullopt;
  return network;
}

bool Network::contains(const net::IpAddress& ip) const {
  return contains(network_of(ip, ip.v6() ? 128 : 32));
}

bool Network::contains(const Network& other) const {
  if (other.v6 != v6 || other.prefix < prefix) return false;
  const auto whole = static_cast<std::size_t>(prefix / kBitsOfByte);
  if (!std::equal(bytes.begin(), bytes.begin() + prefix / kBitsOfByte, other.bytes.begin()))
    return false;
  const int rest = prefix % kBitsOfByte;
  if (rest == 0) return true;
  const int mask = 0xff << (kBitsOfByte - rest);
  return ((other.bytes[whole] ^ bytes[whole]) & mask & 0xff) == 0;
}

std::string Network::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), buffer, sizeof buffer);
  const int full = v6 ? 128 : 32;
  return prefix == full ? buffer : std::string(buffer) + "/" + std::to_string(prefix);
}

std::string reverse_name(const net::IpAddress& ip) {
  return reversed(bytes_of(ip), ip.v6()) + (ip.v6() ? "ip6.arpa" : "in-addr.arpa");
}

} // namespace waypost::spfcheck
