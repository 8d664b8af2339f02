// Rounds: PBKDF2 with HMAC (RFC 8018 5.2) for one block of key, some rounds at a time; OpenSSL's
// own function does not let go before it is done.
#pragma once

#include <memory>
#include <string_view>

#include "sasl/digest.h"

struct evp_mac_ctx_st;

namespace waypost::sasl {

class Rounds {
public:
  // `iterations` is at least 1.
  [[nodiscard]] static Result<Rounds> begin(Digest digest, std::string_view password,
                                            std::string_view salt, std::uint32_t iterations);
  // At most so many.
  [[nodiscard]] Result<> run(std::uint32_t most);
  [[nodiscard]] bool done() const { return left_ == 0; }
  // The key, when it is done.
  [[nodiscard]] const Secret& key() const { return sum_; }

private:
  struct Free {
    void operator()(evp_mac_ctx_st* mac) const;
  };
  Rounds(std::unique_ptr<evp_mac_ctx_st, Free> mac, std::uint32_t iterations)
      : mac_(std::move(mac)),
        left_(iterations) {}
  // last_ := HMAC(password, text)
  [[nodiscard]] bool digest_of(std::string_view text);

  std::unique_ptr<evp_mac_ctx_st, Free> mac_; // with the password as its key
  std::uint32_t left_;
  Secret last_;
  Secret sum_;
};

} // namespace waypost::sasl
