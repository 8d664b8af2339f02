// Record: one SPF record (RFC 7208 4.6, 5, 6, 12), taken apart without looking anything up.
//
// Parsing is strict: an error anywhere makes the whole record a permerror (4.6), and says where.
// Each term keeps its place in the record's text, so that a report can point at it and a suggestion
// can be put before it. Nothing here is expanded: domain-specs are macro strings.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spfcheck/macro.h"
#include "spfcheck/network.h"

namespace waypost::spfcheck {

enum class Qualifier : std::uint8_t { pass, fail, softfail, neutral }; // + - ~ ?

enum class MechanismKind : std::uint8_t { all, include, a, mx, ptr, ip4, ip6, exists };

// A term's place in Record::text.
struct Place {
  std::size_t at = 0;
  std::size_t length = 0;
};

struct Mechanism {
  Qualifier qualifier = Qualifier::pass;
  MechanismKind kind = MechanismKind::all;
  std::optional<MacroString> domain; // none: the domain that is checked
  int prefix4 = 32;                  // of a and mx
  int prefix6 = 128;                 // of a and mx
  Network network;                   // of ip4 and ip6
  Place place;
};

struct Modifier {
  std::string name; // lower case
  MacroString value;
  Place place;
};

struct Record {
  std::string text;
  std::vector<Mechanism> mechanisms; // in the order in which they are tried
  std::optional<Modifier> redirect;
  std::optional<Modifier> exp;
  std::vector<Modifier> others; // unknown ones, which mean nothing (6)

  [[nodiscard]] std::string_view at(Place place) const {
    return std::string_view(text).substr(place.at, place.length);
  }
};

struct RecordError {
  Place place; // of the term that is wrong
  std::string text;
};

// "v=spf1", in any case, and then a space or the end (4.5).
[[nodiscard]] bool is_spf_record(std::string_view text);

[[nodiscard]] std::expected<Record, RecordError> parse_record(std::string_view text);

// Costs one of the ten lookups (4.6.4): include, a, mx, ptr, exists. So does redirect.
[[nodiscard]] bool costs_lookup(MechanismKind kind);

[[nodiscard]] const char* name_of(MechanismKind kind);
[[nodiscard]] char sign_of(Qualifier qualifier);

} // namespace waypost::spfcheck
