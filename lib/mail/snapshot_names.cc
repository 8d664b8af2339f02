#include "lib/mail/snapshot.h"

#include "lib/sys/names.h"

namespace waypost {
namespace {

constexpr Names<TransportType, 11> kTypes{{
    {TransportType::direct, "direct"},
    {TransportType::smtp, "smtp"},
    {TransportType::submission, "submission"},
    {TransportType::submissions, "submissions"},
    {TransportType::socks, "socks"},
    {TransportType::fail, "fail"},
    {TransportType::maildir, "maildir"},
    {TransportType::mbox, "mbox"},
    {TransportType::lmtp, "lmtp"},
    {TransportType::pipe, "pipe"},
    {TransportType::aliases, "aliases"},
}};

constexpr Names<TlsPolicy, 4> kTlsPolicies{{
    {TlsPolicy::off, "off"},
    {TlsPolicy::opportunistic, "opportunistic"},
    {TlsPolicy::required, "required"},
    {TlsPolicy::verified, "verified"},
}};

constexpr Names<FamilyPolicy, 5> kFamilies{{
    {FamilyPolicy::any, "any"},
    {FamilyPolicy::ipv4, "ipv4"},
    {FamilyPolicy::ipv6, "ipv6"},
    {FamilyPolicy::prefer_ipv4, "prefer-ipv4"},
    {FamilyPolicy::prefer_ipv6, "prefer-ipv6"},
}};

} // namespace

std::string_view name(TransportType type) {
  return word_of(kTypes, type);
}

std::optional<TransportType> parse_transport_type(std::string_view word) {
  return value_of(kTypes, word);
}

std::string_view name(TlsPolicy policy) {
  return word_of(kTlsPolicies, policy);
}

std::optional<TlsPolicy> parse_tls_policy(std::string_view word) {
  return value_of(kTlsPolicies, word);
}

std::string_view name(FamilyPolicy policy) {
  return word_of(kFamilies, policy);
}

std::optional<FamilyPolicy> parse_family_policy(std::string_view word) {
  return value_of(kFamilies, word);
}

bool is_local(TransportType type) {
  switch (type) {
  case TransportType::maildir:
  case TransportType::mbox:
  case TransportType::lmtp:
  case TransportType::pipe:
  case TransportType::aliases: return true;
  case TransportType::direct:
  case TransportType::smtp:
  case TransportType::submission:
  case TransportType::submissions:
  case TransportType::socks:
  case TransportType::fail: break;
  }
  return false;
}

bool is_local_type(std::string_view name) {
  const auto type = parse_transport_type(name);
  return type && is_local(*type);
}

} // namespace waypost
