// Inject: what sendmail does with one message.
//
//   1. read the header section; find the sender and all recipients, each a valid address
//   2. start waypost-queue; only now can anything reach the queue
//   3. hand it the completed header section, then the body as it comes, then the envelope
//   4. wait for it, and say in sysexits(3) how it went
//
// With -XV steps 2 to 4 are done for each recipient.
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

// Reads the message from descriptor 0.
[[nodiscard]] InjectResult inject(const Arguments& arguments, const Settings& settings,
                                  const std::string& queue_program);

} // namespace waypost::queue
