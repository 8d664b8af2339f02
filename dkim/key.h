// Key: a private key that signs mail, RSA (RFC 6376, at least 1024 bits: RFC 8301 3.2) or Ed25519
// (RFC 8463). Made, read from PEM, and printed as the record that stands in the DNS. OpenSSL holds
// it, and wipes it when it goes.
#pragma once

#include <cstdint>
#include <memory>
#include <openssl/evp.h>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::dkim {

enum class KeyType : std::uint8_t { rsa, ed25519 };

class Key {
public:
  static constexpr unsigned kLeastBits = 1024; // RFC 8301 3.2: less must not be used
  static constexpr unsigned kBits = 2048;      // of a new key: RFC 8301 3.2: should
  static constexpr unsigned kMostBits = 4096;  // what verifiers must be able to check (ibid.)

  // PEM without a passphrase: PKCS #8, or RSA's own form.
  [[nodiscard]] static Result<Key> parse(std::string_view pem);
  // `bits` counts for RSA alone.
  [[nodiscard]] static Result<Key> generate(KeyType type, unsigned bits);

  [[nodiscard]] KeyType type() const { return type_; }
  [[nodiscard]] unsigned bits() const;
  // The value of a=: "rsa-sha256" or "ed25519-sha256".
  [[nodiscard]] std::string_view algorithm() const;
  // The signature of what has this SHA-256, as bytes.
  [[nodiscard]] Result<std::string> sign(std::string_view sha256) const;
  // PKCS #8.
  [[nodiscard]] Result<std::string> pem() const;
  // "v=DKIM1; k=rsa; p=..." (RFC 6376 3.6.1, RFC 8463 4).
  [[nodiscard]] Result<std::string> dns_record() const;

private:
  struct Free {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
  };
  Key(EVP_PKEY* key, KeyType type) : key_(key), type_(type) {}

  [[nodiscard]] static Result<Key> of(EVP_PKEY* key);

  std::unique_ptr<EVP_PKEY, Free> key_;
  KeyType type_;
};

// RFC 4648 4, padded, without line breaks.
[[nodiscard]] std::string base64(std::string_view bytes);

} // namespace waypost::dkim
