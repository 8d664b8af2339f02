#include "route/transport_check.h"

#include <algorithm>

#include "route/network_name.h"

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
    if (is_local(type)) return local();
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
        std::string(there) + " without " + std::string(missing) + "; each needs the other" +
            (missing == "credential" ? ": waypost credential add NAME asks for the password, and "
                                       "credential = \"NAME\" names it"
                                     : ""));
  }

  void local() {
    if (transport_.user == "root" || transport_.user == "0") {
      add(line_of("user"), "user = \"root\": nothing is ever delivered as root; name another user");
    }
    if (transport_.type == TransportType::pipe) command();
    if (transport_.type == TransportType::lmtp) server();
    // What would be reached by ~ is the home of whoever delivers, for all recipients.
    if (has("user") && has("path") && transport_.path.starts_with('~')) {
      add(line_of("path"),
          "path in a home, and user: all recipients would share one mailbox; write "
          "an absolute folder, or leave user out");
    }
  }

  void command() {
    require("command", "command = [\"/usr/lib/dovecot/dovecot-lda\", \"-d\", \"{user}\"]");
    if (!transport_.command.empty() && !transport_.command.front().starts_with('/')) {
      add(line_of("command"),
          "command begins with " + quoted(transport_.command.front()) +
              "; write the program's absolute path, since no shell looks for it");
    }
  }

  void server() {
    if (has("socket") == has("host")) {
      add(line_of("socket"), "type \"lmtp\" needs either a socket or a host; write socket = "
                             "\"/run/dovecot/lmtp\", or host = \"127.0.0.1\" and port");
    }
    if (has("host") && !parse_ip(transport_.host)) {
      add(line_of("host"), "host: " + quoted(transport_.host) +
                               " is a name; write the server's IP address, as in host = "
                               "\"127.0.0.1\"");
    }
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
