#include "sasl/choice.h"

#include <algorithm>
#include <array>

#include "lib/sys/text.h"

namespace waypost::sasl {
namespace {

using enum Scheme;
using enum SecretKind;

constexpr bool kBound = true;
constexpr bool kShows = true;
constexpr bool kNamed = true;

// clang-format off
//   name                  scheme       digest          bound   takes        shows   only if named
constexpr std::array<MechanismRow, 10> kMechanisms{{
    {"SCRAM-SHA-256-PLUS", scram,       Digest::sha256, kBound, password,    false,  false},
    {"SCRAM-SHA-256",      scram,       Digest::sha256, false,  password,    false,  false},
    {"SCRAM-SHA-1-PLUS",   scram,       Digest::sha1,   kBound, password,    false,  false},
    {"SCRAM-SHA-1",        scram,       Digest::sha1,   false,  password,    false,  false},
    {"CRAM-MD5",           cram_md5,    Digest::md5,    false,  password,    false,  false},
    {"PLAIN",              plain,       {},             false,  password,    kShows, false},
    {"LOGIN",              login,       {},             false,  password,    kShows, false},
    {"OAUTHBEARER",        oauthbearer, {},             false,  token,       kShows, kNamed},
    {"XOAUTH2",            xoauth2,     {},             false,  token,       kShows, kNamed},
    {"EXTERNAL",           external,    {},             false,  certificate, false,  kNamed},
}};
// clang-format on

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::any_of(
      names, [name](const std::string& one) { return equal_ignoring_case(one, name); });
}

bool configured(const MechanismRow& row, const LoginScope& scope) {
  return scope.mechanisms.empty() ? !row.only_named : has(scope.mechanisms, row.name);
}

// Only these are on the wire; what else the server lists is shown as it may be shown.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& one : names)
    text += (text.empty() ? "" : " ") + printable(one).substr(0, 32);
  return text.empty() ? "none" : text;
}

std::string allowed(const Situation& situation) {
  std::vector<std::string> names;
  for (const MechanismRow& row : kMechanisms) {
    const bool shown = !row.shows_secret || may_show_secret(situation.scope, situation.query.tls);
    if (row.takes == situation.kind && configured(row, situation.scope) && shown)
      names.emplace_back(row.name);
  }
  return listed(names);
}

std::unexpected<Error> nothing_fits(const Situation& situation) {
  std::string text = "no mechanism in common: the server offers " +
                     listed(situation.query.offered) + "; allowed are " + allowed(situation);
  const auto hidden = std::ranges::find_if(kMechanisms, [&](const MechanismRow& row) {
    return row.takes == situation.kind && row.shows_secret && configured(row, situation.scope) &&
           has(situation.query.offered, row.name);
  });
  if (hidden != kMechanisms.end()) {
    text += "; " + std::string(hidden->name) +
            " shows the secret, and is used only with tls = \"verified\"";
  }
  return fail(std::move(text));
}

} // namespace

std::span<const MechanismRow> all_mechanisms() {
  return kMechanisms;
}

bool may_show_secret(const LoginScope& scope, bool tls) {
  if (tls && scope.tls == TlsPolicy::verified) return true;
  return scope.tls == TlsPolicy::off && scope.cleartext_auth;
}

Result<const MechanismRow*> choose(const Situation& situation) {
  const auto& [scope, query, kind] = situation;
  for (const MechanismRow& row : kMechanisms) {
    const bool bindable = query.tls && !query.binding_type.empty();
    const bool fits = row.takes == kind && configured(row, scope) && has(query.offered, row.name) &&
                      (!row.bound || bindable) &&
                      (!row.shows_secret || may_show_secret(scope, query.tls));
    if (fits) return &row;
  }
  return nothing_fits(situation);
}

ScramBinding binding_for(const MechanismRow& row, const LoginQuery& query) {
  if (row.bound) return {Gs2::bound, query.binding_type, query.binding};
  const bool could = query.tls && !query.binding_type.empty();
  const bool offered = std::ranges::any_of(
      query.offered, [](const std::string& one) { return ascii_lower(one).ends_with("-plus"); });
  // "y" beside an offer would be refused as a downgrade, and rightly.
  return {could && !offered ? Gs2::could : Gs2::cannot, {}, {}};
}

} // namespace waypost::sasl
