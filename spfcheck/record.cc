#include "spfcheck/record.h"

#include <algorithm>
#include <array>

#include "lib/sys/text.h"

namespace waypost::spfcheck {
namespace {

constexpr std::string_view kVersion = "v=spf1";

struct Named {
  std::string_view name;
  MechanismKind kind;
};
constexpr std::array<Named, 8> kMechanisms{{{"all", MechanismKind::all},
                                            {"include", MechanismKind::include},
                                            {"a", MechanismKind::a},
                                            {"mx", MechanismKind::mx},
                                            {"ptr", MechanismKind::ptr},
                                            {"ip4", MechanismKind::ip4},
                                            {"ip6", MechanismKind::ip6},
                                            {"exists", MechanismKind::exists}}};

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
std::size_t name_length(std::string_view term) {
  if (term.empty() || !is_alpha(term.front())) return 0;
  const auto end = std::ranges::find_if_not(term, [](char c) {
    return is_alpha(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
  return static_cast<std::size_t>(end - term.begin());
}

std::optional<Qualifier> qualifier_of(char c) {
  switch (c) {
  case '+': return Qualifier::pass;
  case '-': return Qualifier::fail;
  case '~': return Qualifier::softfail;
  case '?': return Qualifier::neutral;
  default: return std::nullopt;
  }
}

// Takes "/24" or "//64" off the end of `text`. `prefix` stays as it was where there is none; false:
// there is one, and it is too long. A number with a leading zero is none (12).
bool take_prefix(std::string_view& text, std::string_view slash, int most, int& prefix) {
  const std::size_t digits = text.find_last_not_of("0123456789");
  if (digits == std::string_view::npos || digits + 1 == text.size()) return true;
  const std::string_view number = text.substr(digits + 1);
  if (!text.substr(0, digits + 1).ends_with(slash)) return true;
  if (number.size() > 1 && number.front() == '0') return true;
  const auto value = parse_number(number, static_cast<std::uint64_t>(most));
  if (!value) return false;
  prefix = static_cast<int>(*value);
  text.remove_suffix(number.size() + slash.size());
  return true;
}

using Problem = std::optional<std::string>; // what is wrong with a term

Problem take_domain(std::string_view spec, std::optional<MacroString>& domain) {
  std::expected<MacroString, MacroError> parsed = parse_domain_spec(spec);
  if (!parsed) return parsed.error().text;
  domain = std::move(*parsed);
  return std::nullopt;
}

// a and mx: [ ":" domain-spec ] [ "/" length ] [ "//" length ]
Problem take_hosts(std::string_view rest, Mechanism& mechanism) {
  constexpr int kMost4 = 32;
  constexpr int kMost6 = 128;
  if (!take_prefix(rest, "//", kMost6, mechanism.prefix6)) return "an IPv6 prefix beyond 128";
  if (!take_prefix(rest, "/", kMost4, mechanism.prefix4)) return "an IPv4 prefix beyond 32";
  if (rest.empty()) return std::nullopt;
  if (rest.front() != ':') return "a prefix length that is none";
  return take_domain(rest.substr(1), mechanism.domain);
}

// ip4 and ip6: ":" network [ "/" length ]
Problem take_network(std::string_view rest, bool v6, Mechanism& mechanism) {
  if (!rest.starts_with(':')) return "no address";
  rest.remove_prefix(1);
  int prefix = v6 ? 128 : 32;
  if (!take_prefix(rest, "/", prefix, prefix))
    return v6 ? "an IPv6 prefix beyond 128" : "an IPv4 prefix beyond 32";
  const std::optional<Network> network = parse_address(rest, v6, prefix);
  if (!network) return v6 ? "no IPv6 address" : "no IPv4 address";
  mechanism.network = *network;
  return std::nullopt;
}

Problem take_argument(std::string_view rest, Mechanism& mechanism) {
  switch (mechanism.kind) {
  case MechanismKind::all:
    return rest.empty() ? Problem() : Problem("something behind the name of all");
  case MechanismKind::include:
  case MechanismKind::exists:
    if (!rest.starts_with(':')) return "no domain";
    return take_domain(rest.substr(1), mechanism.domain);
  case MechanismKind::ptr:
    if (rest.empty()) return std::nullopt;
    if (rest.front() != ':') return "a prefix length, which ptr cannot have";
    return take_domain(rest.substr(1), mechanism.domain);
  case MechanismKind::a:
  case MechanismKind::mx: return take_hosts(rest, mechanism);
  case MechanismKind::ip4: return take_network(rest, false, mechanism);
  case MechanismKind::ip6: return take_network(rest, true, mechanism);
  }
  return std::nullopt;
}

Problem take_mechanism(std::string_view term, Place place, Record& record) {
  Mechanism mechanism;
  mechanism.place = place;
  if (const auto qualifier = qualifier_of(term.front())) {
    mechanism.qualifier = *qualifier;
    term.remove_prefix(1);
  }
  const std::size_t length = std::min(term.find_first_of(":/"), term.size());
  const auto known = std::ranges::find_if(kMechanisms, [&](const Named& one) {
    return equal_ignoring_case(one.name, term.substr(0, length));
  });
  if (known == kMechanisms.end()) return "no mechanism has that name";
  mechanism.kind = known->kind;
  if (Problem problem = take_argument(term.substr(length), mechanism)) return problem;
  record.mechanisms.push_back(std::move(mechanism));
  return std::nullopt;
}

// RFC 7208 6: exp and redirect once at most; 12: their value is a domain-spec, that of an unknown
// modifier a macro string. An unknown one never takes the place of a known one with a bad value.
Problem take_modifier(std::string_view term, std::size_t length, Place place, Record& record) {
  Modifier modifier;
  modifier.name = ascii_lower(term.substr(0, length));
  modifier.place = place;
  const bool redirect = modifier.name == "redirect";
  const bool known = redirect || modifier.name == "exp";
  const std::string_view value = term.substr(length + 1);
  std::expected<MacroString, MacroError> parsed =
      known ? parse_domain_spec(value) : parse_macros(value);
  if (!parsed) return parsed.error().text;
  modifier.value = std::move(*parsed);
  if (!known) {
    record.others.push_back(std::move(modifier));
    return std::nullopt;
  }
  std::optional<Modifier>& only = redirect ? record.redirect : record.exp;
  if (only) return modifier.name + " a second time";
  only = std::move(modifier);
  return std::nullopt;
}

} // namespace

bool is_spf_record(std::string_view text) {
  return equal_ignoring_case(text.substr(0, kVersion.size()), kVersion) &&
         (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

std::expected<Record, RecordError> parse_record(std::string_view text) {
  if (!is_spf_record(text)) return std::unexpected(RecordError{{0, text.size()}, "not v=spf1"});
  Record record;
  record.text = text;
  for (std::size_t at = kVersion.size(); at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const Place place{at, end - at};
    const std::string_view term = text.substr(at, place.length);
    const std::size_t length = name_length(term);
    const bool modifier = length > 0 && length < term.size() && term[length] == '=';
    Problem problem =
        modifier ? take_modifier(term, length, place, record) : take_mechanism(term, place, record);
    if (problem) return std::unexpected(RecordError{place, std::move(*problem)});
    at = end;
  }
  return record;
}

bool costs_lookup(MechanismKind kind) {
  return kind != MechanismKind::all && kind != MechanismKind::ip4 && kind != MechanismKind::ip6;
}

const char* name_of(MechanismKind kind) {
  const auto known = std::ranges::find(kMechanisms, kind, &Named::kind);
  return known == kMechanisms.end() ? "" : known->name.data();
}

char sign_of(Qualifier qualifier) {
  switch (qualifier) {
  case Qualifier::pass: return '+';
  case Qualifier::fail: return '-';
  case Qualifier::softfail: return '~';
  case Qualifier::neutral: return '?';
  }
  return '+';
}

} // namespace waypost::spfcheck
