#include "lib/mail/idna.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <memory>

#include "lib/mail/address.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

// One IPv6 address has many spellings (RFC 5952); an IPv4 address has one. `lower` has been parsed.
std::string normal_literal(const std::string& lower) {
  constexpr std::string_view kTag = "[ipv6:";
  if (!lower.starts_with(kTag)) return lower;
  const std::string inside = lower.substr(kTag.size(), lower.size() - kTag.size() - 1);
  in6_addr address{};
  char text[INET6_ADDRSTRLEN];
  if (::inet_pton(AF_INET6, inside.c_str(), &address) != 1) return lower;
  return std::string(kTag) + ::inet_ntop(AF_INET6, &address, text, sizeof text) + "]";
}

} // namespace

Result<std::string> normal_domain(std::string_view text) {
  const Result<Domain> domain = Domain::parse(text);
  if (!domain) return std::unexpected(domain.error());
  // An ASCII name is taken as it is: "_dmarc", "--x--" and friends live in DNS though IDNA has no
  // word for them.
  if (domain->literal()) return normal_literal(domain->lower());
  if (domain->ascii()) return domain->lower();
  char* raw = nullptr;
  const int code =
      ::idn2_to_ascii_8z(domain->lower().c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> ascii(raw, ::idn2_free);
  if (code != IDN2_OK) {
    return fail("domain " + printable(text) + " has no ASCII form: " + ::idn2_strerror(code));
  }
  // UTS #46 maps letters onto others: what comes out may be no domain any more (a full-width
  // bracket, an ideographic full stop), so it must pass the same door.
  const Result<Domain> mapped = Domain::parse(ascii.get());
  if (!mapped || mapped->literal()) {
    return fail("domain " + printable(text) + " has no ASCII form: " + printable(ascii.get()));
  }
  return mapped->lower();
}

} // namespace waypost
