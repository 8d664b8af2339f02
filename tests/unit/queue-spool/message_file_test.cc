#include <sys/stat.h>

#include "queue/spool/history_log.h"
#include "queue/spool/message_file.h"
#include "tests/unit/queue-spool/spool_message.h"

using namespace waypost;
using namespace waypost::test;
using queue::MessageFile;

namespace {

const std::string kPath = "/new/0123456789abcdef";

HistoryEntry attempt(std::uint32_t number, const std::string& reply = "later") {
  HistoryEntry entry;
  entry.time = 1000 + number;
  entry.attempt = number;
  entry.transport = "direct";
  RecipientGroup group;
  group.recipients.add(0);
  group.outcome.reply = reply;
  entry.transaction.groups.push_back(std::move(group));
  return entry;
}

// The attempts' numbers that can be read, and whether something bad follows.
std::pair<std::vector<std::uint32_t>, bool> read_back(const MessageFile& file) {
  std::vector<std::uint32_t> numbers;
  const auto end = queue::read_history(file, file.head().history_offset(), file.size(),
                                       [&](const HistoryEntry& entry) {
                                         numbers.push_back(entry.attempt);
                                         return true;
                                       });
  cr_assert(end.has_value());
  return {numbers, end->torn};
}

} // namespace

Test(message_file, opens_verifies_and_notices_every_changed_byte) {
  SpoolFolder spool;
  RealFs fs;
  write_message(fs, spool, numbered(2));
  const std::string good = spool.read(kPath);
  {
    const auto file = open_message(fs, spool);
    cr_assert(file.has_value());
    cr_expect(file->verify().has_value());
  }
  const MessageHead head = *decode_head(good);
  for (std::uint64_t at = head.message_offset(); at < head.marks_offset(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    spool.write(kPath, bad);
    const auto file = open_message(fs, spool);
    cr_expect(!file || !file->verify(), "byte %d", static_cast<int>(at));
  }
}

Test(message_file, short_files_and_wrong_marks_are_damage) {
  SpoolFolder spool;
  RealFs fs;
  write_message(fs, spool, numbered(2));
  const std::string good = spool.read(kPath);
  for (const std::size_t length : {std::size_t{0}, std::size_t{511}, good.size() - 1}) {
    spool.write(kPath, good.substr(0, length));
    const auto file = open_message(fs, spool);
    cr_assert(!file, "length %zu", length);
    cr_expect_eq(file.error().code, 0);
  }
  spool.write(kPath, good.substr(0, good.size() - 1) + "x");
  auto file = open_message(fs, spool);
  cr_assert(file.has_value());
  const Result<> marks = file->load_marks();
  cr_expect(!marks && marks.error().code == 0);
}

Test(message_file, hostile_names_are_damage_and_never_block) {
  SpoolFolder spool;
  RealFs fs;
  const std::string path = spool.path() + kPath;
  const auto refused = [&](const char* what) {
    const auto file = open_message(fs, spool);
    cr_expect(!file && file.error().code == 0, "%s", what);
    std::filesystem::remove_all(path);
  };
  std::filesystem::create_symlink("/etc/passwd", path);
  refused("symbolic link");
  cr_assert_eq(::mkfifo(path.c_str(), 0600), 0);
  refused("FIFO");
  std::filesystem::create_directory(path);
  refused("directory");
  write_message(fs, spool, numbered(1));
  std::filesystem::create_hard_link(path, spool.path() + "/bad/other");
  refused("second name");
}

Test(message_file, marks_take_legal_steps_only_and_leave_in_runs) {
  SpoolFolder spool;
  FaultFs fs;
  write_message(fs, spool, numbered(6));
  auto file = open_message(fs, spool);
  cr_assert(file && file->load_marks());
  cr_expect(file->set_mark(1, Mark::delivered));
  cr_expect(!file->set_mark(1, Mark::failed), "delivered stays delivered");
  cr_expect(!file->set_mark(6, Mark::failed), "there is no such recipient");
  cr_expect(file->set_mark(2, Mark::failed));
  cr_expect(file->set_mark(5, Mark::failed));
  cr_expect(!file->set_mark(5, Mark::pending));
  cr_expect(file->set_mark(5, Mark::reported));
  fs.forget_log();
  cr_expect(file->write_marks().has_value());
  cr_expect_eq(std::ranges::count(fs.log(), "write_at"), 2, "two runs");
  const std::string bytes = spool.read(kPath);
  cr_expect(bytes.substr(file->head().marks_offset(), 6) == "-DF--R");
}

Test(message_file, a_mark_that_cannot_be_written_is_kept_and_written_later) {
  SpoolFolder spool;
  FaultFs fs;
  write_message(fs, spool, numbered(4));
  auto file = open_message(fs, spool);
  cr_assert(file && file->load_marks());
  cr_expect(file->set_mark(0, Mark::delivered) && file->set_mark(2, Mark::failed));
  fs.forget_log();
  fs.fail("write_at", 2, EIO);
  cr_expect(!file->write_marks());
  cr_expect(file->unwritten());
  fs.heal();
  cr_expect(file->write_marks().has_value());
  cr_expect(!file->unwritten());
  cr_expect(spool.read(kPath).substr(file->head().marks_offset(), 4) == "D-F-");
}

Test(message_file, marks_of_a_failed_flush_are_written_again) {
  SpoolFolder spool;
  FaultFs fs;
  write_message(fs, spool, numbered(2));
  auto file = open_message(fs, spool);
  cr_assert(file && file->load_marks() && file->set_mark(1, Mark::failed) && file->write_marks());
  fs.fail("sync_data", 1, EIO);
  cr_expect(!file->sync());
  cr_expect(file->unwritten(), "the kernel may have dropped them");
  fs.heal();
  fs.forget_log();
  cr_expect(file->write_marks() && file->sync());
  cr_expect_eq(std::ranges::count(fs.log(), "write_at"), 1);
}

Test(message_file, history_survives_in_order_and_ends_at_the_first_bad_frame) {
  SpoolFolder spool;
  RealFs fs;
  write_message(fs, spool, numbered(1));
  {
    auto file = open_message(fs, spool);
    cr_assert(file.has_value());
    for (std::uint32_t n = 1; n <= 3; ++n)
      cr_assert(file->append_history(attempt(n, std::string(30'000, 'r'))).has_value());
  }
  const std::string whole = spool.read(kPath);
  for (std::size_t cut = 1; cut < 400; cut += 7) {
    spool.write(kPath, whole.substr(0, whole.size() - cut));
    auto file = open_message(fs, spool);
    cr_assert(file.has_value());
    const auto [numbers, torn] = read_back(*file);
    cr_expect_eq(numbers.size(), 2u, "cut %zu", cut);
    cr_expect(torn);
  }
  auto file = open_message(fs, spool);
  const auto end = queue::read_history(*file, file->head().history_offset(), file->size(),
                                       [](const HistoryEntry&) { return true; });
  file->set_history_end(end->offset);
  cr_assert(file->append_history(attempt(9)).has_value());
  const auto again = open_message(fs, spool);
  const auto [numbers, torn] = read_back(*again);
  cr_expect(numbers == std::vector<std::uint32_t>({1, 2, 9}) && !torn, "the bad end was cut off");
}

Test(message_file, a_full_disk_loses_the_entry_and_nothing_else) {
  SpoolFolder spool;
  FaultFs fs;
  write_message(fs, spool, numbered(1));
  auto file = open_message(fs, spool);
  cr_assert(file && file->load_marks() && file->append_history(attempt(1)));
  fs.forget_log();
  fs.fail("write_at", 1, ENOSPC);
  cr_expect(!file->append_history(attempt(2)));
  fs.heal();
  cr_expect(file->set_mark(0, Mark::failed) && file->write_marks());
  cr_expect(file->append_history(attempt(3)).has_value());
  const auto [numbers, torn] = read_back(*open_message(fs, spool));
  cr_expect(numbers == std::vector<std::uint32_t>({1, 3}) && !torn);
}
