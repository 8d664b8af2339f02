// Inject: what sendmail does with one message.
//
//   1. read the header section; find the sender and all recipients, each a valid address
//   2. hand waypost-queue the completed header section, the body as it comes, and the envelope
//   3. become it, which says in sysexits(3) how it went; or, where it had to be started to take a
//      larger message, wait for it and say the same
//
// With -XV a waypost-queue is started for each recipient.
#pragma once

#include <string>

#include "lib/mail/snapshot.h"
#include "queue/inject/arguments.h"

namespace waypost::queue {

// How it ended: sysexits(3), and a sentence, never empty when something is wrong.
struct InjectResult {
  int status = 0;
  std::string text;
};

// Who takes the message, and in whose name a refusal is told.
struct Queueing {
  std::string program;
  std::string speaker;
};

// Reads the message from descriptor 0. Where it becomes waypost-queue, it does not return.
[[nodiscard]] InjectResult inject(const Arguments& arguments, const Settings& settings,
                                  const Queueing& queueing);

} // namespace waypost::queue
