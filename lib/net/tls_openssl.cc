#include "lib/net/tls_openssl.h"

#include <map>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "lib/net/ip.h"
#include "lib/net/tls_binding.h"
#include "lib/net/tls_pin.h"

namespace waypost::net {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* one) const {
    Free(one);
  }
};
using Ctx = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, Freer<SSL_free>>;
using Saved = std::unique_ptr<SSL_SESSION, Freer<SSL_SESSION_free>>;

// OpenSSL's own words for what has just failed.
std::string tls_words(std::string_view fallback) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? std::string(fallback) : std::string(reason);
}

// The sessions of one context, by the peer's word. Bounded: a sender has few hosts.
class SessionStore {
public:
  void put(const std::string& word, SSL_SESSION* session) {
    if (sessions_.size() >= kMost) sessions_.clear();
    sessions_[word] = Saved(session);
  }
  void forget(const std::string& word) { sessions_.erase(word); }
  [[nodiscard]] SSL_SESSION* get(const std::string& word) const {
    const auto found = sessions_.find(word);
    return found == sessions_.end() ? nullptr : found->second.get();
  }

private:
  static constexpr std::size_t kMost = 64;
  std::map<std::string, Saved, std::less<>> sessions_;
};

class OpenSslSession final : public TlsSession {
public:
  OpenSslSession(Ssl ssl, bool verified, std::string word, const std::vector<std::string>& pins,
                 SessionStore& store)
      : ssl_(std::move(ssl)),
        verified_(verified),
        word_(std::move(word)),
        pins_(pins),
        store_(store) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
    SSL_set_connect_state(ssl_.get());
    SSL_set_app_data(ssl_.get(), this);
  }

  // OpenSSL takes a session for spoilt when its connection ends without close_notify, and would not
  // resume it. A mail server that hangs up early has done no harm to it (RFC 5246 7.2.1). One that
  // fails may do so over the session itself: the next handshake is a full one.
  ~OpenSslSession() override {
    if (sound_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    if (!sound_) store_.forget(word_);
  }
  OpenSslSession(const OpenSslSession&) = delete;
  OpenSslSession& operator=(const OpenSslSession&) = delete;

  void feed(std::string_view arrived) override {
    BIO_write(SSL_get_rbio(ssl_.get()), arrived.data(), static_cast<int>(arrived.size()));
  }

  std::string outgoing() override {
    BIO* const out = SSL_get_wbio(ssl_.get());
    std::string bytes(BIO_ctrl_pending(out), '\0');
    if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  Result<bool> handshake() override {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done != 1) {
      if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) return false;
      return fail(failure());
    }
    if (!pins_.empty()) {
      const Result<> pinned = check_pins(SSL_get0_peer_certificate(ssl_.get()), pins_);
      if (!pinned) return std::unexpected(pinned.error());
    }
    sound_ = true;
    return true;
  }

  Result<std::optional<std::size_t>> read(std::span<char> into) override {
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    if (done == 1) return got;
    const int error = SSL_get_error(ssl_.get(), done);
    if (error == SSL_ERROR_WANT_READ) return std::nullopt;
    if (error == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
    sound_ = false;
    return fail("TLS: " + tls_words("read"));
  }

  Result<> write(std::string_view bytes) override {
    ERR_clear_error();
    std::size_t put = 0;
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put) == 1) return {};
    return fail("TLS: " + tls_words("write"));
  }

  void close() override { SSL_shutdown(ssl_.get()); }

  std::string description() const override {
    const std::string version = SSL_get_version(ssl_.get());
    const std::string cipher = SSL_get_cipher_name(ssl_.get());
    const bool resumed = SSL_session_reused(ssl_.get()) == 1;
    return version + ' ' + cipher + (verified_ ? " verified" : " unverified") +
           (resumed ? " resumed" : "");
  }

  ChannelBinding channel_binding() const override { return binding_of(ssl_.get()); }

  static int keep_session(SSL* ssl, SSL_SESSION* session) {
    const auto* const self = static_cast<OpenSslSession*>(SSL_get_app_data(ssl));
    self->store_.put(self->word_, session);
    return 1; // the session is ours now
  }

private:
  // A certificate that is not trusted says why by a code of its own.
  std::string failure() {
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verified_ && verdict != X509_V_OK) {
      ERR_clear_error();
      return std::string("certificate: ") + X509_verify_cert_error_string(verdict);
    }
    return "TLS handshake: " + tls_words("failed");
  }

  Ssl ssl_;
  bool verified_;
  bool sound_ = false; // shaken hands, and no error since
  std::string word_;
  const std::vector<std::string>& pins_;
  SessionStore& store_;
};

class OpenSslContext final : public TlsContext {
public:
  OpenSslContext(Ctx ctx, const TlsTrust& trust) : ctx_(std::move(ctx)), trust_(trust) {}

  Result<std::unique_ptr<TlsSession>> session(const TlsPeer& peer) override {
    Ssl ssl(SSL_new(ctx_.get()));
    if (!ssl) return fail("TLS: " + tls_words("no session"));
    // RFC 6066 3: no literal addresses in SNI.
    const bool named = !peer.host.empty() && !IpAddress::parse(peer.host);
    if (named) SSL_set_tlsext_host_name(ssl.get(), peer.host.c_str());
    if (trust_.verify) expect_names(ssl.get(), peer);
    if (SSL_SESSION* const saved = store_.get(peer.session)) SSL_set_session(ssl.get(), saved);
    return std::make_unique<OpenSslSession>(std::move(ssl), trust_.verify, peer.session,
                                            trust_.pins, store_);
  }

private:
  // RFC 6125: one of the names, or the address itself where there is no name.
  static void expect_names(SSL* ssl, const TlsPeer& peer) {
    if (IpAddress::parse(peer.host)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), peer.host.c_str());
      return;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl, peer.host.c_str());
    for (const std::string& name : peer.names)
      SSL_add1_host(ssl, name.c_str());
  }

  Ctx ctx_;
  TlsTrust trust_;
  SessionStore store_;
};

Result<> load_trust(SSL_CTX* ctx, const TlsTrust& trust) {
  if (trust.verify) {
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
    struct stat status{};
    const bool folder = ::stat(trust.ca.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    const int loaded = trust.ca.empty() ? SSL_CTX_set_default_verify_paths(ctx)
                       : folder         ? SSL_CTX_load_verify_dir(ctx, trust.ca.c_str())
                                        : SSL_CTX_load_verify_file(ctx, trust.ca.c_str());
    if (loaded != 1) return fail("ca " + trust.ca + ": " + tls_words("cannot be read"));
  }
  if (trust.client_cert.empty()) return {};
  const std::string& key = trust.client_key.empty() ? trust.client_cert : trust.client_key;
  if (SSL_CTX_use_certificate_chain_file(ctx, trust.client_cert.c_str()) != 1) {
    return fail("client_cert " + trust.client_cert + ": " + tls_words("cannot be read"));
  }
  if (SSL_CTX_use_PrivateKey_file(ctx, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail("client_key " + key + ": " + tls_words("cannot be read"));
  }
  return {};
}

Result<std::unique_ptr<TlsContext>> make_context(const TlsTrust& trust) {
  Ctx ctx(SSL_CTX_new(TLS_client_method()));
  if (!ctx) return fail("TLS: " + tls_words("cannot be initialised"));
  SSL_CTX_set_min_proto_version(ctx.get(), TLS1_2_VERSION);
  // SSL_write never waits for a read then, and RFC 9325 wants no renegotiation either.
  SSL_CTX_set_options(ctx.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(ctx.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(ctx.get(),
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(ctx.get(), OpenSslSession::keep_session);
  // Old servers with small keys or SHA-1 still beat clear text; who verifies keeps the default.
  if (!trust.verify) SSL_CTX_set_security_level(ctx.get(), 0);
  const Result<> loaded = load_trust(ctx.get(), trust);
  if (!loaded) return std::unexpected(loaded.error());
  return std::make_unique<OpenSslContext>(std::move(ctx), trust);
}

} // namespace

} // namespace waypost::net

waypost::net::TlsContext* waypost_open_tls(const waypost::net::TlsTrust& trust,
                                           waypost::Error& why) {
  auto made = waypost::net::make_context(trust);
  if (made) return made->release();
  why = made.error();
  return nullptr;
}
