// EnvelopeCursor: reads a message's stored envelope forward, a recipient at a time.
//
// Memory does not grow with the number of recipients; those that are passed over are only counted,
// not parsed. The file outlives the cursor. Errors as in MessageFile: code 0 means damage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/mail/envelope.h"
#include "queue/spool/message_file.h"

namespace waypost::queue {

class EnvelopeCursor {
public:
  explicit EnvelopeCursor(const MessageFile& file);

  // What the envelope says for all recipients. Called once, first.
  [[nodiscard]] Result<EnvelopeSender> sender();
  // The recipient of that number; numbers only ascend.
  [[nodiscard]] Result<EnvelopeRecipient> recipient(std::uint32_t number);

private:
  Result<bool> load(); // the next field into field_; false at the envelope's end
  Result<> fill();

  const MessageFile& file_;
  std::uint64_t at_;   // of the next byte to read
  std::uint64_t end_;  // of the envelope
  std::string buffer_; // read, not yet taken
  std::size_t taken_ = 0;
  std::string field_; // the field in hand, with its NUL
  bool have_field_ = false;
  std::uint32_t number_ = 0; // of the recipient whose T is in hand, or comes next
};

} // namespace waypost::queue
