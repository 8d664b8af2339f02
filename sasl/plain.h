// PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login): the password itself travels. Whether it
// may is not decided here (choice.h).
#pragma once

#include "sasl/mechanism.h"

namespace waypost::sasl {

class Plain final : public Mechanism {
public:
  // Neither holds a NUL.
  Plain(std::string user, Secret password)
      : user_(std::move(user)),
        password_(std::move(password)) {}

  std::optional<Secret> initial() override;
  Result<Secret> respond(std::string_view challenge) override;
  Result<> accepted() override;

private:
  std::string user_;
  Secret password_;
  bool said_ = false;
};

class Login final : public Mechanism {
public:
  Login(std::string user, Secret password)
      : user_(std::move(user)),
        password_(std::move(password)) {}

  std::optional<Secret> initial() override { return std::nullopt; }
  // The words of the prompts differ from server to server; their order does not.
  Result<Secret> respond(std::string_view challenge) override;
  Result<> accepted() override;

private:
  std::string user_;
  Secret password_;
  int prompts_ = 0;
};

} // namespace waypost::sasl
