#include "submit/logins.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "sasl/external.h"
#include "sasl/rounds.h"
#include "sasl/saslname.h"
#include "sasl/saslprep.h"
#include "sasl/secret_mechanism.h"

namespace waypost::submit {
namespace {

using sasl::Secret;
using sasl::SecretKind;

// SCRAM's keys, made of the password where they are wanted. Nobody else waits meanwhile.
class DerivedKeys final : public sasl::ScramKeySource {
public:
  explicit DerivedKeys(const Secret& password) : password_(password) {}

  Result<sasl::ScramKeys> keys(sasl::Digest digest, std::string_view salt,
                               std::uint32_t iterations) override {
    const Result<Secret> prepared =
        sasl::saslprep(sasl::view(password_), sasl::Prepared::as_stored);
    if (!prepared) return fail("password: " + prepared.error().text);
    Result<sasl::Rounds> rounds =
        sasl::Rounds::begin(digest, sasl::view(*prepared), salt, iterations);
    if (!rounds) return std::unexpected(rounds.error());
    const Result<> ran = rounds->run(UINT32_MAX);
    if (!ran) return std::unexpected(ran.error());
    return sasl::scram_keys_of(digest, sasl::view(rounds->key()));
  }

private:
  const Secret& password_;
};

LoginAnswer refusal(std::string why) {
  LoginAnswer answer;
  answer.text = std::move(why);
  return answer;
}

} // namespace

SecretKind kind_of_secret(const LoginScope& scope) {
  std::optional<SecretKind> kind;
  for (const std::string& name : scope.mechanisms) {
    const auto rows = sasl::all_mechanisms();
    const auto row = std::ranges::find(rows, name, &sasl::MechanismRow::name);
    if (row == rows.end()) continue;
    if (kind && *kind != row->takes) return SecretKind::password;
    kind = row->takes;
  }
  return kind.value_or(SecretKind::password);
}

std::optional<LoginAnswer> Logins::answer(const LoginQuery& query) {
  std::optional<LoginAnswer> answer;
  switch (query.kind) {
  case LoginQuery::Kind::begin: answer = begin(query); break;
  case LoginQuery::Kind::challenge:
    if (exchange_) answer = exchange_->challenge(query.text);
    break;
  case LoginQuery::Kind::accepted:
    if (exchange_) answer = exchange_->accepted();
    break;
  case LoginQuery::Kind::refused: answer = refusal(""); break;
  case LoginQuery::Kind::dropped: exchange_.reset(); return std::nullopt;
  }
  if (!answer) {
    answer = refusal("no login has begun");
    answer->kind = LoginAnswer::Kind::cancel;
  }
  answer->login = query.login;
  return answer;
}

LoginAnswer Logins::begin(const LoginQuery& query) {
  exchange_.reset();
  const Result<const sasl::MechanismRow*> row = sasl::choose({scope_, query, kind_});
  if (!row) return refusal(row.error().text);
  if (printable(scope_.user) != scope_.user) return refusal("user: it holds a control character");
  Result<std::unique_ptr<sasl::Mechanism>> made = make(**row, query);
  if (!made) return refusal(made.error().text);
  exchange_.emplace(std::string((*row)->name), std::move(*made));
  return exchange_->begin();
}

Result<std::unique_ptr<sasl::Mechanism>> Logins::make(const sasl::MechanismRow& row,
                                                      const LoginQuery& query) {
  if (row.scheme == sasl::Scheme::external) return std::make_unique<sasl::External>(scope_.user);
  if (row.scheme != sasl::Scheme::scram)
    return sasl::mechanism_with_secret(row.scheme, scope_, secret_);
  Result<std::string> name = sasl::saslname(scope_.user);
  if (!name) return std::unexpected(name.error());
  keys_ = std::make_unique<DerivedKeys>(secret_);
  return std::make_unique<sasl::Scram>(row.digest, sasl::binding_for(row, query), std::move(*name),
                                       sasl::Scram::fresh_nonce(), *keys_);
}

} // namespace waypost::submit
