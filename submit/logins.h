// Logins: answers the queries of one login (lib/mail/login.h) with a secret that is at hand, as the
// oracle does with one of its store. No I/O. One login at a time: waypost-submit has one
// connection.
#pragma once

#include <memory>
#include <optional>

#include "lib/mail/login.h"
#include "sasl/choice.h"
#include "sasl/exchange.h"
#include "sasl/scram_keys.h"

namespace waypost::submit {

// What the secret is: a password, unless all mechanisms that are configured take something else.
[[nodiscard]] sasl::SecretKind kind_of_secret(const LoginScope& scope);

class Logins {
public:
  Logins(LoginScope scope, sasl::Secret secret)
      : scope_(std::move(scope)),
        kind_(kind_of_secret(scope_)),
        secret_(std::move(secret)) {}

  // None where no answer is due.
  [[nodiscard]] std::optional<LoginAnswer> answer(const LoginQuery& query);

private:
  [[nodiscard]] LoginAnswer begin(const LoginQuery& query);
  [[nodiscard]] Result<std::unique_ptr<sasl::Mechanism>> make(const sasl::MechanismRow& row,
                                                              const LoginQuery& query);

  LoginScope scope_;
  sasl::SecretKind kind_;
  sasl::Secret secret_;
  std::unique_ptr<sasl::ScramKeySource> keys_; // before what uses it
  std::optional<sasl::Exchange> exchange_;
};

} // namespace waypost::submit
