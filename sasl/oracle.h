// Oracle: answers the logins of one sender, within the scope that was fixed for it (login.h). No
// I/O but the store's.
//
// It gives away signatures, keyed digests, and a password or token only where the scope allows to
// show it. Requests are limited, so that who has taken over a sender can neither keep the machine
// busy nor collect answers without end. What must be waited for (a key, a token) is answered by
// retry().
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "lib/mail/login.h"
#include "sasl/exchange.h"
#include "sasl/vault.h"

namespace waypost::sasl {

class Oracle {
public:
  // `vault` outlives this.
  Oracle(LoginScope scope, Vault& vault) : scope_(std::move(scope)), vault_(vault) {}

  // None where no answer is due, or not yet.
  [[nodiscard]] std::optional<LoginAnswer> answer(const LoginQuery& query);
  // Something was done that queries may have waited for: their answers.
  [[nodiscard]] std::vector<LoginAnswer> retry();
  [[nodiscard]] bool waits() const { return !waiting_.empty(); }
  [[nodiscard]] const LoginScope& scope() const { return scope_; }

private:
  // As many as a sender may have connections that are being opened.
  static constexpr std::size_t kMostLogins = 64;

  // A token that a command has printed, and when the login began that uses it (tokens.h).
  struct UsedToken {
    SealedCredential credential;
    std::uint64_t since = 0;
    std::uint64_t stamp = 0;
  };
  struct Running {
    std::unique_ptr<ScramKeySource> keys; // before what uses it
    Exchange exchange;
    std::optional<UsedToken> token;
  };
  struct Waiting {
    LoginQuery query;
    std::uint64_t since = 0;
  };
  struct OpenedSecret {
    Secret secret;
    std::optional<UsedToken> token;
  };
  struct Made {
    std::unique_ptr<Mechanism> mechanism;
    std::optional<UsedToken> token;
  };

  [[nodiscard]] std::optional<LoginAnswer> attempt(const LoginQuery& query, std::uint64_t since);
  [[nodiscard]] std::optional<LoginAnswer> begin(const LoginQuery& query, std::uint64_t since);
  [[nodiscard]] bool may_begin(const LoginQuery& query);
  [[nodiscard]] LoginAnswer after_refusal(std::uint64_t login);
  [[nodiscard]] Result<SecretKind> kind_of_secret() const;
  [[nodiscard]] Result<Made> make(const MechanismRow& row, const LoginQuery& query,
                                  ScramKeySource& keys, std::uint64_t since) const;
  [[nodiscard]] Result<std::unique_ptr<Mechanism>>
  make_scram(const MechanismRow& row, const LoginQuery& query, ScramKeySource& keys) const;
  [[nodiscard]] Result<Made> make_with_secret(const MechanismRow& row, std::uint64_t since) const;
  [[nodiscard]] Result<OpenedSecret> open_secret(const MechanismRow& row,
                                                 std::uint64_t since) const;
  void drop(std::uint64_t login);

  LoginScope scope_;
  Vault& vault_;
  std::map<std::uint64_t, Running> running_;
  std::map<std::uint64_t, Waiting> waiting_; // by login
  Allowance logins_{200, 50};
  // In slices of work (derivations.h): there are servers that salt each login anew.
  Allowance derivations_{800, 50};
};

} // namespace waypost::sasl
