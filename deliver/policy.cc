#include "deliver/policy.h"

#include "deliver/reply_words.h"

namespace waypost::deliver {
namespace {

Outcome make(Disposition disposition, FailureClass klass, EnhancedCode status, std::string text) {
  Outcome outcome;
  outcome.disposition = disposition;
  outcome.klass = klass;
  outcome.status = status;
  outcome.reply = std::move(text);
  return outcome;
}

Outcome deferred(FailureClass klass, EnhancedCode status, std::string text) {
  return make(Disposition::deferred, klass, status, std::move(text));
}

Outcome failed(FailureClass klass, EnhancedCode status, std::string text) {
  return make(Disposition::failed, klass, status, std::move(text));
}

void take_reply(Outcome& outcome, const Reply& reply) {
  outcome.code = reply.code;
  outcome.reply = reply.text;
  outcome.status = reply.status;
  if (outcome.status.present()) return;
  // RFC 3463 2: there is no class 3; a 3xx where none is due is the server's passing confusion.
  outcome.status.klass = static_cast<std::uint8_t>(reply.intermediate() ? 4 : reply.code / 100);
}

// RFC 3463 X.7: security and policy, with the details that were registered later.
FailureClass class_by_policy_status(Stage stage, const EnhancedCode& status) {
  switch (status.detail) {
  case 8:
  case 9:
  case 20: // RFC 7372: DKIM, SPF and others say that we may not use the sender's domain
  case 21:
  case 22:
  case 23:
  case 24:
  case 26:
  case 27: // as Gmail uses 27 to 32
  case 29:
  case 30:
  case 31:
  case 32: return FailureClass::auth;
  case 10:
  case 11: return FailureClass::tls;
  case 17: // RFC 7293: the mailbox has another owner now
  case 18: return FailureClass::mailbox;
  case 25: return FailureClass::dns; // no reverse name
  case 28: return FailureClass::rate;
  default: // who saw the whole message, and wants it never, speaks of what is in it
    return stage == Stage::final_dot && status.klass == 5 ? FailureClass::content
                                                          : FailureClass::none;
  }
}

// X.1 speaks of the recipient's address, but for 7 and 8, and before RCPT of the sender's.
FailureClass class_by_address_status(Stage stage, std::uint16_t detail) {
  if (detail == 8) return FailureClass::dns;
  if (detail == 7 || stage < Stage::rcpt) return FailureClass::other;
  return FailureClass::mailbox;
}

// RFC 3463 and the registry of its codes, where the code alone says what it is about.
FailureClass class_by_status(Stage stage, const EnhancedCode& status) {
  switch (status.subject) {
  case 1: return class_by_address_status(stage, status.detail);
  case 2: return status.detail == 3 ? FailureClass::content : FailureClass::mailbox;
  case 3: return status.detail == 4 ? FailureClass::content : FailureClass::other;
  case 4:
    if (status.detail == 3 || status.detail == 4) return FailureClass::dns;
    return status.detail == 5 ? FailureClass::rate : FailureClass::unreachable;
  case 5: return status.detail == 3 ? FailureClass::rate : FailureClass::other;
  case 6: return FailureClass::content;
  case 7: return class_by_policy_status(stage, status);
  default: return FailureClass::none;
  }
}

// RFC 5321 4.2.2, where a bare code means something at its stage.
FailureClass class_by_code(Stage stage, int code, std::uint16_t subject) {
  // With X.7.1 and its like a 550 to RCPT is about policy, and says nothing of the mailbox.
  const bool recipient = stage == Stage::rcpt && subject != 7;
  switch (code) {
  case 450:
  case 550:
  case 551:
  case 553:
    return recipient                                  ? FailureClass::mailbox
           : stage == Stage::final_dot && code >= 500 ? FailureClass::content
                                                      : FailureClass::other;
  case 452:
  case 552: return recipient ? FailureClass::mailbox : FailureClass::content;
  case 523:
  case 538: return FailureClass::tls;
  case 530:
  case 534:
  case 535: return FailureClass::auth;
  case 554: return stage == Stage::final_dot ? FailureClass::content : FailureClass::other;
  case 556: return FailureClass::dns; // RFC 7504
  default: return FailureClass::other;
  }
}

} // namespace

std::string_view name(Stage stage) {
  switch (stage) {
  case Stage::connect: return "connect";
  case Stage::greeting: return "greeting";
  case Stage::ehlo: return "EHLO";
  case Stage::starttls: return "STARTTLS";
  case Stage::auth: return "AUTH";
  case Stage::mail: return "MAIL";
  case Stage::rcpt: return "RCPT";
  case Stage::data: return "DATA";
  case Stage::final_dot: return "final dot";
  }
  return "";
}

FailureClass classify(Stage stage, const Reply& reply) {
  const EnhancedCode& status = reply.status;
  // Words first: "451 4.7.1 Greylisted" and "550 5.7.1 ... listed at zen.spamhaus.org" have codes
  // that are shared with everything else. But a bad recipient stays one, whatever link is added.
  const bool of_recipient =
      stage == Stage::rcpt && status.subject == 1 && status.detail >= 1 && status.detail <= 6;
  const FailureClass said = of_recipient ? FailureClass::none : class_by_words(stage, reply);
  if (said != FailureClass::none) return said;
  const FailureClass known = class_by_status(stage, status);
  return known != FailureClass::none ? known : class_by_code(stage, reply.code, status.subject);
}

Outcome reply_outcome(Stage stage, const Reply& reply) {
  Outcome outcome;
  take_reply(outcome, reply);
  if (reply.positive()) {
    outcome.disposition = Disposition::delivered;
    return outcome;
  }
  outcome.disposition = reply.permanent() ? Disposition::failed : Disposition::deferred;
  outcome.klass = classify(stage, reply);
  return outcome;
}

Outcome host_refusal(Stage stage, const Reply& reply) {
  Outcome outcome;
  take_reply(outcome, reply);
  outcome.klass = stage == Stage::starttls ? FailureClass::tls : classify(stage, reply);
  return outcome;
}

// Greylisting, rates, block lists and other policy (X.7) hold for all hosts of a destination.
bool another_host_may_do(const Outcome& outcome) {
  if (outcome.disposition != Disposition::deferred || outcome.status.subject == 7) return false;
  return outcome.klass == FailureClass::other || outcome.klass == FailureClass::unreachable ||
         (outcome.klass == FailureClass::content && outcome.code == 452); // RFC 5321 4.2.2
}

Outcome never_accepts(Outcome refusal) {
  refusal.disposition = Disposition::failed;
  refusal.klass = FailureClass::unreachable;
  return refusal;
}

Outcome connect_failure(const std::string& why) {
  return deferred(FailureClass::unreachable, {4, 4, 1}, why);
}

Outcome proxy_failure(const std::string& proxy, const std::string& why, bool of_login) {
  return deferred(of_login ? FailureClass::auth : FailureClass::unreachable, {4, 3, 0},
                  why + " (proxy " + proxy + ")");
}

Outcome not_reached_by_proxy(const std::string& proxy, const std::string& why) {
  return connect_failure(why + " (proxy " + proxy + ")");
}

Outcome proxy_takes_no_address(const Outcome& last) {
  return deferred(FailureClass::unreachable, {4, 3, 0},
                  "the proxy takes neither IPv4 nor IPv6 addresses: " + last.reply);
}

Outcome proxy_reaches_nobody(std::size_t in_a_row, const Outcome& last) {
  return deferred(FailureClass::unreachable, {4, 3, 0},
                  "the proxy has reached none of " + std::to_string(in_a_row) +
                      " destinations in a row, the last: " + last.reply);
}

Outcome proxy_lookup_failure(const std::string& proxy, const net::DnsAnswer& answer) {
  return deferred(FailureClass::dns, {4, 3, 0},
                  "the proxy cannot be looked up: " + answer.text + " (proxy " + proxy + ")");
}

Outcome lost_connection(Stage stage, const std::string& why) {
  const std::string where = std::string(name(stage));
  if (stage == Stage::final_dot) {
    return deferred(FailureClass::unreachable, {4, 4, 2},
                    "no reply after the final dot (" + why + "): it may have been delivered");
  }
  return deferred(FailureClass::unreachable, {4, 4, 2}, "connection lost at " + where + ": " + why);
}

Outcome protocol_error(Stage stage, const std::string& why) {
  std::string text = "protocol error at " + std::string(name(stage)) + ": " + why;
  if (stage == Stage::final_dot) text += "; it may have been delivered";
  return deferred(FailureClass::other, {4, 5, 0}, std::move(text));
}

Outcome missing_reply(Stage stage, const Error& error) {
  return error.code == 0 ? protocol_error(stage, error.text) : lost_connection(stage, error.text);
}

Outcome tls_failure(const std::string& why) {
  return deferred(FailureClass::tls, {4, 7, 5}, why);
}

Outcome without_offered_tls(Outcome outcome) {
  const bool wants_it = outcome.klass == FailureClass::tls;
  if (wants_it) outcome.disposition = Disposition::deferred;
  return outcome;
}

Outcome login_failure(const std::string& why) {
  return deferred(FailureClass::auth, {4, 7, 0}, why);
}

// RFC 4954 6: 535 and its like are for good, but for a name and a password of ours, not for mail.
Outcome login_refusal(const Reply& reply) {
  Outcome outcome;
  take_reply(outcome, reply);
  outcome.klass = reply.code == 421 ? classify(Stage::auth, reply) : FailureClass::auth;
  return outcome;
}

Outcome own_trouble(const std::string& why) {
  return deferred(FailureClass::other, {4, 3, 0}, why);
}

Outcome not_tried(const Outcome& known) {
  Outcome outcome = known;
  outcome.tried = false;
  outcome.reply = "not tried: " + known.reply;
  return outcome;
}

Outcome lookup_failure(const std::string& name, const net::DnsAnswer& answer, bool ours) {
  const std::string text = name + ": " + answer.text;
  switch (answer.status) {
  case net::DnsStatus::no_name:
  case net::DnsStatus::no_data:
  case net::DnsStatus::found:
    // Our own smarthost's name may be wrong in the configuration: that bounces nobody's mail.
    if (ours) return deferred(FailureClass::dns, {4, 3, 0}, "smarthost " + text);
    return failed(FailureClass::dns, {5, 1, 2}, "no such mail domain: " + text);
  case net::DnsStatus::failed:
  case net::DnsStatus::timed_out: break;
  }
  if (ours) return deferred(FailureClass::dns, {4, 3, 0}, "looking up smarthost " + text);
  return deferred(FailureClass::dns, {4, 4, 3}, "looking up " + text);
}

Outcome null_mx(const std::string& domain) {
  return failed(FailureClass::dns, {5, 1, 10}, domain + " accepts no mail (null MX)");
}

Outcome no_mx_address(const std::string& domain, bool temporary) {
  if (temporary) {
    return deferred(FailureClass::dns, {4, 4, 3}, "MX hosts of " + domain + " cannot be looked up");
  }
  return failed(FailureClass::dns, {5, 4, 4}, "no MX host of " + domain + " has an address");
}

Outcome loops_back(const std::string& domain) {
  return failed(FailureClass::other, {5, 4, 6}, "mail for " + domain + " loops back to us");
}

Outcome family_rules_out(const std::string& host, const std::string& transport, bool only_ipv4) {
  return own_trouble(host +
                     (only_ipv4 ? " has IPv6 addresses only, and family = \"ipv4\""
                                : " has IPv4 addresses only, and family = \"ipv6\"") +
                     " of transport " + transport + " rules them out");
}

Outcome bad_destination(const std::string& destination, bool ours) {
  if (ours) return own_trouble("bad smarthost " + destination);
  return failed(FailureClass::dns, {5, 1, 2}, "bad destination " + destination);
}

Outcome too_large(std::uint64_t size, std::uint64_t limit) {
  return failed(FailureClass::content, {5, 3, 4},
                "message of " + std::to_string(size) + " bytes, the server takes " +
                    std::to_string(limit));
}

Outcome no_smtputf8() {
  return failed(FailureClass::content, {5, 6, 7}, "address needs SMTPUTF8, the server lacks it");
}

} // namespace waypost::deliver
