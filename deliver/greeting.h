// Greeting: from an address to a server that is ready for MAIL: connect, perhaps by a proxy,
// banner, EHLO or HELO, STARTTLS as the transport wants it, EHLO again (RFC 5321 3.1, 3.2, RFC
// 3207), AUTH (auth.h). With type submissions TLS comes before the banner (RFC 8314 3.3).
//
// Opportunistic TLS that cannot be had is given up within the same call: a new connection in clear
// text, and a step that says so. Required TLS is asked for even where it is not offered, and
// without it nothing but that and QUIT leaves in clear text.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "deliver/connection.h"
#include "deliver/oracle_line.h"
#include "lib/mail/outcome.h"
#include "lib/mail/snapshot.h"
#include "socks/socks5.h"

namespace waypost::deliver {

// Why a host cannot be used now, as an outcome for the mail should no other be found.
struct HostFailure {
  Outcome outcome;
  bool replied = false;                // the host itself said it
  bool timed_out = false;              // it said nothing in time
  bool never = false;                  // by 521, for good (RFC 7504)
  bool of_tls = false;                 // clear text might do
  bool under_attack = false;           // somebody wrote into the stream: no fall-back
  bool of_login = false;               // AUTH: it would be the same at each address of the host
  std::optional<socks::Fault> fault{}; // for type socks, where the way to the host was at fault
};

// Where TLS contexts come from: made at the first need and kept (net/tls.h). Owned by the sender.
class TlsSource {
public:
  TlsSource() = default;
  TlsSource(const TlsSource&) = delete;
  TlsSource& operator=(const TlsSource&) = delete;
  virtual ~TlsSource() = default;
  [[nodiscard]] virtual Result<net::TlsContext*> tls() = 0;
};

using Opened = std::expected<std::unique_ptr<Connection>, HostFailure>;

class Greeter {
public:
  // All outlive this. `domain`: the recipient's, as which a verified host may show itself too;
  // empty: none. `oracle`: null where the transport does not log in. `proxy`: of a transport of
  // type socks.
  Greeter(net::Loop& loop, const Transport& transport, TlsSource& tls, std::string domain,
          OracleLine* oracle, Recorder& recorder, ProxyAddresses proxy = {})
      : loop_(loop),
        transport_(transport),
        tls_(tls),
        domain_(std::move(domain)),
        oracle_(oracle),
        recorder_(recorder),
        proxy_(std::move(proxy)) {}

  // Fall-backs are appended to `steps`, which the awaiting frame owns.
  [[nodiscard]] net::Task<Opened> open(HostAddress to, std::vector<std::string>& steps);

private:
  net::Task<Opened> open_once(HostAddress to, bool with_tls);
  net::Task<Opened> connect(HostAddress to);
  net::Task<std::optional<HostFailure>> banner(Connection& peer);
  net::Task<std::optional<HostFailure>> hello(Connection& peer);
  net::Task<std::optional<HostFailure>> ask_for_tls(Connection& peer);
  net::Task<std::optional<HostFailure>> start_tls(Connection& peer);
  net::Task<std::optional<HostFailure>> greet_in_tls(Connection& peer);
  net::Task<std::optional<HostFailure>> greet_in_clear(Connection& peer, bool with_tls);
  net::Task<std::optional<HostFailure>> log_in(Connection& peer);

  net::Loop& loop_;
  const Transport& transport_;
  TlsSource& tls_;
  std::string domain_;
  OracleLine* oracle_;
  Recorder& recorder_;
  ProxyAddresses proxy_;
};

// A socket from which to connect to that address: from the transport's first source address of the
// same family, always the same one, for greylisting hosts know us by it. None configured: the
// system's choice.
[[nodiscard]] Result<Fd> socket_for(const Transport& transport, const net::IpAddress& address);

} // namespace waypost::deliver
