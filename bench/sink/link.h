// Link: one accepted connection, in clear or under TLS, that never blocks.
//
// A reply of the sink always fits into the socket's buffer; a client that lets it fill up is cut
// off.
#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <span>
#include <string_view>

#include "lib/sys/fd.h"

namespace waypost::bench {

struct SslFree {
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(SSL_CTX* tls) const { SSL_CTX_free(tls); }
};
using Tls = std::unique_ptr<SSL, SslFree>;
using TlsContext = std::unique_ptr<SSL_CTX, SslFree>;

// A server's context; empty when the certificate or key cannot be read.
TlsContext read_certificate(const char* certificate, const char* key);

class Link {
public:
  explicit Link(Fd socket) : socket_(std::move(socket)) {}

  void start_tls(SSL_CTX& from);
  // True once: when the handshake has just been done.
  [[nodiscard]] bool handshake_done();

  static constexpr ssize_t kAgain = -2;
  // The bytes read, 0 at the end, -1 on an error, kAgain when there is nothing now.
  ssize_t read(std::span<char> into);
  [[nodiscard]] bool write(std::string_view bytes);

private:
  Fd socket_;
  Tls tls_;
  bool announced_ = false;
};

} // namespace waypost::bench
