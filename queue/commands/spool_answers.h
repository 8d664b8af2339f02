// SpoolAnswers: list, why, show, status and transports, answered from the spool's files, for the
// time when no queue manager runs. The records are the manager's own
// (queue/manager/message_view.h); the spool is locked by whoever made `dirs`, and nothing in it is
// changed.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/mail/snapshot.h"
#include "lib/sys/clock.h"
#include "lib/sys/fs.h"
#include "lib/sys/text.h"
#include "queue/commands/control_client.h"
#include "queue/manager/control_filter.h"
#include "queue/manager/message_view.h"

namespace waypost::queue {

class SpoolAnswers {
public:
  SpoolAnswers(Fs& fs, const Clock& clock, const SpoolDirs& dirs, const OnAnswer& on_answer)
      : fs_(fs),
        clock_(clock),
        dirs_(dirs),
        on_answer_(on_answer) {}

  struct Standing {
    MessageId id;
    QueueEntry entry;
  };
  using View = std::unique_ptr<MessageView>;
  // Every message's name, oldest first. What is no message's name is passed over.
  Result<std::vector<Standing>> standing();
  // The message, when the filter means it; none otherwise.
  Result<View> matching(const Standing& one, const ControlFilter& filter);
  // type=message for all recipients, a thousand a record.
  Result<> tell(MessageView& view, const QueueEntry& entry, std::vector<RecipientView>* pending);

  Result<Ending> list(const Record& request);
  // The snapshot for what would come next; without one that is left out.
  Result<Ending> why(const Record& request, const Snapshot& snapshot);
  Result<Ending> show(const Record& request);
  Result<Ending> status(const Snapshot& snapshot);
  Result<Ending> transports(const Snapshot& snapshot);

private:
  const std::string& account(const MessageHead& head);
  Result<bool> any_matches(MessageView& view, const ControlFilter& filter);
  Result<> tell_found(const View& view, const QueueEntry& entry);
  Result<> tell_history(const MessageView& view);
  Result<> tell_dialogues(const MessageView& view);
  Result<> tell_plan(const MessageView& view, const std::vector<RecipientView>& pending,
                     WallUs when);
  // The message that a request names; none when it is not in the queue.
  Result<View> find(const Record& request, QueueEntry& entry);
  Result<> say(const Record& record, std::string_view content = {}) {
    return on_answer_(record, content);
  }
  static Ending unknown(const Record& request) {
    return {100, "no such message: " + printable(request.get("id"))};
  }

  Fs& fs_;
  const Clock& clock_;
  const SpoolDirs& dirs_;
  const OnAnswer& on_answer_;
  std::unordered_map<std::uint32_t, std::string> accounts_;
};

} // namespace waypost::queue
