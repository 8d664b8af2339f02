// LoginLine: to whom the dialogue turns for its login: nobody, our own keeper of the password
// (keeper.h), or the oracle of the sealed store.
#pragma once

#include <memory>

#include "deliver/oracle_scopes.h"
#include "deliver/own_oracle.h"
#include "submit/config.h"

namespace waypost::submit {

class LoginLine {
public:
  // Starts it, before this process is confined. An error: there is no password.
  [[nodiscard]] static Result<std::unique_ptr<LoginLine>> start(const SubmitConfig& config);
  // The socket for an OracleLine, once; none where there is no login. This outlives its use.
  [[nodiscard]] Result<Fd> take(net::Loop& loop);

private:
  explicit LoginLine(const SubmitConfig& config) : config_(config) {}

  const SubmitConfig& config_;
  Fd line_;                                  // to the keeper
  std::optional<deliver::OwnOracle> oracle_; // or this,
  std::optional<deliver::OracleScopes> scopes_;
};

} // namespace waypost::submit
