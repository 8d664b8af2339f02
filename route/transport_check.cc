#include "route/transport_check.h"

#include <algorithm>

namespace waypost::route {
namespace {

class TransportCheck {
public:
  TransportCheck(const Transport& transport, unsigned line, const KeyLines& lines,
                 Complaints& complaints)
      : transport_(transport),
        line_(line),
        lines_(lines),
        complaints_(complaints) {}

  void run() {
    const TransportType type = transport_.type;
    if (type == TransportType::smtp || type == TransportType::submission ||
        type == TransportType::submissions) {
      require("host", "host = \"smtp.isp.example\"");
    }
    if (type == TransportType::socks) require("proxy", "proxy = \"10.9.0.1:1080\"");
    both("user", "credential");
    both("client_cert", "client_key");
    implicit_tls();
    cleartext();
    external();
  }

private:
  [[nodiscard]] bool has(std::string_view key) const { return lines_.contains(key); }
  [[nodiscard]] unsigned line_of(std::string_view key) const {
    const auto found = lines_.find(key);
    return found == lines_.end() ? line_ : found->second;
  }
  void add(unsigned line, const std::string& text) {
    complaints_.add(line, "transport " + quoted(transport_.name) + ": " + text);
  }

  void require(std::string_view key, std::string_view example) {
    if (has(key)) return;
    add(line_, "type " + quoted(name(transport_.type)) + " needs " + std::string(key) + "; write " +
                   std::string(example));
  }

  void both(std::string_view a, std::string_view b) {
    if (has(a) == has(b)) return;
    const std::string_view there = has(a) ? a : b;
    const std::string_view missing = has(a) ? b : a;
    add(line_of(there),
        std::string(there) + " without " + std::string(missing) + "; each needs the other");
  }

  // RFC 8314 3.3: on that port TLS begins before any command; there is nothing to switch off.
  void implicit_tls() {
    if (transport_.type != TransportType::submissions || transport_.tls != TlsPolicy::off) return;
    add(line_of("tls"),
        "tls = \"off\" with type \"submissions\", which is TLS from the first byte; "
        "leave tls out, or use type \"submission\" or \"smtp\"");
  }

  [[nodiscard]] bool only_plaintext_mechanisms() const {
    const auto shows_the_secret = [](const std::string& one) {
      return one == "PLAIN" || one == "LOGIN" || one == "XOAUTH2" || one == "OAUTHBEARER";
    };
    return !transport_.mechanisms.empty() &&
           std::ranges::all_of(transport_.mechanisms, shows_the_secret);
  }

  void cleartext() {
    const bool off = transport_.tls == TlsPolicy::off;
    if (transport_.cleartext_auth && !off) {
      add(line_of("cleartext_auth"), "cleartext_auth = true has a meaning only with tls = \"off\"; "
                                     "leave it out, for TLS is what protects the password");
    }
    if (off && !transport_.cleartext_auth && has("user") && only_plaintext_mechanisms()) {
      add(line_of("mechanisms"), "with tls = \"off\" none of these mechanisms may be used, since "
                                 "each shows the secret; leave tls out, or take SCRAM-SHA-256");
    }
  }

  // RFC 4422 appendix A: who we are the certificate says, and no password beside it.
  void external() {
    if (std::ranges::find(transport_.mechanisms, "EXTERNAL") == transport_.mechanisms.end()) return;
    if (!has("client_cert"))
      add(line_of("mechanisms"), "EXTERNAL logs in by a certificate; write client_cert and "
                                 "client_key, or leave EXTERNAL out");
    if (has("credential"))
      add(line_of("mechanisms"), "EXTERNAL takes no credential; leave out user and credential, or "
                                 "leave EXTERNAL out");
  }

  const Transport& transport_;
  unsigned line_;
  const KeyLines& lines_;
  Complaints& complaints_;
};

} // namespace

void check_transport(const Transport& transport, unsigned line, const KeyLines& lines,
                     Complaints& complaints) {
  TransportCheck(transport, line, lines, complaints).run();
}

} // namespace waypost::route
