#include "lib/mail/login.h"

#include <algorithm>

#include "lib/sys/names.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr Names<LoginQuery::Kind, 5> kQueryNames{{{LoginQuery::Kind::begin, "begin"},
                                                  {LoginQuery::Kind::challenge, "challenge"},
                                                  {LoginQuery::Kind::accepted, "accepted"},
                                                  {LoginQuery::Kind::refused, "refused"},
                                                  {LoginQuery::Kind::dropped, "dropped"}}};

constexpr Names<LoginAnswer::Kind, 6> kAnswerNames{{{LoginAnswer::Kind::auth, "auth"},
                                                    {LoginAnswer::Kind::response, "response"},
                                                    {LoginAnswer::Kind::proven, "proven"},
                                                    {LoginAnswer::Kind::cancel, "cancel"},
                                                    {LoginAnswer::Kind::refused, "refused"},
                                                    {LoginAnswer::Kind::again, "again"}}};

constexpr std::string_view kDigits = "0123456789abcdef";

std::string to_hex(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const std::size_t high = kDigits.find(hex[i]);
    const std::size_t low = kDigits.find(hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::vector<std::string> all_of(const Record& record, std::string_view key) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (record.field(i).key == key) values.emplace_back(record.field(i).value);
  }
  return values;
}

} // namespace

Record to_record(const LoginScope& scope) {
  Record record;
  record.add("type", "scope").add("transport", scope.transport).add("host", scope.host);
  record.add_number("port", scope.port).add_some("user", scope.user);
  record.add_some("credential", scope.credential);
  for (const std::string& mechanism : scope.mechanisms)
    record.add("mechanism", mechanism);
  record.add("tls", name(scope.tls));
  if (scope.cleartext_auth) record.add("cleartext_auth", "1");
  return record;
}

Result<LoginScope> login_scope(const Record& record) {
  LoginScope scope;
  if (record.get("type") != "scope") return fail("login: no scope");
  const auto port = record.number("port");
  const auto tls = parse_tls_policy(record.get("tls"));
  if (!port || *port == 0 || *port > UINT16_MAX || !tls) return fail("scope: bad port or tls");
  scope.transport = record.get("transport");
  scope.host = record.get("host");
  if (scope.transport.empty() || scope.host.empty()) return fail("scope: no transport or host");
  scope.port = static_cast<std::uint16_t>(*port);
  scope.tls = *tls;
  scope.user = record.get("user");
  scope.credential = record.get("credential");
  scope.mechanisms = all_of(record, "mechanism");
  scope.cleartext_auth = record.get("cleartext_auth") == "1";
  return scope;
}

Record to_record(const LoginQuery& query) {
  Record record;
  record.add("type", word_of(kQueryNames, query.kind)).add_number("login", query.login);
  switch (query.kind) {
  case LoginQuery::Kind::begin:
    for (const std::string& mechanism : query.offered)
      record.add("offered", mechanism);
    if (query.tls) record.add("tls", "1");
    if (query.binding_type.empty()) break;
    record.add("binding_type", query.binding_type).add("binding", to_hex(query.binding));
    break;
  case LoginQuery::Kind::challenge: record.add("text", query.text); break;
  case LoginQuery::Kind::accepted:
  case LoginQuery::Kind::refused:
  case LoginQuery::Kind::dropped: break;
  }
  return record;
}

Result<LoginQuery> login_query(const Record& record) {
  LoginQuery query;
  const auto kind = value_of(kQueryNames, record.get("type"));
  const auto login = record.number("login");
  if (!kind || !login) return fail("login: no type, or no number");
  query.kind = *kind;
  query.login = *login;
  if (query.kind == LoginQuery::Kind::challenge) query.text = record.get("text");
  if (query.kind != LoginQuery::Kind::begin) return query;
  query.offered = all_of(record, "offered");
  if (query.offered.size() > kMaxOfferedMechanisms) return fail("login: too many mechanisms");
  query.tls = record.get("tls") == "1";
  query.binding_type = record.get("binding_type");
  if (query.binding_type.empty()) return query;
  std::optional<std::string> binding = from_hex(record.get("binding"));
  if (!binding || binding->empty()) return fail("login: bad channel binding");
  query.binding = std::move(*binding);
  return query;
}

Record to_record(const LoginAnswer& answer) {
  Record record;
  record.add("type", word_of(kAnswerNames, answer.kind)).add_number("login", answer.login);
  switch (answer.kind) {
  case LoginAnswer::Kind::auth:
    record.add("mechanism", answer.mechanism);
    if (answer.initial) record.add("initial", *answer.initial);
    break;
  case LoginAnswer::Kind::response:
  case LoginAnswer::Kind::cancel:
  case LoginAnswer::Kind::refused: record.add("text", answer.text); break;
  case LoginAnswer::Kind::proven:
  case LoginAnswer::Kind::again: break;
  }
  return record;
}

Result<LoginAnswer> login_answer(const Record& record) {
  LoginAnswer answer;
  const auto kind = value_of(kAnswerNames, record.get("type"));
  const auto login = record.number("login");
  if (!kind || !login) return fail("login: an answer without type or number");
  answer.kind = *kind;
  answer.login = *login;
  const bool bare =
      answer.kind == LoginAnswer::Kind::proven || answer.kind == LoginAnswer::Kind::again;
  if (bare) return answer;
  if (answer.kind != LoginAnswer::Kind::auth) {
    answer.text = record.get("text");
    return answer;
  }
  answer.mechanism = record.get("mechanism");
  if (answer.mechanism.empty()) return fail("login: auth without a mechanism");
  if (record.has("initial")) answer.initial = record.get("initial");
  return answer;
}

bool logs_in(const Transport& transport) {
  if (transport.type == TransportType::socks) return !transport.credential.empty(); // to its proxy
  const bool one_host = transport.type == TransportType::smtp ||
                        transport.type == TransportType::submission ||
                        transport.type == TransportType::submissions;
  if (!one_host) return false;
  return !transport.credential.empty() ||
         std::ranges::find(transport.mechanisms, "EXTERNAL") != transport.mechanisms.end();
}

LoginScope scope_of(const Transport& transport) {
  LoginScope scope;
  scope.transport = transport.name;
  scope.host = transport.host;
  scope.port = transport.port;
  scope.user = transport.user;
  scope.credential = transport.credential;
  scope.mechanisms = transport.mechanisms;
  scope.tls = transport.tls;
  scope.cleartext_auth = transport.cleartext_auth;
  if (transport.type == TransportType::socks) {
    // RFC 1929 knows nothing but user and password, in clear text: a credential for a proxy means
    // that. TLS with the mail servers behind it does not cover it.
    scope.host = transport.proxy;
    scope.mechanisms = {"PLAIN"};
    scope.tls = TlsPolicy::off;
    scope.cleartext_auth = true;
  }
  return scope;
}

} // namespace waypost
