// ChangeRequest: what a command that changes messages asks for (lib/mail/control.h). Pure.
#pragma once

#include "lib/mail/snapshot.h"
#include "queue/manager/control_filter.h"
#include "queue/spool/message_change.h"

namespace waypost::queue {

struct ChangeRequest {
  MessageChange change; // without `by`, which is nothing that a caller says
  ControlFilter filter;
  bool dry = false; // tell what would be changed
};

// An error is a sentence for whoever gave the command: a wrong filter, none without `all`, or a
// transport that the configuration does not have.
[[nodiscard]] Result<ChangeRequest> change_request(const Record& record, const Snapshot& snapshot);

// type=changed: what became of one message.
[[nodiscard]] Record changed_record(const std::string& id, const Result<Changed>& done);
// The command's exit status so far, with one more message.
[[nodiscard]] int worse_status(int before, const Result<Changed>& done);

} // namespace waypost::queue
