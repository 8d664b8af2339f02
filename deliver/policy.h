// Policy: what each failure means for the mail. The only place where that is decided.
//
// In: what happened (a reply at some stage, an error of connection, DNS, TLS or protocol). Out: an
// Outcome, with class and RFC 3463 code. Two rules stand above all: trouble of our own making (a
// smarthost that is down, TLS that cannot be had, an answer that is no answer) never bounces mail,
// and a refusal for good is taken as one only where the server says it of this mail.
#pragma once

#include <string>
#include <string_view>

#include "lib/mail/outcome.h"
#include "lib/net/dns_message.h"
#include "lib/sys/error.h"

namespace waypost::deliver {

// Where in a dialogue a reply came, or was missed.
enum class Stage : std::uint8_t {
  connect,
  greeting,
  ehlo,
  starttls,
  auth,
  mail,
  rcpt,
  data,
  final_dot
};

[[nodiscard]] std::string_view name(Stage stage); // "greeting", "RCPT", "final dot"

// What a refusal is about, by enhanced code, code and words.
[[nodiscard]] FailureClass classify(Stage stage, const Reply& reply);

// A reply to MAIL, RCPT, DATA or the final dot: delivered, deferred or failed as the server says.
[[nodiscard]] Outcome reply_outcome(Stage stage, const Reply& reply);
// A reply by which a host refuses to talk to us at all: deferred, whatever its code.
[[nodiscard]] Outcome host_refusal(Stage stage, const Reply& reply);
// Mail that a host puts off for its own sake ("insufficient storage"): another one may take it.
[[nodiscard]] bool another_host_may_do(const Outcome& outcome);
// RFC 7504: every host of the best preference refused with 521, that it never takes mail.
[[nodiscard]] Outcome never_accepts(Outcome refusal);

[[nodiscard]] Outcome connect_failure(const std::string& why);
// The transport's SOCKS5 proxy: at fault itself, which is trouble of our own, or could not reach
// the host. `proxy`: as it is configured.
[[nodiscard]] Outcome proxy_failure(const std::string& proxy, const std::string& why,
                                    bool of_login);
[[nodiscard]] Outcome not_reached_by_proxy(const std::string& proxy, const std::string& why);
// What the tries for several destinations say of it; `last`: how the last one ended.
[[nodiscard]] Outcome proxy_takes_no_address(const Outcome& last);
[[nodiscard]] Outcome proxy_reaches_nobody(std::size_t in_a_row, const Outcome& last);
[[nodiscard]] Outcome proxy_lookup_failure(const std::string& proxy, const net::DnsAnswer& answer);
// The connection went away or fell silent. After the final dot the mail may have been delivered.
[[nodiscard]] Outcome lost_connection(Stage stage, const std::string& why);
[[nodiscard]] Outcome protocol_error(Stage stage, const std::string& why);
// Either of the two: an Error without errno is one of protocol.
[[nodiscard]] Outcome missing_reply(Stage stage, const Error& error);
[[nodiscard]] Outcome tls_failure(const std::string& why);
// What a server says of mail that came in clear text since its STARTTLS failed: that it wants TLS
// is no refusal of the mail.
[[nodiscard]] Outcome without_offered_tls(Outcome outcome);
// We could not log in, and without that the server is of no use. A refusal says nothing of the
// mail.
[[nodiscard]] Outcome login_failure(const std::string& why);
[[nodiscard]] Outcome login_refusal(const Reply& reply);
// We could not do our part: read the message, get a descriptor, start a sender.
[[nodiscard]] Outcome own_trouble(const std::string& why);
// A known failure of the destination, applied to a job that was waiting for it.
[[nodiscard]] Outcome not_tried(const Outcome& known);

// Looking up the hosts of a domain, or of a smarthost (`ours`), gave no address.
[[nodiscard]] Outcome lookup_failure(const std::string& name, const net::DnsAnswer& answer,
                                     bool ours);
[[nodiscard]] Outcome null_mx(const std::string& domain);                       // RFC 7505
[[nodiscard]] Outcome no_mx_address(const std::string& domain, bool temporary); // 5.4.4
[[nodiscard]] Outcome loops_back(const std::string& domain);                    // 5.4.6
// It has addresses, but none of the one family that the transport may use.
[[nodiscard]] Outcome family_rules_out(const std::string& host, const std::string& transport,
                                       bool only_ipv4);
[[nodiscard]] Outcome bad_destination(const std::string& destination, bool ours);

// A message's own demands that this server does not meet.
[[nodiscard]] Outcome too_large(std::uint64_t size, std::uint64_t limit); // RFC 1870
[[nodiscard]] Outcome no_smtputf8();                                      // RFC 6531 3.2

} // namespace waypost::deliver
