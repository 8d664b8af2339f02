// One message in a spool of the test's own, written by the accept code.
#pragma once

#include <criterion/criterion.h>
#include <string>
#include <vector>

#include "queue/accept/message_writer.h"
#include "queue/spool/message_file.h"
#include "tests/unit/fault_fs.h"
#include "tests/unit/queue-accept/spool_folder.h"

namespace waypost::test {

inline const MessageId kId = *MessageId::parse("0123456789abcdef");

inline void write_message(Fs& fs, const SpoolFolder& spool,
                          const std::vector<EnvelopeRecipient>& recipients,
                          const std::string& text = "Subject: x\r\n\r\nbody\r\n") {
  auto box = queue::DropBox::open(fs, spool.path());
  cr_assert(box.has_value());
  queue::MessageWriter writer(fs, *box, 0600);
  EnvelopeSender sender;
  sender.sender = *Address::parse("a@b.test");
  sender.ret = DsnReturn::full;
  bool good = writer.begin(kId, {1000, "", "", 42}, {}).has_value() &&
              writer.message(text).has_value() && writer.sender(sender).has_value();
  for (const EnvelopeRecipient& one : recipients)
    good = good && writer.recipient(one).has_value();
  cr_assert(good && writer.commit().has_value());
}

inline std::vector<EnvelopeRecipient> numbered(std::uint32_t count) {
  std::vector<EnvelopeRecipient> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    EnvelopeRecipient one;
    one.address = *Address::parse("r" + std::to_string(i) + "@example.test");
    if (i % 3 == 1) one.notify = *Notify::parse("SUCCESS,FAILURE");
    if (i % 3 == 2) one.orcpt = "rfc822;x" + std::to_string(i) + "@example.test";
    all.push_back(std::move(one));
  }
  return all;
}

inline Fd folder_fd(const SpoolFolder& spool, const std::string& folder) {
  return Fd(::open((spool.path() + folder).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

inline Result<queue::MessageFile> open_message(Fs& fs, const SpoolFolder& spool) {
  const Fd folder = folder_fd(spool, "/new");
  return queue::MessageFile::open(fs, folder.get(), kId.text());
}

} // namespace waypost::test
