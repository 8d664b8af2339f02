// An oracle over a store of its own, a clock that the test moves, and a runner of token commands
// that the test plays.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sasl/base64.h"
#include "sasl/command_words.h"
#include "sasl/oracle.h"
#include "sasl/token_line.h"
#include "tests/unit/sasl/scratch_store.h"

namespace waypost::test {

using namespace waypost::sasl;

class HandClock final : public Clock {
public:
  [[nodiscard]] WallUs wall_us() const override { return 0; }
  [[nodiscard]] BootMs boot_ms() const override { return now; }
  BootMs now = 1'000'000;
};

// What it was told to run; its answers are the test's.
class HandRunner final : public TokenRunner {
public:
  Result<> run(const TokenRun& run) override {
    runs.push_back(run);
    return {};
  }
  std::vector<TokenRun> runs;
};

// A store with a password, a token and a token command, and an oracle over it.
class World {
public:
  explicit World(std::string credential = "ses", TlsPolicy tls = TlsPolicy::verified)
      : store_(fs_, folder_.credentials()),
        pins_(fs_, folder_.path()),
        derivations_(cache_, pins_),
        tokens_(store_, runner, clock),
        vault_{store_, cache_, derivations_, tokens_, clock} {
    cr_assert(store_.prepare().has_value());
    cr_assert(store_.add("ses", SecretKind::password, 1, "pencil").has_value());
    cr_assert(store_.add("google", SecretKind::token, 1, "token").has_value());
    const std::string words[] = {"/bin/mint", "--for", "me"};
    cr_assert(store_.add("minted", SecretKind::token_command, 1, *join_command_words(words)));
    scope.transport = "relay";
    scope.host = "smtp.example";
    scope.port = 587;
    scope.user = "user";
    scope.credential = std::move(credential);
    scope.tls = tls;
  }

  LoginAnswer ask(const LoginQuery& query) {
    if (!oracle_) oracle_.emplace(scope, vault_);
    const auto answer = oracle_->answer(query);
    cr_assert(answer.has_value());
    cr_expect_eq(answer->login, query.login);
    return *answer;
  }
  LoginAnswer begin(std::vector<std::string> offered, bool tls = true, std::uint64_t login = 1) {
    LoginQuery query;
    query.login = login;
    query.offered = std::move(offered);
    query.tls = tls;
    return ask(query);
  }
  LoginAnswer challenge(const std::string& bytes, std::uint64_t login = 1) {
    LoginQuery query;
    query.kind = LoginQuery::Kind::challenge;
    query.login = login;
    query.text = std::string(view(encode_base64(bytes)));
    return ask(query);
  }
  LoginAnswer accepted(std::uint64_t login = 1) {
    LoginQuery query;
    query.kind = LoginQuery::Kind::accepted;
    query.login = login;
    return ask(query);
  }
  void drop(std::uint64_t login) {
    LoginQuery query;
    query.kind = LoginQuery::Kind::dropped;
    query.login = login;
    cr_expect(!oracle_->answer(query));
  }
  // The first challenge of a server that takes this salt, and the oracle's answer.
  LoginAnswer first_challenge(const std::string& salt, std::uint64_t login = 1) {
    return ask(salted(salt, "4096", login));
  }
  // The same challenge with so many rounds, not asked yet.
  LoginQuery salted(const std::string& salt, const std::string& rounds, std::uint64_t login) {
    const LoginAnswer begun = begin({"SCRAM-SHA-256"}, true, login);
    const std::string first = *decode_base64(begun.initial.value_or(""));
    const std::string nonce = first.substr(first.find(",r=") + 3);
    LoginQuery query;
    query.kind = LoginQuery::Kind::challenge;
    query.login = login;
    query.text = std::string(view(encode_base64(
        "r=" + nonce + "x,s=" + std::string(view(encode_base64(salt))) + ",i=" + rounds)));
    return query;
  }
  Store& store() { return store_; }
  Vault& vault() { return vault_; }
  [[nodiscard]] const Pins& pins() const { return pins_; }
  [[nodiscard]] const TokenLine& no_line() const { return no_line_; }
  Oracle& oracle() { return *oracle_; }
  // Asks for what must be waited for.
  void ask_in_vain(LoginQuery query) {
    if (!oracle_) oracle_.emplace(scope, vault_);
    cr_expect(!oracle_->answer(query) && oracle_->waits());
  }
  // The answer to the one query that waits.
  LoginAnswer retried() {
    const std::vector<LoginAnswer> answers = oracle_->retry();
    cr_assert_eq(answers.size(), 1U);
    return answers.front();
  }
  [[nodiscard]] const std::string& folder() const { return folder_.path(); }

  HandClock clock;
  HandRunner runner;
  LoginScope scope;

private:
  ScratchFolder folder_;
  RealFs fs_;
  Store store_;
  KeyCache cache_;
  Pins pins_;
  Derivations derivations_;
  Tokens tokens_;
  Vault vault_;
  TokenLine no_line_{Fd()};
  std::optional<Oracle> oracle_;
};

} // namespace waypost::test
