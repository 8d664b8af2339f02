#include "sasl/oracle.h"

#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "sasl/bearer.h"
#include "sasl/cram_md5.h"
#include "sasl/external.h"
#include "sasl/plain.h"
#include "sasl/saslname.h"

namespace waypost::sasl {
namespace {

LoginAnswer refusal(std::string why) {
  LoginAnswer answer;
  answer.text = std::move(why);
  return answer;
}

// PLAIN's NUL, and what would break a line of a log.
bool clean(std::string_view user) {
  return printable(user) == user;
}

} // namespace

std::optional<LoginAnswer> Oracle::answer(const LoginQuery& query) {
  LoginAnswer answer;
  const auto running = running_.find(query.login);
  if (query.kind == LoginQuery::Kind::dropped) {
    drop(query.login);
    return std::nullopt;
  }
  if (query.kind == LoginQuery::Kind::begin) {
    running_.erase(query.login);
    answer = begin(query);
  } else if (running == running_.end()) {
    answer = refusal("no login of that number");
    answer.kind = LoginAnswer::Kind::cancel;
  } else if (query.kind == LoginQuery::Kind::challenge) {
    answer = running->second.exchange.challenge(query.text);
  } else {
    answer = running->second.exchange.accepted();
  }
  const bool over =
      answer.kind == LoginAnswer::Kind::cancel || answer.kind == LoginAnswer::Kind::proven;
  if (over) running_.erase(query.login);
  answer.login = query.login;
  return answer;
}

// The server has refused, or the connection is gone.
void Oracle::drop(std::uint64_t login) {
  const auto running = running_.find(login);
  if (running == running_.end()) return;
  const std::string reason = running->second.exchange.reason();
  if (!reason.empty()) {
    Log("login_refused")
        .add("transport", scope_.transport)
        .add("credential", scope_.credential)
        .add("reason", reason)
        .warning();
  }
  running_.erase(running);
}

LoginAnswer Oracle::begin(const LoginQuery& query) {
  if (running_.size() >= kMostLogins || !logins_.take(vault_.clock.boot_ms()))
    return refusal("too many logins at once");
  const Result<SecretKind> kind = kind_of_secret();
  if (!kind) return refusal(kind.error().text);
  const Result<const MechanismRow*> row = choose({scope_, query, *kind});
  if (!row) return refusal(row.error().text);
  if (!clean(scope_.user)) return refusal("user: it holds a control character");
  auto keys = std::make_unique<StoredKeys>(vault_, derivations_, scope_.credential, scope_.host);
  Result<std::unique_ptr<Mechanism>> made = make(**row, query, *keys);
  if (!made) return refusal(made.error().text);
  Running running{std::move(keys), Exchange(std::string((*row)->name), std::move(*made))};
  LoginAnswer answer = running.exchange.begin();
  running_.emplace(query.login, std::move(running));
  return answer;
}

Result<SecretKind> Oracle::kind_of_secret() const {
  if (scope_.credential.empty()) return SecretKind::certificate;
  const Result<SealedCredential> credential = vault_.store.read(scope_.credential);
  if (!credential) return std::unexpected(credential.error());
  return credential->kind;
}

Result<std::unique_ptr<Mechanism>> Oracle::make(const MechanismRow& row, const LoginQuery& query,
                                                ScramKeySource& keys) const {
  switch (row.scheme) {
  case Scheme::scram: return make_scram(row, query, keys);
  case Scheme::external: return std::make_unique<External>(scope_.user);
  case Scheme::cram_md5:
  case Scheme::plain:
  case Scheme::login:
  case Scheme::xoauth2:
  case Scheme::oauthbearer: break;
  }
  return make_with_secret(row);
}

Result<std::unique_ptr<Mechanism>>
Oracle::make_scram(const MechanismRow& row, const LoginQuery& query, ScramKeySource& keys) const {
  Result<std::string> name = saslname(scope_.user);
  if (!name) return std::unexpected(name.error());
  return std::make_unique<Scram>(row.digest, binding_for(row, query), std::move(*name),
                                 Scram::fresh_nonce(), keys);
}

Result<std::unique_ptr<Mechanism>> Oracle::make_with_secret(const MechanismRow& row) const {
  const Result<SealedCredential> credential = vault_.store.read(scope_.credential);
  if (!credential) return std::unexpected(credential.error());
  Result<Secret> secret = vault_.store.open(*credential);
  if (!secret) return std::unexpected(secret.error());
  // Between choice and this the file may have been replaced.
  if (credential->kind != row.takes) return fail("the credential has just become another");
  switch (row.scheme) {
  case Scheme::cram_md5: return std::make_unique<CramMd5>(scope_.user, std::move(*secret));
  case Scheme::plain: return std::make_unique<Plain>(scope_.user, std::move(*secret));
  case Scheme::login: return std::make_unique<Login>(scope_.user, std::move(*secret));
  case Scheme::xoauth2: return xoauth2(scope_.user, view(*secret));
  case Scheme::oauthbearer:
    return oauthbearer(scope_.user, view(*secret), scope_.host, scope_.port);
  case Scheme::scram:
  case Scheme::external: break;
  }
  return fail("no mechanism of a secret");
}

} // namespace waypost::sasl
