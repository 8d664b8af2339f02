// EXTERNAL (RFC 4422 appendix A): the client certificate of the TLS connection says who we are; the
// name, when one is configured, says whom we act for.
#pragma once

#include "sasl/mechanism.h"

namespace waypost::sasl {

class External final : public Mechanism {
public:
  explicit External(std::string acting_for) : acting_for_(std::move(acting_for)) {}

  std::optional<Secret> initial() override {
    said_ = true;
    return secret_of(acting_for_);
  }
  Result<Secret> respond(std::string_view) override {
    return fail("EXTERNAL: the server asks for more than a certificate");
  }
  Result<> accepted() override {
    if (!said_) return fail("EXTERNAL: the server accepts before anything was said");
    return {};
  }

private:
  std::string acting_for_;
  bool said_ = false;
};

} // namespace waypost::sasl
