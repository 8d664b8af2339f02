#include "deliver/own_addresses.h"

#include "lib/sys/text.h"

namespace waypost::deliver {

bool to_exchangers(const Transport& transport) {
  return transport.type == TransportType::direct || transport.type == TransportType::socks;
}

std::vector<net::IpAddress> own_addresses(const Settings& settings, const Transport& transport) {
  std::vector<net::IpAddress> own;
  if (!to_exchangers(transport) || transport.local_hosts) return own;
  const bool direct = transport.type == TransportType::direct;
  if (direct) own = net::interface_addresses();
  for (const std::string& text : direct ? settings.public_ips : transport.remote_ips) {
    const auto address = net::IpAddress::parse(text);
    if (address) own.push_back(*address);
  }
  return own;
}

// inet_aton(3) takes one to four numbers, each decimal, octal or hexadecimal. A name in the DNS
// whose last label is all digits does not exist (RFC 3696 2).
bool names_no_remote_host(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::string last = ascii_lower(name.substr(name.rfind('.') + 1));
  if (last.empty() || last == "localhost") return true;
  if (last.starts_with("0x"))
    return last.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
  return last.find_first_not_of("0123456789") == std::string::npos;
}

} // namespace waypost::deliver
