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
  if (!outcome.status.present()) outcome.status.klass = static_cast<std::uint8_t>(reply.code / 100);
}

// RFC 3463 and the registry of its codes, where the code alone says what it is about.
FailureClass class_by_status(Stage stage, const EnhancedCode& status) {
  if (status.subject == 1) return status.detail == 8 ? FailureClass::dns : FailureClass::mailbox;
  if (status.subject == 2) return FailureClass::mailbox;
  if (status.subject == 3) {
    return status.detail == 4 ? FailureClass::content : FailureClass::other;
  }
  if (status.subject == 4) {
    if (status.detail == 3 || status.detail == 4) return FailureClass::dns;
    return status.detail == 5 ? FailureClass::rate : FailureClass::unreachable;
  }
  if (status.subject == 5) return status.detail == 3 ? FailureClass::rate : FailureClass::other;
  if (status.subject == 6) return FailureClass::content;
  if (status.subject != 7) return FailureClass::none;
  switch (status.detail) {
  case 8:
  case 9:
  case 11:
  case 20: // RFC 7372: DKIM, SPF and DMARC say that we may not send this
  case 21:
  case 22:
  case 23:
  case 24:
  case 26: return FailureClass::auth;
  case 10: return FailureClass::tls;
  case 25: return FailureClass::dns; // no reverse name
  case 28: return FailureClass::rate;
  default: return stage == Stage::final_dot ? FailureClass::content : FailureClass::none;
  }
}

// RFC 5321 4.2.2, where a bare code means something at its stage.
FailureClass class_by_code(Stage stage, int code) {
  const bool recipient = stage == Stage::rcpt;
  switch (code) {
  case 450:
  case 550:
  case 551:
  case 553:
    return recipient                   ? FailureClass::mailbox
           : stage == Stage::final_dot ? FailureClass::content
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
  case Stage::mail: return "MAIL";
  case Stage::rcpt: return "RCPT";
  case Stage::data: return "DATA";
  case Stage::final_dot: return "final dot";
  }
  return "";
}

FailureClass classify(Stage stage, const Reply& reply) {
  // Words first: "451 4.7.1 Greylisted" and "550 5.7.1 ... listed at zen.spamhaus.org" have codes
  // that are shared with everything else. What is plainly about the mailbox stays that.
  const bool mailbox = reply.status.subject == 1 && reply.status.detail != 8;
  const FailureClass said = mailbox ? FailureClass::none : class_by_words(stage, reply);
  if (said != FailureClass::none) return said;
  const FailureClass known = class_by_status(stage, reply.status);
  return known != FailureClass::none ? known : class_by_code(stage, reply.code);
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

Outcome never_accepts(Outcome refusal) {
  refusal.disposition = Disposition::failed;
  refusal.klass = FailureClass::unreachable;
  return refusal;
}

Outcome connect_failure(const std::string& why) {
  return deferred(FailureClass::unreachable, {4, 4, 1}, why);
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
    if (ours) return deferred(FailureClass::dns, {4, 4, 4}, "smarthost " + text);
    return failed(FailureClass::dns, {5, 1, 2}, "no such mail domain: " + text);
  case net::DnsStatus::failed:
  case net::DnsStatus::timed_out: break;
  }
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
