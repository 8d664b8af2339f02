// Tokens: what token commands have printed, kept until it expires. No I/O: whoever owns a runner
// passes on what becomes of a command.
//
// A token is asked for with `since`, the stamp at which the login began: what was fetched after it
// is the answer to it, a failure too, and is never fetched twice for the same login. In locked
// memory; an entry belongs to one state of the credential's file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sasl/allowance.h"
#include "sasl/store.h"
#include "sasl/token_output.h"
#include "sasl/token_pipe.h"

namespace waypost::sasl {

// Runs commands, and says later what came of them.
class TokenRunner {
public:
  TokenRunner() = default;
  TokenRunner(const TokenRunner&) = delete;
  TokenRunner& operator=(const TokenRunner&) = delete;
  virtual ~TokenRunner() = default;
  virtual Result<> run(const TokenRun& run) = 0;
};

class Tokens {
public:
  static constexpr std::uint64_t kUnknownLifetimeS = 300; // where the command does not say
  static constexpr std::uint64_t kMostLifetimeS = 86'400;
  static constexpr std::size_t kMost = 64;

  // All outlive this.
  Tokens(const Store& store, TokenRunner& runner, const Clock& clock)
      : store_(store),
        runner_(runner),
        clock_(clock) {}

  struct Fetched {
    Secret token;
    std::uint64_t stamp;
  };

  [[nodiscard]] std::uint64_t stamp() const { return stamp_; }
  // Later (later.h) while the command runs.
  [[nodiscard]] Result<Fetched> token(const SealedCredential& credential, std::uint64_t since);
  // The server has refused the token with the stamp `used` in a login that began at `since`: it is
  // forgotten. True when it was fetched for an earlier one, so that another may do.
  bool refused(const SealedCredential& credential, std::uint64_t since, std::uint64_t used);

  // What the runner says, `good` with what the command printed.
  void take(std::uint64_t number, bool good, std::string_view text);
  [[nodiscard]] bool running() const;

private:
  struct Entry {
    std::string name;
    std::optional<Secret> token;
    BootMs until = 0;
    std::string failure;
    std::uint64_t stamp = 0;     // when it was fetched, or failed
    std::uint64_t under_way = 0; // the number of the run; 0: none
    Allowance runs{5, 10'000};   // so that nobody keeps the machine busy by refusing
  };
  Result<> start(Entry& entry, const SealedCredential& credential);
  void forget_oldest();

  const Store& store_;
  TokenRunner& runner_;
  const Clock& clock_;
  std::uint64_t stamp_ = 0;
  std::uint64_t last_run_ = 0;
  std::map<std::string, Entry> entries_; // by the credential's sealed bytes
};

} // namespace waypost::sasl
