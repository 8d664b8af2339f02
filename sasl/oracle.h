// Oracle: answers the logins of one sender, within the scope that was fixed for it (login.h). No
// I/O but the store's.
//
// It gives away signatures, keyed digests, and a password or token only where the scope allows to
// show it. Requests are limited, so that who has taken over a sender can neither keep the machine
// busy nor collect answers without end.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "lib/mail/login.h"
#include "sasl/exchange.h"
#include "sasl/vault.h"

namespace waypost::sasl {

class Oracle {
public:
  // `vault` outlives this.
  Oracle(LoginScope scope, Vault& vault) : scope_(std::move(scope)), vault_(vault) {}

  // None where no answer is due.
  [[nodiscard]] std::optional<LoginAnswer> answer(const LoginQuery& query);
  [[nodiscard]] const LoginScope& scope() const { return scope_; }

private:
  // As many as a sender may have connections that are being opened.
  static constexpr std::size_t kMostLogins = 64;

  struct Running {
    std::unique_ptr<ScramKeySource> keys; // before what uses it
    Exchange exchange;
  };

  [[nodiscard]] LoginAnswer begin(const LoginQuery& query);
  [[nodiscard]] Result<SecretKind> kind_of_secret() const;
  [[nodiscard]] Result<std::unique_ptr<Mechanism>>
  make(const MechanismRow& row, const LoginQuery& query, ScramKeySource& keys) const;
  [[nodiscard]] Result<std::unique_ptr<Mechanism>>
  make_scram(const MechanismRow& row, const LoginQuery& query, ScramKeySource& keys) const;
  [[nodiscard]] Result<std::unique_ptr<Mechanism>> make_with_secret(const MechanismRow& row) const;
  void drop(std::uint64_t login);

  LoginScope scope_;
  Vault& vault_;
  std::map<std::uint64_t, Running> running_;
  Allowance logins_{200, 50};
  Allowance derivations_{8, 5000};
};

} // namespace waypost::sasl
