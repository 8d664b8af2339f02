#include "tests/unit/deliver/test_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace waypost::test {
namespace {

std::string text_of(BIO* out) {
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(out, &bytes);
  std::string text(bytes, static_cast<std::size_t>(length));
  BIO_free(out);
  return text;
}

void name_subject(X509* x509, const std::string& name) {
  X509_NAME* const subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
}

} // namespace

TestCertificate::TestCertificate(const CertificateWish& wish)
    : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")),
      x509_(X509_new()) {
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(x509_, 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509_), serial);
  X509_gmtime_adj(X509_getm_notBefore(x509_), wish.begins_s);
  X509_gmtime_adj(X509_getm_notAfter(x509_), wish.ends_s);
  X509_set_pubkey(x509_, key_);
  name_subject(x509_, wish.authority ? "authority " + std::to_string(serial) : "test");
  const TestCertificate& issuer = wish.issuer != nullptr ? *wish.issuer : *this;
  X509_set_issuer_name(x509_, X509_get_subject_name(issuer.x509_));
  std::string names;
  for (const std::string& one : wish.names)
    names += (names.empty() ? "" : ",") + one;
  if (!names.empty()) extend(NID_subject_alt_name, names);
  if (wish.authority) extend(NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(x509_, issuer.key_, EVP_sha256());
}

TestCertificate::~TestCertificate() {
  X509_free(x509_);
  EVP_PKEY_free(key_);
}

void TestCertificate::extend(int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(x509_, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string TestCertificate::pem() const {
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, x509_);
  return text_of(out);
}

std::string TestCertificate::key_pem() const {
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key_, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(out);
}

} // namespace waypost::test
