// MessageWriter: creates one message in the spool, durable under its name, or not at all.
//
//   begin(id, origin, trace) -> message(bytes)... -> sender() -> recipient()... -> commit()
//
// The layout is lib/mail/message_file.h's, the protocol: a file without a name in new/, message,
// envelope, marks, the head last, linkat to the final name, fsync of the file, fsync of the folder.
// Where the file system knows no unnamed files, a file in tmp/ is linked to the final name in their
// place. A name is never replaced, so a derived name makes creating a notice twice impossible.
// After a failed sync the name is taken away again and nothing is retried. A writer that goes
// without commit() leaves nothing. It holds 64 KiB whatever the size of the message; a small
// message is written by one system call.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "lib/mail/envelope.h"
#include "lib/mail/message_file.h"
#include "lib/mail/message_id.h"
#include "lib/mail/wire_form.h"
#include "lib/sys/fs.h"
#include "queue/accept/drop_box.h"

namespace waypost::queue {

// Who handed the message in. The head stores it; it decides the account.
struct Origin {
  std::uint32_t uid = 0;
  std::string login; // as in the head: "smtp:alice"; empty for a local user
  std::string peer;
  WallUs arrival_us = 0;
};

enum class Committed : std::uint8_t {
  created,
  existed, // a message of that name stands in new/ already; what was written is dropped
};

// The step that failed, where a caller wants to say more than the error does.
enum class WriteStep : std::uint8_t { create, write, name, sync };

class MessageWriter {
public:
  // `mode` is that of the file: 0660 in an installed spool, whose manager is another user, 0600 in
  // a person's own. The umask must allow it. `fs` and `box` outlive the writer.
  MessageWriter(Fs& fs, const DropBox& box, mode_t mode) : fs_(fs), box_(box), mode_(mode) {}
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;
  ~MessageWriter();

  // Opens the file. `trace` is our Received field in wire form, or empty; it goes first.
  Result<> begin(const MessageId& id, const Origin& origin, std::string_view trace);
  // The next bytes of the message, with any line endings.
  Result<> message(std::string_view bytes);
  // Ends the message. Called once, before the recipients.
  Result<> sender(const EnvelopeSender& sender);
  Result<> recipient(const EnvelopeRecipient& recipient);
  Result<Committed> commit();

  // Between the message and sender(): the envelope tells more of the client than was known at
  // begin(). Login and peer go into the head; a message that has outgrown the buffer keeps the
  // trace field that it has.
  void correct(const Origin& origin, std::string_view trace);

  [[nodiscard]] WriteStep step() const { return step_; }
  [[nodiscard]] const MessageHead& head() const { return head_; }

private:
  Result<> create();
  Result<> append(std::string_view bytes);
  Result<> append_marks();
  Result<> flush();
  Result<> finish_file();
  Result<Committed> name_file();
  Result<> sync();
  void forget_tmp();

  Fs& fs_;
  const DropBox& box_;
  mode_t mode_;
  std::string name_;
  Fd file_;
  Fd tmp_folder_;        // only in the fall-back
  std::string tmp_name_; // not empty while a name stands in tmp/
  WriteStep step_ = WriteStep::create;

  WireForm wire_;
  MessageHead head_;
  std::size_t trace_ = 0; // bytes of our Received field
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;    // bytes in the buffer
  std::size_t checked_ = 0; // of these the checksum has seen, or shall not see
  std::uint64_t flushed_ = 0;
  std::uint32_t checksum_ = 0; // over message and envelope
};

} // namespace waypost::queue
