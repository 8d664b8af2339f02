#include "sasl/oracle.h"

#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "sasl/external.h"
#include "sasl/later.h"
#include "sasl/saslname.h"
#include "sasl/secret_mechanism.h"

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
  waiting_.erase(query.login);
  if (query.kind == LoginQuery::Kind::dropped) {
    drop(query.login);
    return std::nullopt;
  }
  if (query.kind == LoginQuery::Kind::begin && !may_begin(query)) {
    LoginAnswer answer = refusal("too many logins at once");
    answer.login = query.login;
    return answer;
  }
  const std::uint64_t since = vault_.tokens.stamp();
  std::optional<LoginAnswer> answer = attempt(query, since);
  if (!answer) waiting_.emplace(query.login, Waiting{query, since});
  return answer;
}

std::vector<LoginAnswer> Oracle::retry() {
  std::vector<LoginAnswer> answers;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    std::optional<LoginAnswer> answer = attempt(at->second.query, at->second.since);
    at = answer ? waiting_.erase(at) : std::next(at);
    if (answer) answers.push_back(std::move(*answer));
  }
  return answers;
}

std::optional<LoginAnswer> Oracle::attempt(const LoginQuery& query, std::uint64_t since) {
  std::optional<LoginAnswer> answer;
  const auto running = running_.find(query.login);
  if (query.kind == LoginQuery::Kind::begin) {
    answer = begin(query, since);
  } else if (running == running_.end()) {
    answer = refusal("no login of that number");
    if (query.kind != LoginQuery::Kind::refused) answer->kind = LoginAnswer::Kind::cancel;
  } else if (query.kind == LoginQuery::Kind::challenge) {
    answer = running->second.exchange.challenge(query.text);
  } else if (query.kind == LoginQuery::Kind::refused) {
    answer = after_refusal(query.login);
  } else {
    answer = running->second.exchange.accepted();
  }
  if (!answer) return answer;
  const bool over =
      answer->kind == LoginAnswer::Kind::cancel || answer->kind == LoginAnswer::Kind::proven;
  if (over) running_.erase(query.login);
  answer->login = query.login;
  return answer;
}

// A token may have been withdrawn before its time: then the command is asked once more.
LoginAnswer Oracle::after_refusal(std::uint64_t login) {
  const std::optional<UsedToken> used = running_.at(login).token;
  drop(login);
  LoginAnswer answer = refusal("");
  if (used && vault_.tokens.refused(used->credential, used->since, used->stamp))
    answer.kind = LoginAnswer::Kind::again;
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

bool Oracle::may_begin(const LoginQuery& query) {
  running_.erase(query.login);
  return running_.size() + waiting_.size() < kMostLogins && logins_.take(vault_.clock.boot_ms());
}

std::optional<LoginAnswer> Oracle::begin(const LoginQuery& query, std::uint64_t since) {
  const Result<SecretKind> kind = kind_of_secret();
  if (!kind) return refusal(kind.error().text);
  const Result<const MechanismRow*> row = choose({scope_, query, *kind});
  if (!row) return refusal(row.error().text);
  if (!clean(scope_.user)) return refusal("user: it holds a control character");
  auto keys = std::make_unique<StoredKeys>(vault_, derivations_, scope_.credential, scope_.host);
  Result<Made> made = make(**row, query, *keys, since);
  if (!made && is_later(made.error())) return std::nullopt;
  if (!made) return refusal(made.error().text);
  Running running{std::move(keys), Exchange(std::string((*row)->name), std::move(made->mechanism)),
                  std::move(made->token)};
  LoginAnswer answer = running.exchange.begin();
  running_.insert_or_assign(query.login, std::move(running));
  return answer;
}

Result<SecretKind> Oracle::kind_of_secret() const {
  if (scope_.credential.empty()) return SecretKind::certificate;
  const Result<SealedCredential> credential = vault_.store.read(scope_.credential);
  if (!credential) return std::unexpected(credential.error());
  return credential->kind == SecretKind::token_command ? SecretKind::token : credential->kind;
}

Result<Oracle::Made> Oracle::make(const MechanismRow& row, const LoginQuery& query,
                                  ScramKeySource& keys, std::uint64_t since) const {
  if (row.scheme == Scheme::external)
    return Made{std::make_unique<External>(scope_.user), std::nullopt};
  if (row.scheme != Scheme::scram) return make_with_secret(row, since);
  Result<std::unique_ptr<Mechanism>> scram = make_scram(row, query, keys);
  if (!scram) return std::unexpected(scram.error());
  return Made{std::move(*scram), std::nullopt};
}

Result<std::unique_ptr<Mechanism>>
Oracle::make_scram(const MechanismRow& row, const LoginQuery& query, ScramKeySource& keys) const {
  Result<std::string> name = saslname(scope_.user);
  if (!name) return std::unexpected(name.error());
  return std::make_unique<Scram>(row.digest, binding_for(row, query), std::move(*name),
                                 Scram::fresh_nonce(), keys);
}

Result<Oracle::OpenedSecret> Oracle::open_secret(const MechanismRow& row,
                                                 std::uint64_t since) const {
  const Result<SealedCredential> credential = vault_.store.read(scope_.credential);
  if (!credential) return std::unexpected(credential.error());
  // Between choice and this the file may have been replaced.
  const bool command = credential->kind == SecretKind::token_command;
  if ((command ? SecretKind::token : credential->kind) != row.takes)
    return fail("the credential has just become another");
  if (!command) {
    Result<Secret> secret = vault_.store.open(*credential);
    if (!secret) return std::unexpected(secret.error());
    return OpenedSecret{std::move(*secret), std::nullopt};
  }
  Result<Tokens::Fetched> fetched = vault_.tokens.token(*credential, since);
  if (!fetched) return std::unexpected(fetched.error());
  return OpenedSecret{std::move(fetched->token), UsedToken{*credential, since, fetched->stamp}};
}

Result<Oracle::Made> Oracle::make_with_secret(const MechanismRow& row, std::uint64_t since) const {
  Result<OpenedSecret> opened = open_secret(row, since);
  if (!opened) return std::unexpected(opened.error());
  Result<std::unique_ptr<Mechanism>> made =
      mechanism_with_secret(row.scheme, scope_, std::move(opened->secret));
  if (!made) return std::unexpected(made.error());
  return Made{std::move(*made), std::move(opened->token)};
}

} // namespace waypost::sasl
