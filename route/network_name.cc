#include "route/network_name.h"

#include <algorithm>
#include <arpa/inet.h>

#include "lib/mail/address.h"
#include "lib/mail/idna.h"
#include "lib/sys/text.h"

namespace waypost::route {
namespace {

// Bytes that only an address or a mistake in one has.
bool looks_like_address(std::string_view text) {
  return !text.empty() && (text.find_first_not_of("0123456789.") == std::string_view::npos ||
                           text.find(':') != std::string_view::npos);
}

// What stands within the brackets; `rest` is what follows them.
std::string_view take_brackets(std::string_view& rest) {
  rest.remove_prefix(1);
  const std::string_view inside = cut(rest, ']');
  return inside;
}

Parsed<std::string> with_port(const std::string& host, std::string_view port) {
  const auto number = parse_number(port, 65535);
  if (!number || *number == 0) return std::unexpected("has a port that is not from 1 to 65535");
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(*number);
}

// "[v6]:port" or "name:port" into its two parts; `port` is empty when there is none.
struct HostPort {
  std::string_view host;
  std::string_view port;
  bool has_port = false;
};

Parsed<HostPort> split_port(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return std::unexpected("is a URL");
  if (text.starts_with('[')) {
    std::string_view rest = text;
    const std::string_view inside = take_brackets(rest);
    if (inside.size() + 1 == text.size()) return std::unexpected("has a [ without its ]");
    if (rest.empty()) return HostPort{inside, {}, false};
    if (rest.front() != ':') return std::unexpected("has something other than :PORT behind the ]");
    return HostPort{inside, rest.substr(1), true};
  }
  if (std::ranges::count(text, ':') != 1) return HostPort{text, {}, false};
  std::string_view port = text;
  const std::string_view host = cut(port, ':');
  return HostPort{host, port, true};
}

} // namespace

Parsed<std::string> parse_ip(std::string_view text) {
  const std::string copy(text);
  unsigned char bytes[sizeof(in6_addr)];
  char out[INET6_ADDRSTRLEN];
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, copy.c_str(), bytes) != 1) continue;
    if (::inet_ntop(family, bytes, out, sizeof out) != nullptr) return std::string(out);
  }
  return std::unexpected("is not an IP address");
}

Parsed<std::string> parse_resolver(std::string_view text) {
  const Parsed<HostPort> parts = split_port(text);
  if (!parts) return std::unexpected(parts.error());
  const Parsed<std::string> ip = parse_ip(parts->host);
  if (!ip || !parts->has_port) return ip;
  return with_port(*ip, parts->port);
}

Parsed<std::string> parse_host(std::string_view text) {
  const Parsed<HostPort> parts = split_port(text);
  if (!parts) return std::unexpected(parts.error());
  if (parts->has_port) return std::unexpected("holds a port, which stands in a key of its own");
  if (looks_like_address(parts->host)) return parse_ip(parts->host);
  if (text.starts_with('[')) return std::unexpected("has brackets, which only an address may have");
  return parse_domain(parts->host);
}

Parsed<std::string> parse_host_and_port(std::string_view text) {
  const Parsed<HostPort> parts = split_port(text);
  if (!parts) return std::unexpected(parts.error());
  if (!parts->has_port) return std::unexpected("has no port");
  const bool address = text.starts_with('[') || looks_like_address(parts->host);
  const Parsed<std::string> host = address ? parse_ip(parts->host) : parse_domain(parts->host);
  if (!host) return host;
  return with_port(*host, parts->port);
}

Parsed<std::string> parse_domain(std::string_view text) {
  if (text.empty()) return std::unexpected("is empty");
  if (text.find('@') != std::string_view::npos) {
    return std::unexpected("is an address, not a domain");
  }
  if (text.find('*') != std::string_view::npos) {
    return std::unexpected("holds a star (a leading dot means: the domain and all below it)");
  }
  const Result<std::string> normal = normal_domain(text);
  if (!normal) return std::unexpected("is not a domain name");
  if (normal->starts_with('[')) return std::unexpected("is an address literal, not a domain name");
  return *normal;
}

Parsed<std::string> parse_helo(std::string_view text) {
  if (!text.starts_with('[')) return parse_domain(text);
  const Result<Domain> literal = Domain::parse(text);
  if (!literal) return std::unexpected("is not an address literal");
  return literal->text();
}

Parsed<std::string> parse_pattern(std::string_view text) {
  if (text.starts_with('[')) {
    const Result<std::string> literal = normal_domain(text);
    if (!literal) return std::unexpected("is not an address literal");
    return *literal;
  }
  const bool below = text.starts_with('.');
  const Parsed<std::string> domain = parse_domain(below ? text.substr(1) : text);
  if (!domain || !below) return domain;
  return "." + *domain;
}

Parsed<std::string> parse_mailbox(std::string_view text) {
  const Result<Address> address = Address::parse(text);
  if (!address) return std::unexpected("is not a mail address");
  if (address->domain().empty()) return std::unexpected("is not a mail address with a domain");
  return address->text();
}

Parsed<std::string> parse_null_sender(std::string_view text) {
  if (text == "<>" || text.empty()) return std::string();
  return parse_mailbox(text);
}

} // namespace waypost::route
