#include "queue/manager/notice_plan.h"

#include <algorithm>

#include "queue/spool/envelope_cursor.h"

namespace waypost::queue {
namespace {

Mark told_of(NoticeKind kind) {
  switch (kind) {
  case NoticeKind::failure: return Mark::failed;
  case NoticeKind::delay: return Mark::pending;
  case NoticeKind::success:
  case NoticeKind::relayed: break;
  }
  return Mark::delivered_owed;
}

} // namespace

Result<NoticePlan> plan_notice(const MessageFile& file, NoticeKind kind) {
  NoticePlan plan;
  plan.kind = kind;
  const Mark mark = told_of(kind);
  const std::uint32_t end = file.head().recipients;
  std::uint32_t n = file.find(mark, 0);
  if (n >= end) return plan;
  EnvelopeCursor cursor(file);
  const Result<EnvelopeSender> sender = cursor.sender();
  if (!sender) return std::unexpected(sender.error());
  std::size_t weight = 0;
  for (; n < end; n = file.find(mark, n + 1)) {
    const Result<EnvelopeRecipient> one = cursor.recipient(n);
    if (!one) return std::unexpected(one.error());
    // RFC 3461 4.1: no word of a delay when NOTIFY was given without DELAY.
    const bool silent = kind == NoticeKind::delay && one->notify.given && !one->notify.delay;
    if (silent) continue;
    weight += notice_weight(*one);
    const bool full =
        plan.recipients.size() == kMaxNoticeRecipients || weight > kMaxNoticeAddresses;
    if (!full) {
      plan.recipients.push_back(n);
    } else if (kind == NoticeKind::delay) {
      ++plan.unlisted; // one notice of delay a message
    } else {
      break; // the next notice begins with this one
    }
  }
  return plan;
}

HistoryEntry notice_entry(WallUs time, const std::string& name,
                          const std::vector<std::uint32_t>& recipients) {
  HistoryEntry entry;
  entry.kind = HistoryKind::notice;
  entry.time = time;
  entry.name = name;
  RecipientGroup group;
  for (const std::uint32_t n : recipients)
    group.recipients.add(n);
  group.outcome.disposition = Disposition::failed;
  if (!recipients.empty()) entry.transaction.groups.push_back(std::move(group));
  return entry;
}

Result<std::string> returned_part(const MessageFile& file, bool full) {
  const std::uint64_t length = file.head().message_length;
  std::string text(std::min<std::uint64_t>(length, full ? kMaxReturnedFull : kMaxReturnedHeader),
                   '\0');
  const Result<std::size_t> have = file.read(text, file.head().message_offset());
  if (!have) return std::unexpected(have.error());
  text.resize(*have);
  if (full) return text;
  const std::size_t end = text.find("\r\n\r\n");
  if (end != std::string::npos) {
    text.resize(end + 2);
  } else if (text.size() < length) {
    text.resize(text.rfind("\r\n") == std::string::npos ? 0 : text.rfind("\r\n") + 2);
  }
  return text;
}

} // namespace waypost::queue
