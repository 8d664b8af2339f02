// CRAM-MD5 (RFC 2195): the server's challenge, keyed with the password. Old, and the server proves
// nothing; but the password does not travel.
#pragma once

#include "sasl/mechanism.h"

namespace waypost::sasl {

class CramMd5 final : public Mechanism {
public:
  CramMd5(std::string user, Secret password)
      : user_(std::move(user)),
        password_(std::move(password)) {}

  std::optional<Secret> initial() override { return std::nullopt; }
  Result<Secret> respond(std::string_view challenge) override;
  Result<> accepted() override;

private:
  std::string user_;
  Secret password_;
  bool answered_ = false;
};

} // namespace waypost::sasl
