#include "lib/net/ip.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <ifaddrs.h>
#include <netinet/in.h>

#include "lib/sys/text.h"

namespace waypost::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

} // namespace

std::optional<IpAddress> IpAddress::from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() == 16 && std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    bytes = bytes.subspan(12);
  }
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  IpAddress address;
  address.length_ = static_cast<std::uint8_t>(bytes.size());
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string whole(text);
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, whole.c_str(), bytes.data()) == 1) {
    return from_bytes(std::span(bytes).first(4));
  }
  if (inet_pton(AF_INET6, whole.c_str(), bytes.data()) == 1) return from_bytes(bytes);
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_literal(std::string_view literal) {
  if (literal.size() < 3 || literal.front() != '[' || literal.back() != ']') return std::nullopt;
  const std::string_view inner = literal.substr(1, literal.size() - 2);
  constexpr std::string_view tag = "ipv6:";
  const bool tagged =
      inner.size() > tag.size() && equal_ignoring_case(inner.substr(0, tag.size()), tag);
  if (!tagged) return inner.find(':') == std::string_view::npos ? parse(inner) : std::nullopt;
  const std::string_view six = inner.substr(tag.size());
  return six.find(':') == std::string_view::npos ? std::nullopt : parse(six);
}

std::optional<IpAddress> IpAddress::from_socket(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address, sizeof four);
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &four.sin_addr, bytes.size());
    return from_bytes(bytes);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof six);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
    return from_bytes(bytes);
  }
  return std::nullopt;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(v6() ? AF_INET6 : AF_INET, bytes_.data(), out.data(), out.size());
  return out.data();
}

bool IpAddress::local() const {
  if (!v6()) {
    const bool link_local = bytes_[0] == 169 && bytes_[1] == 254;
    return bytes_[0] == 127 || bytes_[0] == 0 || link_local;
  }
  const bool zeros =
      std::all_of(bytes_.begin(), bytes_.begin() + 15, [](std::uint8_t b) { return b == 0; });
  const bool link_local = bytes_[0] == 0xFE && (bytes_[1] & 0xC0) == 0x80;
  return (zeros && bytes_[15] <= 1) || link_local;
}

bool IpAddress::unusable() const {
  return v6() ? bytes_[0] == 0xFF : bytes_[0] >= 224;
}

socklen_t IpAddress::to_socket(std::uint16_t port, sockaddr_storage& out) const {
  out = {};
  if (v6()) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&six.sin6_addr, bytes_.data(), 16);
    std::memcpy(&out, &six, sizeof six);
    return sizeof six;
  }
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  std::memcpy(&four.sin_addr, bytes_.data(), 4);
  std::memcpy(&out, &four, sizeof four);
  return sizeof four;
}

std::vector<IpAddress> interface_addresses() {
  std::vector<IpAddress> all;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return all;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    const auto address = IpAddress::from_socket(*one->ifa_addr);
    if (address) all.push_back(*address);
  }
  freeifaddrs(list);
  return all;
}

} // namespace waypost::net
