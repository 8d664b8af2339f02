// LoginTrial: logs in to the server of a transport as a sender does, with the same code, and keeps
// what was said: `waypost credential test`. No mail is sent.
//
// The login's secret stays with the oracle, which this asks as a sender would. Of a transport of
// type socks the login is that to its proxy, which is asked for a host that does not exist.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deliver/greeting.h"
#include "deliver/oracle_scopes.h"

namespace waypost::deliver {

struct LoginFindings {
  const Transport* transport = nullptr;
  std::vector<std::string> addresses; // of its host, or of its proxy
  std::string dialogue;               // transcript.h; no secret is in it
  std::optional<Outcome> failure;     // none: logged in
};

class LoginTrial final : public TlsSource {
public:
  // `scopes`: the socket to an oracle. All others outlive this.
  LoginTrial(net::Loop& loop, Fd scopes, const Snapshot& snapshot);

  // One after the other, each with what it found out.
  [[nodiscard]] net::Task<std::vector<LoginFindings>> run(std::vector<const Transport*> all);

  Result<net::TlsContext*> tls() override;

private:
  net::Task<LoginFindings> run_one(const Transport& transport);
  net::Task<std::optional<Outcome>> log_in(const HostList& hosts, OracleLine* oracle);
  net::Task<std::optional<Outcome>> log_in_at_proxy(const ProxyAddresses& proxy,
                                                    OracleLine* oracle);

  net::Loop& loop_;
  OracleScopes scopes_;
  const Snapshot& snapshot_;
  net::Resolver resolver_;               // not of a coroutine, which may end within its call
  const Transport* transport_ = nullptr; // the one that is tried
  std::unique_ptr<net::TlsContext> tls_; // its
  Recorder recorder_;
  std::string dialogue_;
};

} // namespace waypost::deliver
