// TlsServer: what several connections of a server in a test share of TLS: certificate, versions,
// tickets by which sessions are resumed, and what it asks of clients.
#pragma once

#include <openssl/types.h>
#include <string>
#include <string_view>

#include "tests/unit/deliver/test_certificate.h"

namespace waypost::test {

class TlsServer {
public:
  explicit TlsServer(const CertificateWish& wish);
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer();

  // Versions as OpenSSL numbers them: TLS1_1_VERSION.
  void speak_at_most(int version);
  // Leaves without a word who wants to resume a session.
  void choke_on_tickets();
  // Clients must show a certificate that this authority has signed.
  void demand(const TestCertificate& authority);
  [[nodiscard]] std::string pin() const;
  [[nodiscard]] SSL_CTX* ctx() const { return ctx_; }

private:
  TestCertificate certificate_;
  SSL_CTX* ctx_;
};

// The server's side of one connection: the handshake is done within the constructor.
class TlsEnd {
public:
  TlsEnd(int fd, const TlsServer& server);
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;
  ~TlsEnd();
  long read(char* into, std::size_t size);
  void write(std::string_view text);
  [[nodiscard]] bool resumed() const;
  [[nodiscard]] std::string asked_name() const; // by SNI
  [[nodiscard]] bool client_shown() const;      // a certificate
  // The bytes of tls-exporter, as the server has them; and of tls-server-end-point, by SHA-256.
  [[nodiscard]] std::string exporter() const;
  [[nodiscard]] std::string end_point() const;

private:
  SSL* ssl_;
};

} // namespace waypost::test
