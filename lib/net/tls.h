// TLS as a client, without I/O: bytes in, bytes out (RFC 8446, RFC 5246; 1.2 is the least).
//
// A TlsContext holds what all connections of one sender share: trust, our certificate, and the
// sessions that can be resumed. A TlsSession is one connection's state: feed() it what arrived,
// send what outgoing() holds after each call. The CA bundle is read only where `verify` asks for
// it: it costs 28 ms and a megabyte. Interfaces, because OpenSSL is loaded where TLS is really used
// and nowhere else: see open_tls().
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::net {

struct TlsTrust {
  bool verify = false;           // chain and name; false: encryption only
  std::string ca;                // a file or folder; empty: the system's
  std::vector<std::string> pins; // "sha256//BASE64" of the public key; one must match; empty: any
  std::string client_cert;       // PEM files
  std::string client_key;
};

struct TlsPeer {
  std::string host;               // for SNI and as certificate name; empty for an address literal
  std::vector<std::string> names; // further names that the certificate may carry instead
  std::string session;            // sessions are resumed only under the same word
};

// What ties a login to this one TLS connection (RFC 5056): a type, and bytes that both sides know.
struct ChannelBinding {
  std::string type; // "tls-exporter" (RFC 9266), "tls-server-end-point" (RFC 5929); empty: none
  std::string bytes;
};

class TlsSession {
public:
  TlsSession() = default;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  virtual ~TlsSession() = default;

  virtual void feed(std::string_view arrived) = 0;
  // What is to be sent now; empty: nothing. The caller owns it.
  [[nodiscard]] virtual std::string outgoing() = 0;
  // True when the handshake is done, false when more must arrive.
  [[nodiscard]] virtual Result<bool> handshake() = 0;
  // None: more must arrive. 0: the other side has closed the session.
  [[nodiscard]] virtual Result<std::optional<std::size_t>> read(std::span<char> into) = 0;
  [[nodiscard]] virtual Result<> write(std::string_view bytes) = 0;
  // Says that nothing more will be written (RFC 8446 6.1).
  virtual void close() = 0;
  // "TLSv1.3 TLS_AES_256_GCM_SHA384 unverified", and " resumed" where an earlier session served.
  [[nodiscard]] virtual std::string description() const = 0;
  // After the handshake: tls-exporter with TLS 1.3, tls-server-end-point with 1.2. Never
  // tls-unique, which two resumed sessions may share (RFC 7627 1).
  [[nodiscard]] virtual ChannelBinding channel_binding() const = 0;
};

class TlsContext {
public:
  TlsContext() = default;
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  virtual ~TlsContext() = default;
  // The session must not outlive the context.
  [[nodiscard]] virtual Result<std::unique_ptr<TlsSession>> session(const TlsPeer& peer) = 0;
};

// Initialises OpenSSL at its first call in a process (5 ms).
[[nodiscard]] Result<std::unique_ptr<TlsContext>> open_tls(const TlsTrust& trust);

} // namespace waypost::net
