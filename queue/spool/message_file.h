// MessageFile: one message's file in the spool, open for reading and writing. waypost-spool(5).
//
// Owned by one thread at a time. Opening never blocks, follows or trusts: only a regular file with
// one name is taken. Errors with code 0 mean that the file is damaged or hostile; with an errno,
// that the system could not do it now. Marks are held in memory, one byte a recipient: a step that
// could not be written stays there and is written by the next write_marks().
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/mail/history.h"
#include "lib/mail/message_file.h"
#include "lib/sys/fs.h"

namespace waypost::queue {

class MessageFile {
public:
  // Opens `name`, checks its kind and head and that it is as long as the head says.
  [[nodiscard]] static Result<MessageFile> open(Fs& fs, int dir, const std::string& name);

  [[nodiscard]] const MessageHead& head() const { return head_; }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::uint64_t size() const { return size_; } // when it was opened
  // As Fs::read_at; the end of a small file is read once.
  [[nodiscard]] Result<std::size_t> read(std::span<char> bytes, std::uint64_t offset) const;
  // Reads all that never changes and compares its checksum.
  [[nodiscard]] Result<> verify() const;

  // ---- marks
  [[nodiscard]] Result<> load_marks();
  [[nodiscard]] Mark mark(std::uint32_t recipient) const {
    return static_cast<Mark>(marks_[recipient]);
  }
  [[nodiscard]] std::uint32_t count(Mark mark) const;
  // The first recipient at or behind `from` with that mark; head().recipients when there is none.
  [[nodiscard]] std::uint32_t find(Mark mark, std::uint32_t from) const;
  // In memory only; false when the step is not legal, and nothing is changed.
  [[nodiscard]] bool set_mark(std::uint32_t recipient, Mark mark);
  // Writes the steps that are not on disk yet, a run of neighbours at a time.
  [[nodiscard]] Result<> write_marks();
  [[nodiscard]] bool unwritten() const { return !unwritten_.empty(); }

  // ---- history: see history_log.h for reading it
  // Where the next entry goes: behind the last good one.
  void set_history_end(std::uint64_t end) { history_end_ = end; }
  [[nodiscard]] std::uint64_t history_end() const { return history_end_; }
  // Cuts a bad end off first. After an error the history is as it was.
  [[nodiscard]] Result<> append_history(const HistoryEntry& entry);

  // One flush for all that was written. After an error the marks that it covered count as
  // unwritten again: the kernel may have dropped them.
  [[nodiscard]] Result<> sync();
  // The same in two halves, for a sync that runs elsewhere: what sync_data() said is told to
  // synced(). `covered` is what covers() gave before it began.
  [[nodiscard]] std::vector<std::uint32_t> covers();
  void synced(bool good, const std::vector<std::uint32_t>& covered);

private:
  explicit MessageFile(Fs& fs) : fs_(&fs) {}
  Result<> read_tail();
  void touched() { tail_.clear(); }

  Fs* fs_;
  Fd fd_;
  MessageHead head_;
  std::uint64_t size_ = 0;
  std::string tail_; // the file from its envelope on, while it is small and unchanged
  std::string marks_;
  std::vector<std::uint32_t> unwritten_; // recipients whose mark is newer than the file's
  std::vector<std::uint32_t> unsynced_;  // written since the last flush began
  std::uint64_t history_end_ = 0;
};

} // namespace waypost::queue
