#include "dkim/key.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace waypost::dkim {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { ::BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { ::EVP_PKEY_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
};

// A key with a passphrase is an error: OpenSSL would ask for it at the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// RFC 6376 3.3.1: RSASSA-PKCS1-v1_5 of the digest.
Result<std::string> sign_rsa(EVP_PKEY* key, std::string_view sha256) {
  const Context context(::EVP_PKEY_CTX_new(key, nullptr));
  std::size_t size = 0;
  const bool ready =
      context && ::EVP_PKEY_sign_init(context.get()) == 1 &&
      ::EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
      ::EVP_PKEY_CTX_set_signature_md(context.get(), ::EVP_sha256()) == 1 &&
      ::EVP_PKEY_sign(context.get(), nullptr, &size, raw(sha256), sha256.size()) == 1;
  if (!ready) return fail("OpenSSL does not sign with this RSA key");
  std::string signature(size, '\0');
  if (::EVP_PKEY_sign(context.get(), raw(signature), &size, raw(sha256), sha256.size()) != 1)
    return fail("OpenSSL does not sign with this RSA key");
  signature.resize(size);
  return signature;
}

// RFC 8463 3: PureEdDSA of the digest, which is its message.
Result<std::string> sign_ed25519(EVP_PKEY* key, std::string_view sha256) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(::EVP_MD_CTX_new());
  std::size_t size = 64;
  std::string signature(size, '\0');
  const bool done =
      context && ::EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
      ::EVP_DigestSign(context.get(), raw(signature), &size, raw(sha256), sha256.size()) == 1;
  if (!done) return fail("OpenSSL does not sign with this Ed25519 key");
  signature.resize(size);
  return signature;
}

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = ::BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size > 0 ? size : 0)};
}

} // namespace

Result<Key> Key::parse(std::string_view pem) {
  const Bio bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EVP_PKEY* const key =
      bio ? ::PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr;
  if (key == nullptr) return fail("it is no private key in PEM without a passphrase");
  return of(key);
}

Result<Key> Key::of(EVP_PKEY* raw_key) {
  Key key(raw_key, KeyType::rsa);
  const int id = ::EVP_PKEY_get_base_id(raw_key);
  if (id == EVP_PKEY_ED25519) {
    key.type_ = KeyType::ed25519;
  } else if (id != EVP_PKEY_RSA) {
    return fail("it is neither an RSA nor an Ed25519 key");
  } else if (key.bits() < kLeastBits) {
    return fail("its " + std::to_string(key.bits()) +
                " bits are too few: verifiers refuse RSA keys "
                "below " +
                std::to_string(kLeastBits));
  }
  return key;
}

Result<Key> Key::generate(KeyType type, unsigned bits) {
  if (type == KeyType::rsa && (bits < kLeastBits || bits > kMostBits))
    return fail("an RSA key has " + std::to_string(kLeastBits) + " to " +
                std::to_string(kMostBits) + " bits");
  EVP_PKEY* const key = type == KeyType::rsa
                            ? ::EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits})
                            : ::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (key == nullptr) return fail("OpenSSL makes no key");
  return of(key);
}

unsigned Key::bits() const {
  return static_cast<unsigned>(::EVP_PKEY_get_bits(key_.get()));
}

std::string_view Key::algorithm() const {
  return type_ == KeyType::rsa ? "rsa-sha256" : "ed25519-sha256";
}

Result<std::string> Key::sign(std::string_view sha256) const {
  return type_ == KeyType::rsa ? sign_rsa(key_.get(), sha256) : sign_ed25519(key_.get(), sha256);
}

Result<std::string> Key::pem() const {
  const Bio bio(::BIO_new(::BIO_s_secmem()));
  const bool done = bio && ::PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                                           0, nullptr, nullptr) == 1;
  if (!done) return fail("OpenSSL does not write this key");
  return text_of(bio.get());
}

// RSA's stands as a SubjectPublicKeyInfo, Ed25519's as its 32 bytes.
Result<std::string> Key::dns_record() const {
  if (type_ == KeyType::ed25519) {
    std::size_t size = 32;
    std::string bytes(size, '\0');
    if (::EVP_PKEY_get_raw_public_key(key_.get(), raw(bytes), &size) != 1 || size != bytes.size())
      return fail("OpenSSL does not tell the public key");
    return "v=DKIM1; k=ed25519; p=" + base64(bytes);
  }
  const Bio bio(::BIO_new(::BIO_s_mem()));
  if (!bio || ::i2d_PUBKEY_bio(bio.get(), key_.get()) != 1)
    return fail("OpenSSL does not tell the public key");
  return "v=DKIM1; k=rsa; p=" + base64(text_of(bio.get()));
}

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // EVP_EncodeBlock adds a NUL
  const int size = ::EVP_EncodeBlock(raw(text), raw(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

} // namespace waypost::dkim
