#include "lib/net/tls_binding.h"

#include <array>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace waypost::net {
namespace {

// RFC 9266 4.2: 32 bytes, for this label, without context.
ChannelBinding exporter(SSL* ssl) {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  std::array<unsigned char, 32> bytes{};
  const int done = SSL_export_keying_material(ssl, bytes.data(), bytes.size(), kLabel.data(),
                                              kLabel.size(), nullptr, 0, 0);
  if (done != 1) return {};
  return {"tls-exporter", std::string(bytes.begin(), bytes.end())};
}

// RFC 5929 4.1: the hash of the server's certificate, by the hash of its signature, but by SHA-256
// where that is MD5 or SHA-1. A signature without a hash (Ed25519) gives none.
ChannelBinding server_end_point(const SSL* ssl) {
  X509* const certificate = SSL_get0_peer_certificate(ssl);
  int hash = NID_undef;
  if (certificate == nullptr) return {};
  if (X509_get_signature_info(certificate, &hash, nullptr, nullptr, nullptr) != 1) return {};
  if (hash == NID_md5 || hash == NID_sha1) hash = NID_sha256;
  const EVP_MD* const md = EVP_get_digestbynid(hash);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (md == nullptr || X509_digest(certificate, md, bytes.data(), &size) != 1) return {};
  return {"tls-server-end-point", std::string(bytes.begin(), bytes.begin() + size)};
}

} // namespace

ChannelBinding binding_of(SSL* ssl) {
  switch (SSL_version(ssl)) {
  case TLS1_3_VERSION: return exporter(ssl);
  case TLS1_2_VERSION: return server_end_point(ssl);
  default: return {};
  }
}

} // namespace waypost::net
