#include "bench/sink/link.h"

#include <cerrno>
#include <openssl/err.h>
#include <sys/socket.h>

namespace waypost::bench {

TlsContext read_certificate(const char* certificate, const char* key) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr || SSL_CTX_use_certificate_chain_file(context.get(), certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key, SSL_FILETYPE_PEM) != 1)
    return {};
  return context;
}

void Link::start_tls(SSL_CTX& from) {
  tls_.reset(SSL_new(&from));
  SSL_set_fd(tls_.get(), socket_.get());
  SSL_set_accept_state(tls_.get());
}

bool Link::handshake_done() {
  if (announced_ || tls_ == nullptr || SSL_is_init_finished(tls_.get()) == 0) return false;
  announced_ = true;
  return true;
}

ssize_t Link::read(std::span<char> into) {
  if (tls_ == nullptr) {
    const ssize_t got = ::recv(socket_.get(), into.data(), into.size(), 0);
    return got < 0 && errno == EAGAIN ? kAgain : got;
  }
  ERR_clear_error();
  const int got = SSL_read(tls_.get(), into.data(), static_cast<int>(into.size()));
  if (got > 0) return got;
  switch (SSL_get_error(tls_.get(), got)) {
  case SSL_ERROR_WANT_READ: return kAgain;
  case SSL_ERROR_ZERO_RETURN: return 0;
  default: return -1;
  }
}

bool Link::write(std::string_view bytes) {
  if (bytes.empty()) return true;
  if (tls_ == nullptr) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(bytes.size());
  }
  ERR_clear_error();
  return SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

} // namespace waypost::bench
