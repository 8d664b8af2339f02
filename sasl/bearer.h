// XOAUTH2 (as Google and Microsoft describe it) and OAUTHBEARER (RFC 7628): a bearer token travels.
//
// Who is refused gets the reason as a challenge, in JSON, and must answer it before the refusal
// itself comes.
#pragma once

#include <memory>

#include "sasl/mechanism.h"

namespace waypost::sasl {

class Bearer : public Mechanism {
public:
  // `message` is all that we say; `farewell` answers the reason of a refusal.
  Bearer(Secret message, std::string farewell)
      : message_(std::move(message)),
        farewell_(std::move(farewell)) {}

  std::optional<Secret> initial() override;
  Result<Secret> respond(std::string_view challenge) override;
  Result<> accepted() override;
  [[nodiscard]] std::string reason() const override { return reason_; }

private:
  Secret message_;
  std::string farewell_;
  std::string reason_;
  bool said_ = false;
};

// An error when name or token hold what would break the message's form.
[[nodiscard]] Result<std::unique_ptr<Mechanism>> xoauth2(std::string_view user,
                                                         std::string_view token);
[[nodiscard]] Result<std::unique_ptr<Mechanism>> oauthbearer(std::string_view user,
                                                             std::string_view token,
                                                             const std::string& host,
                                                             std::uint16_t port);

} // namespace waypost::sasl
