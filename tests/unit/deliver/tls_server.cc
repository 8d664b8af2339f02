#include "tests/unit/deliver/tls_server.h"

#include <openssl/ssl.h>

#include "lib/net/tls_pin.h"

namespace waypost::test {

TlsServer::TlsServer(const CertificateWish& wish)
    : certificate_(wish),
      ctx_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX_use_certificate(ctx_, certificate_.x509());
  SSL_CTX_use_PrivateKey(ctx_, certificate_.key());
  const unsigned char word[] = "test";
  SSL_CTX_set_session_id_context(ctx_, word, sizeof word);
}

TlsServer::~TlsServer() {
  SSL_CTX_free(ctx_);
}

void TlsServer::speak_at_most(int version) {
  SSL_CTX_set_max_proto_version(ctx_, version);
  SSL_CTX_set_min_proto_version(ctx_, TLS1_VERSION);
  SSL_CTX_set_security_level(ctx_, 0);
}

void TlsServer::choke_on_tickets() {
  const auto look = [](SSL* ssl, int*, void*) {
    const unsigned char* ticket = nullptr;
    std::size_t size = 0;
    const bool resumes =
        SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &ticket, &size) == 1 ||
        (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_session_ticket, &ticket, &size) == 1 &&
         size > 0);
    // The handshake stops, and the other side hears no alert.
    return resumes ? SSL_CLIENT_HELLO_RETRY : SSL_CLIENT_HELLO_SUCCESS;
  };
  SSL_CTX_set_client_hello_cb(ctx_, look, nullptr);
}

void TlsServer::demand(const TestCertificate& authority) {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx_), authority.x509());
  SSL_CTX_set_verify(ctx_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

std::string TlsServer::pin() const {
  return net::pin_of(certificate_.x509());
}

TlsEnd::TlsEnd(int fd, const TlsServer& server) : ssl_(SSL_new(server.ctx())) {
  SSL_set_fd(ssl_, fd);
  SSL_accept(ssl_);
}

TlsEnd::~TlsEnd() {
  SSL_free(ssl_);
}

long TlsEnd::read(char* into, std::size_t size) {
  return SSL_read(ssl_, into, static_cast<int>(size));
}

void TlsEnd::write(std::string_view text) {
  SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
}

bool TlsEnd::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}

std::string TlsEnd::asked_name() const {
  const char* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

bool TlsEnd::client_shown() const {
  return SSL_get0_peer_certificate(ssl_) != nullptr;
}

std::string TlsEnd::exporter() const {
  std::string bytes(32, '\0');
  SSL_export_keying_material(ssl_, reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                             "EXPORTER-Channel-Binding", 24, nullptr, 0, 0);
  return bytes;
}

std::string TlsEnd::end_point() const {
  std::string bytes(32, '\0');
  unsigned size = 0;
  X509_digest(SSL_get_certificate(ssl_), EVP_sha256(),
              reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return bytes.substr(0, size);
}

} // namespace waypost::test
