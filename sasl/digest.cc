#include "sasl/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace waypost::sasl {
namespace {

const EVP_MD* md_of(Digest digest) {
  switch (digest) {
  case Digest::md5: return ::EVP_md5();
  case Digest::sha1: return ::EVP_sha1();
  case Digest::sha256: return ::EVP_sha256();
  }
  return nullptr;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(Secret& secret) {
  return reinterpret_cast<unsigned char*>(secret.data());
}

// A machine under FIPS rules has no MD5.
std::unexpected<Error> unavailable() {
  return fail("OpenSSL does not compute this digest here");
}

} // namespace

std::size_t size_of(Digest digest) {
  return static_cast<std::size_t>(::EVP_MD_get_size(md_of(digest)));
}

Result<Secret> hash(Digest digest, std::string_view text) {
  Secret out(size_of(digest));
  const int done =
      ::EVP_Digest(text.data(), text.size(), bytes_of(out), nullptr, md_of(digest), nullptr);
  if (done != 1) return unavailable();
  return out;
}

Result<Secret> hmac(Digest digest, std::string_view key, std::string_view text) {
  Secret out(size_of(digest));
  // OpenSSL takes a null key for "the one from before".
  const char* const from = key.empty() ? "" : key.data();
  const unsigned char* const done = ::HMAC(md_of(digest), from, static_cast<int>(key.size()),
                                           bytes_of(text), text.size(), bytes_of(out), nullptr);
  if (done == nullptr) return unavailable();
  return out;
}

} // namespace waypost::sasl
