// TlsServer: TLS for a sink, with a certificate that it makes for itself and that nobody signed.
// Safe to use from several threads.
#pragma once

#include <memory>

struct ssl_st;
struct ssl_ctx_st;

namespace waypost::demo {

struct EndTls {
  void operator()(ssl_st* session) const;
};
using TlsSession = std::unique_ptr<ssl_st, EndTls>;

class TlsServer {
public:
  TlsServer();
  // The handshake on a blocking socket; null when it fails.
  [[nodiscard]] TlsSession accept(int socket);

private:
  struct Forget {
    void operator()(ssl_ctx_st* made) const;
  };
  std::unique_ptr<ssl_ctx_st, Forget> made_;
};

} // namespace waypost::demo
