#include "queue/accept/trace.h"

#include <arpa/inet.h>

#include "lib/mail/date.h"

namespace waypost::queue {
namespace {

// RFC 5322 3.2.2: parentheses and backslashes in a comment are quoted; controls never get here.
std::string comment(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string from_clause(const std::string& peer) {
  unsigned char bytes[sizeof(in6_addr)];
  if (::inet_pton(AF_INET, peer.c_str(), bytes) == 1) return "from [" + peer + "]";
  if (::inet_pton(AF_INET6, peer.c_str(), bytes) == 1) return "from [IPv6:" + peer + "]";
  return "from unknown (" + comment(peer) + ")";
}

std::string login_clause(std::string_view login) {
  constexpr std::string_view kSmtp = "smtp:";
  if (login.starts_with(kSmtp)) login.remove_prefix(kSmtp.size());
  return " (login " + comment(login) + ")";
}

} // namespace

std::string trace_field(std::string_view hostname, const MessageId& id, const Origin& origin) {
  std::string field = "Received: ";
  if (!origin.peer.empty()) {
    field += from_clause(origin.peer);
    if (!origin.login.empty()) field += login_clause(origin.login);
    field += "\r\n\t";
  }
  field += "by ";
  field += hostname;
  if (origin.peer.empty()) {
    field += " (waypost, from uid " + std::to_string(origin.uid) + ")";
  } else {
    field += " (waypost)";
  }
  field += "\r\n\tid " + id.text() + "; " + rfc5322_date(origin.arrival_us) + "\r\n";
  return field;
}

} // namespace waypost::queue
