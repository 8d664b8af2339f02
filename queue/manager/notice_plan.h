// NoticePlan: a notice that a turn is about to make: of which kind, under which name, for whom.
#pragma once

#include <optional>
#include <vector>

#include "lib/mail/history.h"
#include "lib/mail/notice_request.h"
#include "queue/spool/message_file.h"

namespace waypost::queue {

struct NoticePlan {
  NoticeKind kind = NoticeKind::failure;
  std::optional<MessageId> name;
  std::vector<std::uint32_t> recipients; // ascending
  std::uint64_t unlisted = 0;            // more that wait; only a notice of delay leaves any out
  bool noted = false;                    // its entry stands in the history
  EnvelopeRecipient to;
};

// Who is in a notice of that kind, by the marks and, for a delay, by NOTIFY: in the order of the
// envelope, as many as one notice holds (kMaxNoticeRecipients, kMaxNoticeAddresses). An error when
// the envelope cannot be read.
[[nodiscard]] Result<NoticePlan> plan_notice(const MessageFile& file, NoticeKind kind);

// What the history says before a notice is created.
[[nodiscard]] HistoryEntry notice_entry(WallUs time, const std::string& name,
                                        const std::vector<std::uint32_t>& recipients);

// What a notice gives back of the message: the header section, cut at a line where it is very
// long; or all of a short message.
[[nodiscard]] Result<std::string> returned_part(const MessageFile& file, bool full);

} // namespace waypost::queue
