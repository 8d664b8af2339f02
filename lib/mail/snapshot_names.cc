#include "lib/mail/snapshot.h"

#include <array>
#include <utility>

namespace waypost {
namespace {

constexpr std::array<std::pair<TransportType, std::string_view>, 6> kTypes{{
    {TransportType::direct, "direct"},
    {TransportType::smtp, "smtp"},
    {TransportType::submission, "submission"},
    {TransportType::submissions, "submissions"},
    {TransportType::socks, "socks"},
    {TransportType::fail, "fail"},
}};

constexpr std::array<std::pair<TlsPolicy, std::string_view>, 4> kTlsPolicies{{
    {TlsPolicy::off, "off"},
    {TlsPolicy::opportunistic, "opportunistic"},
    {TlsPolicy::required, "required"},
    {TlsPolicy::verified, "verified"},
}};

constexpr std::array<std::pair<FamilyPolicy, std::string_view>, 5> kFamilies{{
    {FamilyPolicy::any, "any"},
    {FamilyPolicy::ipv4, "ipv4"},
    {FamilyPolicy::ipv6, "ipv6"},
    {FamilyPolicy::prefer_ipv4, "prefer-ipv4"},
    {FamilyPolicy::prefer_ipv6, "prefer-ipv6"},
}};

template <class Table, class Value>
std::string_view word_for(const Table& table, Value value) {
  for (const auto& [one, word] : table) {
    if (one == value) return word;
  }
  return {};
}

template <class Value, class Table>
std::optional<Value> value_of(const Table& table, std::string_view word) {
  for (const auto& [one, its] : table) {
    if (its == word) return one;
  }
  return std::nullopt;
}

} // namespace

std::string_view name(TransportType type) {
  return word_for(kTypes, type);
}

std::optional<TransportType> parse_transport_type(std::string_view word) {
  return value_of<TransportType>(kTypes, word);
}

std::string_view name(TlsPolicy policy) {
  return word_for(kTlsPolicies, policy);
}

std::optional<TlsPolicy> parse_tls_policy(std::string_view word) {
  return value_of<TlsPolicy>(kTlsPolicies, word);
}

std::string_view name(FamilyPolicy policy) {
  return word_for(kFamilies, policy);
}

std::optional<FamilyPolicy> parse_family_policy(std::string_view word) {
  return value_of<FamilyPolicy>(kFamilies, word);
}

} // namespace waypost
