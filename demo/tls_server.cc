#include "demo/tls_server.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace waypost::demo {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* one) const {
    Free(one);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

Certificate certificate_for(EVP_PKEY* key) {
  Certificate made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 7L * 24 * 3600);
  X509_NAME* const subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("waypost-sink"), -1, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  X509_set_pubkey(made.get(), key);
  X509_sign(made.get(), key, EVP_sha256());
  return made;
}

} // namespace

void EndTls::operator()(ssl_st* session) const {
  SSL_free(session);
}

void TlsServer::Forget::operator()(ssl_ctx_st* made) const {
  SSL_CTX_free(made);
}

TlsServer::TlsServer() : made_(SSL_CTX_new(TLS_server_method())) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = certificate_for(key.get());
  SSL_CTX_use_certificate(made_.get(), certificate.get());
  SSL_CTX_use_PrivateKey(made_.get(), key.get());
}

TlsSession TlsServer::accept(int socket) {
  TlsSession session(SSL_new(made_.get()));
  if (session && SSL_set_fd(session.get(), socket) == 1 && SSL_accept(session.get()) == 1)
    return session;
  return nullptr;
}

} // namespace waypost::demo
