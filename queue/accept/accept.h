// Accept: how a message comes into the queue, as a function. waypost-queue does it between its
// first and its last instruction, waypost-accept for each connection.
//
//   1. open spool/new, see that there is room
//   2. create the file; read the message to its end into it
//   3. read the envelope, which may say more of the client when the caller may vouch for one
//   4. make all of it durable under its name (message_writer.h)
#pragma once

#include <cstdint>
#include <string>

#include "lib/mail/message_id.h"
#include "lib/sys/clock.h"
#include "lib/sys/fs.h"
#include "queue/accept/drop_box.h"
#include "queue/accept/intake.h"
#include "queue/accept/queue_exit.h"

namespace waypost::queue {

struct AcceptLimits {
  std::uint64_t size_max = 0; // bytes as handed in; 0: none
  FreeMin free_min;
};

struct Caller {
  uid_t uid = 0;
  bool personal = false; // the spool is the caller's own
};

struct AcceptRequest {
  std::string spool;
  std::string hostname;
  AcceptLimits limits;
  Caller caller;
  WallUs now = 0;
  std::uint32_t random = 0; // for the id
};

// Takes the message to its end, then the envelope to its final NUL.
[[nodiscard]] std::expected<MessageId, Refusal> accept_message(Fs& fs, const AcceptRequest& request,
                                                               Intake& intake);

} // namespace waypost::queue
