// MessageView: a message of the queue as the commands see it, read from its file. The file is read,
// never changed; a turn may have it open at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lib/mail/record.h"
#include "queue/manager/queue_time.h"
#include "queue/manager/schedule.h"
#include "queue/spool/envelope_cursor.h"
#include "queue/spool/message_file.h"
#include "queue/spool/progress.h"

namespace waypost::queue {

struct RecipientView {
  std::uint32_t number = 0;
  Mark mark = Mark::pending;
  EnvelopeRecipient recipient;
  RecipientProgress progress;

  [[nodiscard]] std::string_view state() const; // pending, delivered, failed
};

class MessageView {
public:
  [[nodiscard]] static Result<std::unique_ptr<MessageView>>
  open(Fs& fs, const SpoolDirs& dirs, const MessageId& id, const QueueEntry& entry);

  [[nodiscard]] const MessageId& id() const { return id_; }
  [[nodiscard]] const MessageFile& file() const { return file_; }
  [[nodiscard]] const MessageHead& head() const { return file_.head(); }
  [[nodiscard]] const EnvelopeSender& sender() const { return sender_; } // as it came
  [[nodiscard]] Address leaving() const; // the sender that the last turn had, perhaps rewritten
  [[nodiscard]] const MessageFacts& facts() const { return facts_; }
  // The next recipients in their order, `most` at most; empty at the end.
  [[nodiscard]] Result<std::vector<RecipientView>> next(std::uint32_t most);
  [[nodiscard]] bool at_end() const { return next_ == head().recipients; }
  void rewind(); // to the first recipient

  // type=message, with these recipients.
  [[nodiscard]] Record record(const std::vector<RecipientView>& some, const std::string& account,
                              WallUs next) const;

private:
  MessageView(MessageId id, MessageFile file) : id_(std::move(id)), file_(std::move(file)) {}

  MessageId id_;
  MessageFile file_;
  std::unique_ptr<EnvelopeCursor> cursor_;
  EnvelopeSender sender_;
  MessageFacts facts_;
  std::uint32_t next_ = 0;
};

} // namespace waypost::queue
