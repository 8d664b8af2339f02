// Mechanism: one login by one SASL mechanism (RFC 4422) as a client: challenge in, response out. No
// I/O.
//
// Challenges and responses are plain bytes here; base64 is the exchange's (exchange.h). After an
// error the login is to be cancelled, and the object is of no more use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"
#include "sasl/secret.h"

namespace waypost::sasl {

class Mechanism {
public:
  Mechanism() = default;
  Mechanism(const Mechanism&) = delete;
  Mechanism& operator=(const Mechanism&) = delete;
  virtual ~Mechanism() = default;

  // What is said before any challenge; none where the server speaks first. Called once.
  [[nodiscard]] virtual std::optional<Secret> initial() = 0;
  // An error: this is no challenge to answer; or it is to be given again, later (later.h).
  [[nodiscard]] virtual Result<Secret> respond(std::string_view challenge) = 0;
  // The server says that we are in. An error: too early, or it has not proven who it is.
  [[nodiscard]] virtual Result<> accepted() = 0;
  // What the server said within the exchange about a refusal to come; empty: nothing.
  [[nodiscard]] virtual std::string reason() const { return {}; }
};

} // namespace waypost::sasl
