// TestCertificate: a fresh key and a certificate signed by itself, for servers in tests.
#pragma once

#include <openssl/types.h>
#include <string>

namespace waypost::test {

class TestCertificate {
public:
  explicit TestCertificate(const std::string& name);
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;
  ~TestCertificate();
  [[nodiscard]] X509* x509() const { return x509_; }
  [[nodiscard]] EVP_PKEY* key() const { return key_; }
  [[nodiscard]] std::string pem() const;

private:
  EVP_PKEY* key_;
  X509* x509_;
};

} // namespace waypost::test
