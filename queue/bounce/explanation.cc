#include "queue/bounce/explanation.h"

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "lib/mail/date.h"
#include "lib/sys/text.h"
#include "queue/bounce/class_words.h"
#include "queue/bounce/mime.h"
#include "queue/bounce/original.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMaxReasons = 20;
constexpr std::size_t kMaxAddresses = 50; // of one reason
constexpr std::size_t kMaxReplyShown = 1500;

// Recipients to whom the same thing happened.
struct Reason {
  const NoticeRecipient* example;
  std::vector<const NoticeRecipient*> recipients;
};

// In the order in which they first appear. Those beyond kMaxReasons are not among them.
std::vector<Reason> reasons(const NoticeRequest& request) {
  using Key = std::tuple<std::string_view, FailureClass, int, std::string_view>;
  std::map<Key, std::size_t> known;
  std::vector<Reason> all;
  for (const NoticeRecipient& one : request.recipients) {
    const Key key{one.host, one.outcome.klass, one.outcome.code, one.outcome.reply};
    auto at = known.find(key);
    if (at == known.end()) {
      if (all.size() == kMaxReasons) continue;
      at = known.emplace(key, all.size()).first;
      all.push_back({&one, {}});
    }
    all[at->second].recipients.push_back(&one);
  }
  return all;
}

std::string several(std::size_t count) {
  if (count == 1) return "one recipient";
  return std::to_string(count) + " recipients";
}

std::string opening(const NoticeRequest& request) {
  const std::string whom = several(request.recipients.size());
  switch (request.kind) {
  case NoticeKind::failure:
    return "Your message could not be delivered to " + whom + ". It will not be tried again.";
  case NoticeKind::delay: {
    std::string text = "Your message has not been delivered to " + whom +
                       " yet. You need not send it again: it is still being tried";
    if (request.expires > 0) text += ", until " + rfc5322_date(request.expires);
    return text + ".";
  }
  case NoticeKind::success:
    return "Your message was delivered to " + whom + ", as you asked to be told.";
  case NoticeKind::relayed:
    return "Your message was handed on for " + whom +
           " to a mail system that sends no confirmations. It may well have been delivered; you "
           "will hear nothing more unless it fails there.";
  }
  return {};
}

// Which message this is about. The subject only where it is plain text as it stands.
void append_message(std::string& out, const NoticeRequest& request) {
  const std::string subject_line = printable(header_field(request.original, "subject"));
  const bool readable = !subject_line.empty() && subject_line.find("=?") == std::string::npos;
  if (readable) append_wrapped(out, "Subject: " + shortened(subject_line, 200), "    ");
  if (request.arrival > 0) append_wrapped(out, "Sent: " + rfc5322_date(request.arrival), "    ");
  append_wrapped(out, "Our name for it: " + printable(request.id), "    ");
  out += "\r\n";
}

void append_reply(std::string& out, const NoticeRecipient& one) {
  const Outcome& outcome = one.outcome;
  if (outcome.reply.empty() && outcome.code == 0) return;
  std::string said;
  for (const std::string_view line : split(outcome.reply, '\n')) {
    if (!said.empty()) said += '\n';
    said += printable(line);
    if (said.size() > kMaxReplyShown) break;
  }
  if (outcome.code == 0) {
    append_wrapped(out, "What happened: " + said, "    ");
    return;
  }
  const std::string who = one.host.empty() ? "The answer was:" : printable(one.host) + " said:";
  append_wrapped(out, who, "    ");
  append_wrapped(out, std::to_string(outcome.code) + ' ' + said, "      ");
}

void append_reason(std::string& out, NoticeKind kind, const Reason& reason) {
  const NoticeRecipient& one = *reason.example;
  std::size_t shown = 0;
  for (const NoticeRecipient* recipient : reason.recipients) {
    if (shown++ == kMaxAddresses) {
      out += "  and " + several(reason.recipients.size() - kMaxAddresses) +
             " more for the same reason\r\n";
      break;
    }
    append_wrapped(out, printable(recipient->recipient.address.text()), "  ");
  }
  // Our own sentence says more than its class where no server has spoken.
  const bool ours = one.outcome.code == 0 && one.outcome.klass == FailureClass::none;
  const ClassWords words = class_words(one.outcome.klass);
  if (kind == NoticeKind::failure && !ours)
    append_wrapped(out, "Why: " + std::string(words.failed), "    ");
  if (kind == NoticeKind::delay && !ours)
    append_wrapped(out, "Why: " + std::string(words.delayed), "    ");
  append_reply(out, one);
  out += "\r\n";
}

void append_advice(std::string& out, const std::vector<Reason>& all) {
  std::set<std::string_view> told;
  out += "What you can do:\r\n";
  for (const Reason& reason : all) {
    const std::string_view advice = class_words(reason.example->outcome.klass).advice;
    if (told.insert(advice).second) append_wrapped(out, advice, "    ");
  }
  out += "\r\n";
}

} // namespace

std::string_view subject(NoticeKind kind) {
  switch (kind) {
  case NoticeKind::failure: return "Your message could not be delivered";
  case NoticeKind::delay: return "Your message is delayed; it is still being tried";
  case NoticeKind::success: return "Your message was delivered";
  case NoticeKind::relayed: return "Your message was handed on";
  }
  return {};
}

std::string explanation(const NoticeRequest& request) {
  std::string out;
  append_wrapped(out, "This is the mail system at " + printable(request.hostname) + ".");
  out += "\r\n";
  append_wrapped(out, opening(request));
  out += "\r\n";
  append_message(out, request);
  const std::vector<Reason> all = reasons(request);
  std::size_t covered = 0;
  for (const Reason& reason : all) {
    append_reason(out, request.kind, reason);
    covered += reason.recipients.size();
  }
  if (covered < request.recipients.size()) {
    append_wrapped(out, "And " + several(request.recipients.size() - covered) +
                            " more for other reasons: the report below lists each of them.");
    out += "\r\n";
  }
  if (request.kind == NoticeKind::failure) append_advice(out, all);
  append_wrapped(out, "A report for programs and the beginning of your message follow. For help, "
                      "write to postmaster@" +
                          printable(request.hostname) + " and name " + printable(request.id) + ".");
  return out;
}

} // namespace waypost::queue
