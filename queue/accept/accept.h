// Accept: what waypost-queue does between its first and its last instruction, as a function.
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

// Reads descriptor `message` to its end, then `envelope` to its final NUL. Both stay open.
[[nodiscard]] std::expected<MessageId, Refusal> accept_message(Fs& fs, const AcceptRequest& request,
                                                               int message, int envelope);

} // namespace waypost::queue
