// TestCertificate: a fresh key and a certificate for servers and clients in tests, signed by itself
// or by an authority that a test has made.
#pragma once

#include <openssl/types.h>
#include <string>
#include <vector>

namespace waypost::test {

class TestCertificate;

struct CertificateWish {
  std::vector<std::string> names = {}; // as OpenSSL writes them: "DNS:mx.test", "IP:127.0.0.1"
  long begins_s = -3600;               // from now
  long ends_s = 3600;
  const TestCertificate* issuer = nullptr; // none: itself
  bool authority = false;
};

class TestCertificate {
public:
  explicit TestCertificate(const CertificateWish& wish);
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;
  ~TestCertificate();
  [[nodiscard]] X509* x509() const { return x509_; }
  [[nodiscard]] EVP_PKEY* key() const { return key_; }
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] std::string key_pem() const;

private:
  void extend(int kind, const std::string& value);
  EVP_PKEY* key_;
  X509* x509_;
};

} // namespace waypost::test
