#include "queue/bounce/delivery_status.h"

#include <algorithm>

#include "lib/mail/date.h"
#include "lib/mail/xtext.h"
#include "lib/sys/text.h"
#include "queue/bounce/mime.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostOfAll = 9'000'000; // bytes of this part that replies may fill
constexpr std::size_t kLeastDiagnostic = 60;
constexpr std::size_t kFields = 150; // bytes of a group's names, dates and codes

// How long each reply may be, so that all groups together stay in their bound.
std::size_t longest_diagnostic(const NoticeRequest& request) {
  std::size_t used = 0;
  for (const NoticeRecipient& one : request.recipients)
    used += kFields + one.host.size() + notice_weight(one.recipient);
  const std::size_t left = kMostOfAll - std::min(kMostOfAll, used);
  return std::max(kLeastDiagnostic, left / request.recipients.size());
}

class StatusWriter {
public:
  StatusWriter(const NoticeRequest& request, bool global)
      : request_(request),
        global_(global),
        most_(longest_diagnostic(request)) {}

  std::string write() {
    message();
    for (const NoticeRecipient& one : request_.recipients)
      recipient(one);
    return std::move(out_);
  }

private:
  void message();
  void recipient(const NoticeRecipient& one);
  void original_recipient(std::string_view orcpt);
  void diagnostic(const Outcome& outcome);

  [[nodiscard]] std::string safe(std::string_view text) const {
    return global_ ? printable(text) : printable_ascii(text);
  }
  void field(std::string_view name, std::string_view value) { append_field(out_, name, value); }

  const NoticeRequest& request_;
  bool global_;
  std::size_t most_; // of one reply
  std::string out_;
};

bool all_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view action(NoticeKind kind) {
  switch (kind) {
  case NoticeKind::failure: return "failed";
  case NoticeKind::delay: return "delayed";
  case NoticeKind::success: return "delivered";
  case NoticeKind::relayed: return "relayed";
  }
  return {};
}

// Subject and detail of RFC 3463 for a failure that came without a code.
EnhancedCode status_for(FailureClass klass) {
  switch (klass) {
  case FailureClass::blocked:
  case FailureClass::greylisted: return {0, 7, 1};
  case FailureClass::rate: return {0, 4, 5};
  case FailureClass::auth: return {0, 7, 8};
  case FailureClass::tls: return {0, 7, 5};
  case FailureClass::unreachable: return {0, 4, 1};
  case FailureClass::dns: return {0, 4, 3};
  case FailureClass::mailbox: return {0, 2, 0};
  case FailureClass::content: return {0, 6, 0};
  case FailureClass::none:
  case FailureClass::other: break;
  }
  return {0, 0, 0};
}

// RFC 3464 2.3.4: a failure may carry a transient code (it was retried until the end), a delay and
// a success may only carry their own class.
EnhancedCode status(NoticeKind kind, const Outcome& outcome) {
  const bool success = kind == NoticeKind::success || kind == NoticeKind::relayed;
  const std::uint8_t klass = success ? 2 : kind == NoticeKind::delay ? 4 : 5;
  const EnhancedCode given = outcome.status;
  const bool fits = given.klass == klass || (kind == NoticeKind::failure && given.klass == 4);
  if (given.present() && fits) return given;
  EnhancedCode code = success ? EnhancedCode{} : status_for(outcome.klass);
  code.klass = klass;
  return code;
}

void StatusWriter::message() {
  if (!request_.envid.empty()) {
    const auto envid = decode_xtext(request_.envid);
    field("Original-Envelope-Id", safe(envid ? *envid : request_.envid));
  }
  field("Reporting-MTA", "dns; " + safe(request_.hostname));
  if (request_.arrival > 0) field("Arrival-Date", rfc5322_date(request_.arrival));
  field("X-Waypost-Id", safe(request_.id));
}

// RFC 3464 2.3.1 and RFC 3461 6.3 (c): the ORCPT parameter, its xtext decoded.
void StatusWriter::original_recipient(std::string_view orcpt) {
  const std::string_view type = cut(orcpt, ';');
  const auto address = decode_xtext(orcpt);
  if (type.empty() || !address || address->empty()) return;
  field("Original-Recipient", safe(type) + "; " + safe(*address));
}

void StatusWriter::diagnostic(const Outcome& outcome) {
  if (outcome.code == 0 && outcome.reply.empty()) return;
  // RFC 3464 2.3.6: "smtp" is what a server said; a sentence of our own has a type of our own.
  std::string text = outcome.code == 0 ? "X-Waypost; " : "smtp; ";
  if (outcome.code != 0) text += std::to_string(outcome.code) + ' ';
  const std::size_t before = text.size();
  for (const std::string_view line : split(outcome.reply, '\n')) {
    if (text.size() > before) text += '\n';
    text += safe(trim(line));
    if (text.size() > most_) break;
  }
  field("Diagnostic-Code", shortened(text, most_));
}

void StatusWriter::recipient(const NoticeRecipient& one) {
  out_ += "\r\n";
  const std::string& address = one.recipient.address.text();
  if (!one.recipient.orcpt.empty()) original_recipient(one.recipient.orcpt);
  const bool international = global_ && !all_ascii(address);
  field("Final-Recipient", (international ? "utf-8; " : "rfc822; ") + safe(address));
  field("Action", action(request_.kind));
  field("Status", status(request_.kind, one.outcome).text());
  if (!one.host.empty()) {
    field("Remote-MTA", "dns; " + safe(one.host));
  } else if (!one.address.empty()) {
    field("Remote-MTA", "dns; [" + safe(one.address) + "]");
  }
  diagnostic(one.outcome);
  if (one.attempted > 0) field("Last-Attempt-Date", rfc5322_date(one.attempted));
  if (request_.kind == NoticeKind::delay && request_.expires > 0)
    field("Will-Retry-Until", rfc5322_date(request_.expires));
}

} // namespace

std::string delivery_status(const NoticeRequest& request, bool global) {
  return StatusWriter(request, global).write();
}

} // namespace waypost::queue
