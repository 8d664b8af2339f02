// SpoolDirs: the spool's directories, held open, and the names in them. waypost-spool(5).
//
//   new/ID            accepted, not yet seen       cur/XX/ID.NEXT   known to the manager
//   bad/NAME          damaged or hostile, with NAME.reason beside it; only a person deletes
//   lock              whoever holds it is the one writer of everything but new/
//
// NEXT is the time of the next attempt in seconds since 1970, or `held`. It is a hint: it is
// renamed without a sync, and the history in the file decides. All functions are single system
// calls on names; none opens or follows what a name stands for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/mail/message_id.h"
#include "lib/sys/fs.h"

namespace waypost::queue {

using Next = std::optional<std::int64_t>; // seconds since 1970; none: held

struct CurName {
  MessageId id;
  Next next;
};

[[nodiscard]] std::string cur_name(const MessageId& id, Next next);
[[nodiscard]] std::optional<CurName> parse_cur_name(std::string_view name);

class SpoolDirs {
public:
  // Takes the lock (an error when another program has it), makes what is missing, syncs what it
  // made.
  [[nodiscard]] static Result<SpoolDirs> open(Fs& fs, const std::string& path);

  [[nodiscard]] int root() const { return root_.get(); }
  [[nodiscard]] int fresh() const { return new_.get(); }
  [[nodiscard]] int bad() const { return bad_.get(); }
  [[nodiscard]] int cur(const MessageId& id) const;
  [[nodiscard]] int cur(int folder) const { return cur_[static_cast<std::size_t>(folder)].get(); }

  // new/ID becomes cur/XX/ID.NEXT.
  [[nodiscard]] Result<> adopt(Fs& fs, const MessageId& id, Next next) const;
  [[nodiscard]] Result<> reschedule(Fs& fs, const MessageId& id, Next before, Next after) const;
  [[nodiscard]] Result<> remove(Fs& fs, const MessageId& id, Next next) const;
  // Moves `name` out of `dir` into bad/, with a text that says why. What lies there already is
  // never replaced.
  [[nodiscard]] Result<> set_aside(Fs& fs, int dir, const std::string& name,
                                   std::string_view reason) const;

private:
  Fd root_;
  Fd lock_;
  Fd new_;
  Fd bad_;
  std::array<Fd, MessageId::kFolders> cur_;
};

} // namespace waypost::queue
