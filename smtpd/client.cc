#include "smtpd/client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <sys/socket.h>

#include "lib/sys/text.h"

namespace waypost::smtpd {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string text_of(const in6_addr& address) {
  char text[INET6_ADDRSTRLEN];
  if (IN6_IS_ADDR_V4MAPPED(&address))
    return ::inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof text);
  return ::inet_ntop(AF_INET6, &address, text, sizeof text);
}

// An IP address in its shortest form, an IPv4 address that came in IPv6 as IPv4; or nothing.
std::string canonical_ip(std::string_view given) {
  const std::string text(given.substr(0, given.find('%')));
  in6_addr six{};
  if (::inet_pton(AF_INET6, text.c_str(), &six) == 1) return text_of(six);
  in_addr four{};
  return ::inet_pton(AF_INET, text.c_str(), &four) == 1 ? text : std::string();
}

bool host_byte(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_';
}

std::string host_name(std::string_view given) {
  constexpr std::size_t kMost = 255;
  const bool good = given.size() <= kMost && std::ranges::all_of(given, host_byte);
  return good && given != "unknown" ? std::string(given) : std::string();
}

} // namespace

std::optional<std::string> peer_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
  char text[INET_ADDRSTRLEN];
  if (address.ss_family == AF_INET6)
    return text_of(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  if (address.ss_family != AF_INET) return std::nullopt;
  const auto& four = reinterpret_cast<const sockaddr_in&>(address);
  return ::inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
}

Client find_client(int fd, bool caller) {
  Client client;
  const std::optional<std::string> peer = peer_of(fd);
  if (caller && !peer) {
    client.relay = "";
    return client;
  }
  client.ip = canonical_ip(variable("TCPREMOTEIP"));
  client.host = host_name(variable("TCPREMOTEHOST"));
  if (client.ip.empty() && peer) client.ip = *peer;
  client.network = peer || !client.ip.empty() || !variable("TCPREMOTEIP").empty();
  if (const char* const suffix = std::getenv("RELAYCLIENT")) client.relay = suffix;
  return client;
}

} // namespace waypost::smtpd
