#include "queue/bounce/explanation.h"

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "lib/mail/date.h"
#include "lib/sys/text.h"
#include "queue/bounce/class_words.h"
#include "queue/bounce/encoded_words.h"
#include "queue/bounce/mime.h"
#include "queue/bounce/original.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMaxReasons = 20;
constexpr std::size_t kMaxAddresses = 50; // of one reason
constexpr std::size_t kMaxReplyShown = 1500;
constexpr std::size_t kMaxAddressShown = 320; // the report has it whole

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

std::string several(std::uint64_t count) {
  if (count == 1) return "one recipient";
  return std::to_string(count) + " recipients";
}

std::string span(WallUs us) {
  const std::int64_t minutes = us / 60'000'000;
  const auto counted = [](std::int64_t n, std::string_view unit) {
    return std::to_string(n) + ' ' + std::string(unit) + (n == 1 ? "" : "s");
  };
  if (minutes >= 48 * 60) return counted(minutes / (24 * 60), "day");
  if (minutes >= 120) return counted(minutes / 60, "hour");
  return minutes < 1 ? "less than a minute" : counted(minutes, "minute");
}

// RFC 3463 3.5: delivery time expired. What the server said last was that it might yet work.
bool ran_out_of_time(const NoticeRequest& request, const Outcome& outcome) {
  return request.kind == NoticeKind::failure && outcome.status == EnhancedCode{4, 4, 7};
}

// What happened, and whose turn it is now.
std::string opening(const NoticeRequest& request) {
  const std::string whom = several(request.recipients.size() + request.unlisted);
  if (request.lost)
    return "A notice of this mail system could not be delivered: the sender of a message has not "
           "been told what became of it. It will not be tried again, and nobody else is told.";
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

// Which message this is about. The subject only where it can be read.
void append_message(std::string& out, const NoticeRequest& request) {
  const std::string subject_line = header_field(request.original, "subject");
  const std::string shown = printable(decode_words(subject_line).value_or(""));
  if (!shown.empty()) append_wrapped(out, "Subject: " + shortened(shown, 200), "    ");
  if (request.arrival > 0) append_wrapped(out, "Sent: " + rfc5322_date(request.arrival), "    ");
  append_wrapped(out, "Our name for it: " + printable(request.id), "    ");
  out += "\r\n";
}

// The words of whoever decided: the server's own, or ours when none was reached.
void append_reply(std::string& out, const NoticeRecipient& one, bool last_of_many) {
  const Outcome& outcome = one.outcome;
  if (outcome.reply.empty() && outcome.code == 0) return;
  std::string said;
  for (const std::string_view line : split(outcome.reply, '\n')) {
    if (!said.empty()) said += '\n';
    said += printable(line);
    if (said.size() > kMaxReplyShown) break;
  }
  said = shortened(said, kMaxReplyShown);
  if (outcome.code == 0) {
    append_wrapped(out, (last_of_many ? "The last time: " : "What happened: ") + said, "    ");
    return;
  }
  const std::string who = one.host.empty() ? "The answer was:" : printable(one.host) + " said:";
  append_wrapped(out, last_of_many ? "The last time " + who : who, "    ");
  append_wrapped(out, std::to_string(outcome.code) + ' ' + said, "      ");
}

void append_addresses(std::string& out, const Reason& reason) {
  std::size_t shown = 0;
  for (const NoticeRecipient* recipient : reason.recipients) {
    if (shown++ == kMaxAddresses) {
      out += "  and " + several(reason.recipients.size() - kMaxAddresses) +
             " more for the same reason\r\n";
      return;
    }
    const std::string address = printable(recipient->recipient.address.text());
    append_wrapped(out, shortened(address, kMaxAddressShown), "  ");
  }
}

void append_reason(std::string& out, const NoticeRequest& request, const Reason& reason) {
  const NoticeRecipient& one = *reason.example;
  append_addresses(out, reason);
  // Our own sentence says more than its class where no server has spoken.
  const bool unclear =
      one.outcome.klass == FailureClass::none || one.outcome.klass == FailureClass::other;
  const bool ours = one.outcome.code == 0 && unclear;
  const ClassWords words = class_words(one.outcome.klass);
  const bool late = ran_out_of_time(request, one.outcome);
  if (request.kind == NoticeKind::failure && !ours)
    append_wrapped(out, "Why: " + std::string(late ? words.delayed : words.failed), "    ");
  if (late && request.now > request.arrival && request.arrival > 0)
    append_wrapped(out, "It was tried for " + span(request.now - request.arrival) + ".", "    ");
  if (request.kind == NoticeKind::delay && !ours)
    append_wrapped(out, "Why: " + std::string(words.delayed), "    ");
  if (request.kind == NoticeKind::delay && one.attempted == 0)
    append_wrapped(out, "Why: its turn has not come yet.", "    ");
  append_reply(out, one, late);
  out += "\r\n";
}

void append_advice(std::string& out, const std::vector<Reason>& all) {
  std::set<std::string_view> told;
  out += "What you can do:\r\n";
  for (const Reason& reason : all) {
    const std::string_view advice = class_words(reason.example->outcome.klass).advice;
    if (!told.insert(advice).second) continue;
    if (told.size() > 1) out += "\r\n";
    append_wrapped(out, advice, "    ");
  }
  out += "\r\n";
}

// For the postmaster, who did not write the message.
void append_advice_on_lost(std::string& out, const NoticeRequest& request) {
  const std::string_view about = std::string_view(request.id).substr(0, request.id.rfind('.'));
  out += "What you can do:\r\n";
  append_wrapped(out,
                 "If a program sends with this address, give it one that exists. The log tells of "
                 "the message as " +
                     printable(about) + ", of this notice as " + printable(request.id) + ".",
                 "    ");
  out += "\r\n";
}

void append_rest(std::string& out, const NoticeRequest& request, std::size_t covered) {
  const std::size_t others = request.recipients.size() - covered;
  if (others > 0)
    append_wrapped(out, "And " + several(others) +
                            " more for other reasons: the report below lists each of them.");
  if (request.unlisted > 0)
    append_wrapped(out,
                   "And " + several(request.unlisted) + " more, whom this notice does not list.");
  if (others > 0 || request.unlisted > 0) out += "\r\n";
}

void append_end(std::string& out, const NoticeRequest& request) {
  std::string text = "A report for programs and ";
  text += request.full ? "your message follow." : "the header of the message follow.";
  if (!request.lost && !request.postmaster.empty())
    text += " For help, write to " + printable(request.postmaster) + " and name " +
            printable(request.id) + ".";
  append_wrapped(out, text);
}

} // namespace

std::string subject(const NoticeRequest& request) {
  constexpr std::size_t kMostShown = 120;
  const Address& first = request.recipients.front().recipient.address;
  const std::uint64_t count = request.recipients.size() + request.unlisted;
  const bool named = count == 1 && first.ascii() && first.text().size() <= kMostShown;
  const std::string whom = named ? printable(first.text()) : several(count);
  if (request.lost) return "Not delivered: a notice to " + whom;
  switch (request.kind) {
  case NoticeKind::failure: return "Not delivered: your message to " + whom;
  case NoticeKind::delay: return "Delayed: your message to " + whom;
  case NoticeKind::success: return "Delivered: your message to " + whom;
  case NoticeKind::relayed: return "Handed on: your message to " + whom;
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
    append_reason(out, request, reason);
    covered += reason.recipients.size();
  }
  append_rest(out, request, covered);
  if (request.lost) {
    append_advice_on_lost(out, request);
  } else if (request.kind == NoticeKind::failure) {
    append_advice(out, all);
  }
  append_end(out, request);
  return out;
}

} // namespace waypost::queue
