// TokenLine: the oracle's line to waypost-token, which runs token commands outside the oracle's
// confinement (token_pipe.h). It is started before the oracle confines itself, and holds none of
// its secrets: it reads them from nowhere, and every command starts from an environment of its own.
#pragma once

#include "lib/sys/fd.h"
#include "sasl/tokens.h"

namespace waypost::sasl {

class TokenLine final : public TokenRunner {
public:
  // Starts waypost-token, which ends when this line does. `program`: where it lies.
  [[nodiscard]] static Result<TokenLine> start(const std::string& program);
  explicit TokenLine(Fd socket) : socket_(std::move(socket)) {}
  TokenLine(TokenLine&& other) noexcept : socket_(std::move(other.socket_)) {}

  Result<> run(const TokenRun& run) override;
  // Waits for one answer and passes it on. False when waypost-token is gone.
  [[nodiscard]] bool receive(Tokens& tokens) const;
  [[nodiscard]] int socket() const { return socket_.get(); }

private:
  Fd socket_;
};

} // namespace waypost::sasl
