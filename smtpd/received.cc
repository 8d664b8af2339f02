#include "smtpd/received.h"

#include <algorithm>

#include "lib/mail/date.h"
#include "lib/sys/text.h"

namespace waypost::smtpd {
namespace {

constexpr std::size_t kMaxHelo = 255; // RFC 5321 4.5.3.1.2

bool helo_byte(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._:[]").find(c) != std::string_view::npos;
}

// RFC 5321 4.1.3
std::string literal(const std::string& ip) {
  const bool six = ip.find(':') != std::string::npos;
  return (six ? "[IPv6:" : "[") + ip + "]";
}

std::string known_of(const Client& client) {
  if (client.ip.empty()) return {};
  std::string known = " (";
  if (!client.host.empty()) known += client.host + " ";
  return known + literal(client.ip) + ")";
}

} // namespace

std::string received_field(const Client& client, const Reception& reception) {
  std::string field = "Received: from ";
  field += reception.helo;
  field += known_of(client);
  field += "\r\n\tby ";
  field += reception.hostname;
  field += " (waypost-smtpd) with ";
  field += reception.protocol;
  field += "; " + rfc5322_date(reception.now) + "\r\n";
  return field;
}

bool valid_helo(std::string_view name) {
  return !name.empty() && name.size() <= kMaxHelo && std::ranges::all_of(name, helo_byte);
}

} // namespace waypost::smtpd
