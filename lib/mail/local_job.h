// Local jobs and their results: the format on the socket between waypost-qmgr and waypost-lspawn.
//
// manager -> lspawn  type=local job= id= transport= mailbox= recipient= sender= length=
//                    and beside it the read end of a pipe: `length` bytes of the message in wire
//                    form, or fewer where the manager has died
// lspawn -> manager  type=local job= ended=N text=      the exit status of waypost-local
//                or  type=local job= killed=N text=     the signal that ended it
//                or  type=local job= refused=WHY [unknown=1]
//
// One message for one recipient. The manager names the transport and the mailbox; the command, the
// path and the uid are what waypost-lspawn finds under these names. Exit status and text are what
// the delivering process says: the recipient's own program may have written every byte of them.
#pragma once

#include <cstdint>
#include <string>

#include "lib/mail/address.h"
#include "lib/mail/message_id.h"
#include "lib/mail/record.h"

namespace waypost {

struct LocalJob {
  std::uint64_t job = 0;
  std::string id; // of the message, for logs and for the program
  std::string transport;
  std::string mailbox; // a user of this machine, or a name in the transport's folder
  Address recipient;
  Address sender;
  std::uint64_t length = 0;
};

struct LocalResult {
  enum class Kind : std::uint8_t {
    ended,
    killed,
    refused, // nothing was started: it must be mended here first
    unknown, // there is no such mailbox
  };
  std::uint64_t job = 0;
  Kind kind = Kind::ended;
  int number = 0;   // exit status, or signal
  std::string text; // what the program said, or why it was refused
};

[[nodiscard]] Record to_record(const LocalJob& job);
[[nodiscard]] Result<LocalJob> local_job(const Record& record);
[[nodiscard]] Record to_record(const LocalResult& result);
[[nodiscard]] Result<LocalResult> local_result(const Record& record);

inline constexpr std::size_t kMaxLocalFrame = std::size_t{16} << 10;
inline constexpr std::size_t kMaxLocalText = 2'000; // of a result
// Deliveries at once; more wait in the manager.
inline constexpr std::size_t kLocalPlaces = 16;

} // namespace waypost
