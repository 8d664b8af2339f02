#include "sasl/rounds.h"

#include <algorithm>
#include <openssl/core_names.h>
#include <openssl/evp.h>

namespace waypost::sasl {
namespace {

std::unexpected<Error> unavailable() {
  return fail("OpenSSL does not compute this digest here");
}

const char* name_of(Digest digest) {
  switch (digest) {
  case Digest::md5: return "MD5";
  case Digest::sha1: return "SHA1";
  case Digest::sha256: return "SHA256";
  }
  return "";
}

struct FreeMac {
  void operator()(EVP_MAC* mac) const { ::EVP_MAC_free(mac); }
};

} // namespace

void Rounds::Free::operator()(evp_mac_ctx_st* mac) const {
  ::EVP_MAC_CTX_free(mac);
}

Result<Rounds> Rounds::begin(Digest digest, std::string_view password, std::string_view salt,
                             std::uint32_t iterations) {
  const std::unique_ptr<EVP_MAC, FreeMac> hmac(::EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!hmac) return unavailable();
  Rounds rounds(std::unique_ptr<evp_mac_ctx_st, Free>(::EVP_MAC_CTX_new(hmac.get())), iterations);
  OSSL_PARAM wanted[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                          const_cast<char*>(name_of(digest)), 0),
                         OSSL_PARAM_construct_end()};
  // A null key would mean "the one from before".
  const char* const key = password.empty() ? "" : password.data();
  const auto* const bytes = reinterpret_cast<const unsigned char*>(key);
  if (!rounds.mac_ || ::EVP_MAC_init(rounds.mac_.get(), bytes, password.size(), wanted) != 1)
    return unavailable();
  rounds.last_.resize(size_of(digest));
  // RFC 8018 5.2: the first block's number stands behind the salt.
  std::string first(salt);
  first.append({'\0', '\0', '\0', '\1'});
  if (!rounds.digest_of(first)) return unavailable();
  rounds.sum_ = rounds.last_;
  --rounds.left_;
  return rounds;
}

bool Rounds::digest_of(std::string_view text) {
  std::size_t size = 0;
  return ::EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1 &&
         ::EVP_MAC_update(mac_.get(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1 &&
         ::EVP_MAC_final(mac_.get(), reinterpret_cast<unsigned char*>(last_.data()), &size,
                         last_.size()) == 1 &&
         size == last_.size();
}

Result<> Rounds::run(std::uint32_t most) {
  for (std::uint32_t count = std::min(most, left_); count > 0; --count, --left_) {
    if (!digest_of(view(last_))) return unavailable();
    for (std::size_t i = 0; i < sum_.size(); ++i)
      sum_[i] = static_cast<char>(sum_[i] ^ last_[i]);
  }
  return {};
}

} // namespace waypost::sasl
