// Choice: which mechanism a login uses: the strongest that the server offers, the configuration
// allows and the credential can do. The table in choice.cc is all of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/login.h"
#include "lib/sys/error.h"
#include "sasl/scram.h"

namespace waypost::sasl {

// What a login proves itself with; a token command stands for the token that it prints.
enum class SecretKind : std::uint8_t { password, token, certificate, token_command };

enum class Scheme : std::uint8_t { scram, cram_md5, plain, login, xoauth2, oauthbearer, external };

struct MechanismRow {
  std::string_view name;
  Scheme scheme;
  Digest digest; // of SCRAM
  bool bound;    // to the TLS channel: -PLUS
  SecretKind takes;
  bool shows_secret; // to the server, and to whoever else may read along
  bool only_named;   // not chosen unless the configuration names it
};

// All that there are, the strongest first.
[[nodiscard]] std::span<const MechanismRow> all_mechanisms();

// What is known when a login begins.
struct Situation {
  const LoginScope& scope;
  const LoginQuery& query;
  SecretKind kind;
};

// An error names what the server offers and what would be allowed, and what stands in the way.
[[nodiscard]] Result<const MechanismRow*> choose(const Situation& situation);

// Whether secrets may be shown at all: on verified TLS, or in clear text where the configuration
// says both `tls = "off"` and `cleartext_auth`.
[[nodiscard]] bool may_show_secret(const LoginScope& scope, bool tls);

// How SCRAM speaks of channel binding: RFC 5802 6.
[[nodiscard]] ScramBinding binding_for(const MechanismRow& row, const LoginQuery& query);

} // namespace waypost::sasl
