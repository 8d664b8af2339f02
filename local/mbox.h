// Mbox: messages one after another in a file, each behind a line `From sender date`; lines of the
// message that look like one get a > in front, and so do those that have some already (mboxrd,
// RFC 4155 speaks of both). Locked (mbox_lock.h). When a write fails, or the message does not come
// whole, the file is cut back to what it was. A process that is killed while it writes leaves the
// part that it wrote, and the message is delivered again behind it.
#pragma once

#include <string>

#include "lib/sys/clock.h"
#include "lib/sys/fs.h"
#include "local/letter.h"
#include "local/mbox_lock.h"
#include "local/verdict.h"

namespace waypost::local {

// Quotes a stream of lines, however it is cut into pieces.
class MboxQuote {
public:
  // Valid until the next call.
  [[nodiscard]] std::string_view take(std::string_view lines);
  // What is still held back, and the blank line that ends a message.
  [[nodiscard]] std::string finish();

private:
  void decide(bool at_end);

  std::string out_;
  std::string begin_; // of a line that may still turn out to be ">>>From "
  bool at_start_ = true;
};

[[nodiscard]] std::string from_line(const Address& sender, WallUs now);

struct MboxPlace {
  std::string path;
  mode_t mode = 0600; // of a file that is made
  DotLock dot = DotLock::needed;
  bool owned = true;               // it must be ours, or root's
  BootMs patience_ms = 5 * 60'000; // for its lock
};

// /dev/null takes everything and keeps nothing. What is no regular file, or belongs to another
// user, is left alone.
[[nodiscard]] Verdict deliver_to_mbox(Fs& fs, const Clock& clock, const MboxPlace& place,
                                      const LocalEnvelope& envelope, Letter& letter);

} // namespace waypost::local
