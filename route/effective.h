// Effective: every key with the value that holds, and where that value comes from. What
// `waypost-config show` prints.
//
// As text it is itself a waypost.toml that means the same, with the origins in comments; as JSON an
// object a line. waypost-config(8) lists the keys. No secret is in it: the file holds none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "route/configuration.h"
#include "route/document.h"

namespace waypost::route {

enum class Source : std::uint8_t {
  standard, // the key's default
  type,     // what this type of transport has instead
  defaults, // [defaults]
  file,     // the table itself
};

struct EffectiveKey {
  std::string name;
  std::optional<Node> value; // none: not set
  std::string fallback;      // the default in words, as the key has it; "" when there is none
  Source source = Source::standard;
  unsigned line = 0; // defaults, file
};

struct EffectiveTable {
  std::string header;    // [transport.relay], [domain."a.example"], [[account."alice".route]]
  std::string transport; // its name; empty for a rule
  std::string type;      // of the transport
  std::string domain;    // the sender's, of its own table and of its rules
  std::string account;   // likewise
  unsigned line = 0;     // 0: not in the file
  std::vector<EffectiveKey> keys;
};

struct Effective {
  std::vector<EffectiveKey> settings;
  std::vector<EffectiveTable> transports;
  std::vector<EffectiveTable> domains;
  std::vector<EffectiveTable> accounts;
  std::vector<EffectiveTable> rules; // in the order in which they are tried; what they name alone
};

[[nodiscard]] Effective effective(const Configuration& configuration);

// `path` is the file's.
[[nodiscard]] std::string effective_text(const Effective& all, std::string_view path);
[[nodiscard]] std::string effective_json(const Effective& all, std::string_view path);

} // namespace waypost::route
