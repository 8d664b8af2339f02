// Sha256: the digest of bytes that come in pieces (FIPS 180-4), by OpenSSL. Small pieces are
// gathered, because a canonical form comes a few bytes at a time.
#pragma once

#include <memory>
#include <openssl/evp.h>
#include <string>
#include <string_view>

namespace waypost::dkim {

class Sha256 {
public:
  Sha256();
  void update(std::string_view bytes);
  // The 32 bytes. Called once, last.
  [[nodiscard]] std::string finish();

private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
  };
  void flush();

  std::unique_ptr<EVP_MD_CTX, Free> context_;
  std::string gathered_;
};

} // namespace waypost::dkim
