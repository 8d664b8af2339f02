#include "lib/net/tls_pin.h"

#include <algorithm>
#include <array>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace waypost::net {

std::string pin_of(const X509* certificate) {
  if (certificate == nullptr) return {};
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (length <= 0) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done = EVP_Digest(der, static_cast<std::size_t>(length), digest.data(), &size,
                              EVP_sha256(), nullptr);
  OPENSSL_free(der);
  if (done != 1) return {};
  std::array<unsigned char, 64> text{};
  const int written = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return "sha256//" + std::string(text.begin(), text.begin() + written);
}

Result<> check_pins(const X509* certificate, const std::vector<std::string>& pins) {
  const std::string pin = pin_of(certificate);
  if (!pin.empty() && std::ranges::find(pins, pin) != pins.end()) return {};
  return fail("certificate: its key is not pinned (" + (pin.empty() ? "none" : pin) + ")");
}

} // namespace waypost::net
