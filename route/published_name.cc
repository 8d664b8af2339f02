#include "route/published_name.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "route/network_name.h"

namespace waypost::route {
namespace {

// "192.0.2.0/24", "2001:db8::/32", or one address: with its mechanism in front.
Parsed<std::string> range(std::string_view text) {
  std::string_view length = text;
  const Parsed<std::string> address = parse_ip(cut(length, '/'));
  if (!address) return address;
  const bool six = address->contains(':');
  std::string mechanism = (six ? "ip6:" : "ip4:") + *address;
  if (!text.contains('/')) return mechanism;
  const auto bits = parse_number(length, six ? 128 : 32);
  if (!bits || *bits == 0) return std::unexpected("has a prefix length that is none");
  return mechanism + "/" + std::to_string(*bits);
}

bool looks_like_range(std::string_view text) {
  const std::string_view address = text.substr(0, text.find('/'));
  return address.contains(':') || text.contains('/') ||
         address.find_first_not_of("0123456789.") == std::string_view::npos;
}

Parsed<std::string> of_domain(std::string_view mechanism, std::string_view name) {
  const Parsed<std::string> domain = parse_domain(name);
  if (!domain) return domain;
  return std::string(mechanism) + *domain;
}

bool label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

} // namespace

Parsed<std::string> parse_spf_mechanism(std::string_view text) {
  if (text.empty()) return std::unexpected("is empty");
  const std::string lower = ascii_lower(text);
  const std::string_view whole = lower;
  if (whole.starts_with("ip4:") || whole.starts_with("ip6:")) {
    const Parsed<std::string> parsed = range(whole.substr(4));
    if (parsed && !parsed->starts_with(whole.substr(0, 4))) {
      return std::unexpected("has an address of the other family");
    }
    return parsed;
  }
  for (const std::string_view mechanism : {"include:", "a:", "mx:"}) {
    if (whole.starts_with(mechanism)) return of_domain(mechanism, text.substr(mechanism.size()));
  }
  if (looks_like_range(whole)) return range(whole);
  return of_domain("include:", text);
}

Parsed<std::string> parse_selector(std::string_view text) {
  std::string lower = ascii_lower(text);
  if (lower.size() > 180 || !std::ranges::all_of(split(lower, '.'), label)) {
    return std::unexpected("is no selector: labels of letters, digits, - and _");
  }
  return lower;
}

} // namespace waypost::route
