// SCRAM with SHA-1 and SHA-256, with and without channel binding (RFC 5802, RFC 7677).
//
// The server proves that it knows the password too: without its signature no login counts. The
// password itself never comes here, only the keys that were made of it.
#pragma once

#include <string>

#include "sasl/digest.h"
#include "sasl/mechanism.h"
#include "sasl/scram_keys.h"

namespace waypost::sasl {

// How the gs2 header speaks of channel binding (RFC 5802 6): bound; "y", we could, and the server
// offers none; "n", we cannot.
enum class Gs2 : std::uint8_t { bound, could, cannot };

struct ScramBinding {
  Gs2 gs2 = Gs2::cannot;
  std::string type; // where bound
  std::string bytes;
};

class Scram final : public Mechanism {
public:
  // `name` as saslname() has made it; `nonce` printable, without a comma, never used before; `keys`
  // outlives this.
  Scram(Digest digest, ScramBinding binding, std::string name, std::string nonce,
        ScramKeySource& keys);

  std::optional<Secret> initial() override;
  Result<Secret> respond(std::string_view challenge) override;
  Result<> accepted() override;
  [[nodiscard]] std::string reason() const override { return reason_; }

  // 144 random bits.
  [[nodiscard]] static std::string fresh_nonce();

private:
  enum class State : std::uint8_t { begun, said_first, said_final, proven, failed };

  Result<Secret> answer_first(std::string_view challenge);
  Result<Secret> check_final(std::string_view challenge);
  [[nodiscard]] std::string gs2_header() const;

  Digest digest_;
  ScramBinding binding_;
  std::string nonce_;
  std::string bare_; // client-first-message-bare
  ScramKeySource& keys_;
  State state_ = State::begun;
  Secret server_signature_;
  std::string reason_;
};

} // namespace waypost::sasl
