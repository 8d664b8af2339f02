#include "tests/unit/deliver/test_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace waypost::test {

TestCertificate::TestCertificate(const std::string& name)
    : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")),
      x509_(X509_new()) {
  X509_set_version(x509_, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509_), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509_), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509_), 3600);
  X509_set_pubkey(x509_, key_);
  X509_NAME* const subject = X509_get_subject_name(x509_);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509_, subject);
  const std::string names = "DNS:" + name;
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(x509_, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(x509_, key_, EVP_sha256());
}

TestCertificate::~TestCertificate() {
  X509_free(x509_);
  EVP_PKEY_free(key_);
}

std::string TestCertificate::pem() const {
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, x509_);
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(out, &bytes);
  std::string text(bytes, static_cast<std::size_t>(length));
  BIO_free(out);
  return text;
}

} // namespace waypost::test
