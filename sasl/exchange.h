// Exchange: one AUTH command from its first line to its last (RFC 4954 4), between the mechanism,
// which knows bytes, and the wire, which knows base64.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lib/mail/login.h"
#include "sasl/mechanism.h"

namespace waypost::sasl {

class Exchange {
public:
  Exchange(std::string name, std::unique_ptr<Mechanism> mechanism)
      : name_(std::move(name)),
        mechanism_(std::move(mechanism)) {}

  // Each gives one answer; its `login` is the caller's to set.
  [[nodiscard]] LoginAnswer begin();
  // None: this challenge is to be given again, later (later.h).
  [[nodiscard]] std::optional<LoginAnswer> challenge(std::string_view text);
  [[nodiscard]] LoginAnswer accepted();
  // What the server said of a refusal to come.
  [[nodiscard]] std::string reason() const { return mechanism_->reason(); }

private:
  std::string name_;
  std::unique_ptr<Mechanism> mechanism_;
};

} // namespace waypost::sasl
