// Probe: goes the way that mail for a destination would go, as a sender does and with the same
// code, up to where MAIL would come, and keeps what it found: waypost-probe. No mail is sent.
//
// The hosts come in a sender's order. Like a sender it is content with the first that is ready, or
// tries all of them. A login is made only where it is asked for; a proxy's always, for without it
// there is no way.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deliver/greeting.h"
#include "deliver/oracle_scopes.h"

namespace waypost::deliver {

// One address that was tried.
struct ProbeTry {
  HostAddress host;
  std::optional<HostFailure> failure; // none: it is ready for MAIL
  Capabilities offered;               // at last, within TLS
  std::string tls;                    // empty: clear text
  std::vector<std::string> steps;     // fall-backs
  std::string dialogue;               // transcript.h; no secret is in it
};

struct ProbeFindings {
  const Transport* transport = nullptr;
  std::string destination; // empty: the transport's one host
  bool auth = false;       // a login was asked for
  HostList hosts;
  std::vector<ProbeTry> tries;
};

struct ProbeWishes {
  bool auth = false;
  bool all = false; // every address, also after one that is ready
};

class Probe final : public TlsSource {
public:
  // `scopes`: to an oracle; none where no login is made. All others outlive this.
  Probe(net::Loop& loop, const Settings& settings, const Transport& transport, ProbeWishes wishes,
        Fd scopes);

  // `destination`: a domain or literal for mail exchangers; empty for a smarthost.
  [[nodiscard]] net::Task<ProbeFindings> run(std::string destination);

  Result<net::TlsContext*> tls() override;

private:
  net::Task<ProbeTry> try_one(Greeter& greeter, HostAddress to);
  Result<> open_line();

  net::Loop& loop_;
  const Settings& settings_;
  const Transport& transport_;
  Transport way_; // the same, without a login that was not asked for
  ProbeWishes wishes_;
  net::Resolver resolver_; // not of a coroutine, which may end within its call
  std::optional<OracleScopes> scopes_;
  std::optional<OracleLine> oracle_;
  std::unique_ptr<net::TlsContext> tls_;
  Recorder recorder_;
};

// Whether this needs an oracle.
[[nodiscard]] bool probe_logs_in(const Transport& transport, const ProbeWishes& wishes);

} // namespace waypost::deliver
