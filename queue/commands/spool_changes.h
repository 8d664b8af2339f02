// SpoolChanges: hold, release, kick, drop, bounce and requeue on the spool's files, for the time
// when no queue manager runs. Each message is changed by the manager's own change_file(); names are
// set as the manager would, so that what is due is found at its next start.
#pragma once

#include <set>

#include "queue/commands/interrupt.h"
#include "queue/commands/spool_answers.h"
#include "queue/manager/change_request.h"

namespace waypost::queue {

class SpoolChanges {
public:
  SpoolChanges(Fs& fs, const Clock& clock, const SpoolDirs& dirs, SpoolAnswers& answers,
               const OnAnswer& on_answer)
      : fs_(fs),
        clock_(clock),
        dirs_(dirs),
        answers_(answers),
        on_answer_(on_answer) {}
  // type=changed for each message that is meant, type=progress now and then.
  Result<Ending> apply(const ChangeRequest& request, Interrupt* interrupt);

private:
  using Standing = SpoolAnswers::Standing;
  // None: not one of those that are meant, or the list of a dry run says it.
  std::optional<Result<Changed>> change(const Standing& one, const ChangeRequest& request);
  Result<Changed> change_found(const Standing& one, const MessageChange& change,
                               const MessageView& view);
  Result<Changed> dry_run(const Standing& one, const ChangeRequest& request, MessageView& view);
  Result<> adopt(const Standing& one, const MessageView& view, Next next);
  Result<> tell_progress(std::size_t looked, std::size_t of);
  Result<> tell(const std::string& id, const Result<Changed>& done);

  Fs& fs_;
  const Clock& clock_;
  const SpoolDirs& dirs_;
  SpoolAnswers& answers_;
  const OnAnswer& on_answer_;
  std::set<MessageId> known_; // what stands in cur/
  int status_ = 0;
};

} // namespace waypost::queue
