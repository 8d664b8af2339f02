// A spool file of any bytes: whatever is opened has recipients that can be read or damage that is
// named, marks that take legal steps only, and a history that takes one more entry.
#include <cstdint>
#include <cstdlib>

#include "queue/spool/envelope_cursor.h"
#include "queue/spool/history_log.h"
#include "queue/spool/progress.h"
#include "tests/fuzz/one_file_fs.h"

using namespace waypost;
using namespace waypost::queue;

namespace {

constexpr std::uint32_t kMostRecipients = 200;

void read_recipients(const MessageFile& file) {
  EnvelopeCursor cursor(file);
  if (!cursor.sender()) return;
  for (std::uint32_t n = 0; n < std::min(file.head().recipients, kMostRecipients); n += 1 + n / 3) {
    const auto one = cursor.recipient(n);
    if (!one && one.error().code != 0) std::abort(); // nothing but damage is wrong with this disk
    if (!one) return;
    if (one->address.null()) std::abort();
  }
}

void step_marks(MessageFile& file, Mark to) {
  for (std::uint32_t n = 0; n < std::min(file.head().recipients, kMostRecipients); ++n) {
    const Mark before = file.mark(n);
    if (file.set_mark(n, to) != may_follow(before, to)) std::abort();
  }
  if (!file.write_marks() || file.unwritten()) std::abort();
}

std::size_t entries(const MessageFile& file, std::uint64_t until, std::uint64_t& end) {
  std::size_t count = 0;
  ProgressFold fold({0, 1, 2});
  const auto read =
      read_history(file, file.head().history_offset(), until, [&](const HistoryEntry& entry) {
        fold.take(entry);
        ++count;
        return true;
      });
  if (!read) std::abort();
  end = read->offset;
  return count;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::OneFileFs fs(std::string(reinterpret_cast<const char*>(data), size));
  Result<MessageFile> file = MessageFile::open(fs, -1, "x");
  if (!file) {
    if (file.error().code != 0) std::abort();
    return 0;
  }
  static_cast<void>(file->verify());
  read_recipients(*file);
  if (!file->load_marks()) return 0;
  for (const Mark to : {Mark::delivered_owed, Mark::failed, Mark::reported, Mark::pending})
    step_marks(*file, to);

  std::uint64_t end = 0;
  const std::size_t before = entries(*file, file->size(), end);
  file->set_history_end(end);
  HistoryEntry entry;
  entry.kind = HistoryKind::release;
  if (!file->append_history(entry)) std::abort();
  if (entries(*file, file->history_end(), end) != before + 1) std::abort();
  if (end != file->history_end()) std::abort();
  return 0;
}
