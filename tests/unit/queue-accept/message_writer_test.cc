#include <criterion/criterion.h>

#include "queue/accept/message_writer.h"

#include "lib/sys/crc32c.h"
#include "tests/unit/fault_fs.h"
#include "tests/unit/queue-accept/spool_folder.h"

using namespace waypost;
using namespace waypost::queue;
using waypost::test::Crash;
using waypost::test::FaultFs;
using waypost::test::SpoolFolder;

namespace {

const MessageId kId = *MessageId::parse("0123456789abcdef");
const std::string kName = "/new/0123456789abcdef";
constexpr std::string_view kTrace = "Received: by test\r\n";

EnvelopeSender sender() {
  EnvelopeSender from;
  from.sender = *Address::parse("a@example.org");
  return from;
}

EnvelopeRecipient recipient(int number) {
  return {*Address::parse("r" + std::to_string(number) + "@example.net"), {}, {}};
}

// Writes one message; the first failure, or how it was committed.
Result<Committed> write_message(Fs& fs, const SpoolFolder& spool, std::string_view message,
                                int recipients = 1) {
  Result<DropBox> box = DropBox::open(fs, spool.path());
  if (!box) return std::unexpected(box.error());
  MessageWriter writer(fs, *box, 0600);
  Result<> step = writer.begin(kId, {1000, "", "", 42}, kTrace);
  if (step) step = writer.message(message);
  if (step) step = writer.sender(sender());
  for (int i = 0; step && i < recipients; ++i)
    step = writer.recipient(recipient(i));
  if (!step) return std::unexpected(step.error());
  return writer.commit();
}

// The head of a file whose lengths and checksum agree with its bytes; fails the test otherwise.
MessageHead check_file(const std::string& bytes) {
  const Result<MessageHead> head = decode_head(bytes);
  cr_assert(head.has_value(), "%s", head ? "" : head.error().text.c_str());
  cr_assert(bytes.size() == head->history_offset());
  const std::uint32_t body = crc32c(std::string_view(bytes).substr(
      MessageHead::kSize, head->marks_offset() - MessageHead::kSize));
  cr_expect(head->checksum == head_checksum(*head, body));
  const std::string marks = bytes.substr(head->marks_offset(), head->recipients);
  cr_expect(marks == std::string(head->recipients, '-'));
  return *head;
}

std::string message_of(const std::string& bytes, const MessageHead& head) {
  return bytes.substr(MessageHead::kSize, head.message_length);
}

} // namespace

Test(message_writer, writes_the_layout) {
  const SpoolFolder spool;
  RealFs fs;
  const auto committed = write_message(fs, spool, "Subject: x\n\nbody", 2);
  cr_assert(committed && *committed == Committed::created);
  const std::string bytes = spool.read(kName);
  const MessageHead head = check_file(bytes);
  cr_expect(message_of(bytes, head) == "Received: by test\r\nSubject: x\r\n\r\nbody\r\n");
  cr_expect(head.uid == 1000 && head.arrival_us == 42 && head.recipients == 2 && head.hops == 0);
  const std::string envelope = bytes.substr(head.envelope_offset(), head.envelope_length);
  cr_expect(envelope == std::string("Fa@example.org\0Tr0@example.net\0Tr1@example.net\0", 47));
  cr_expect(spool.names("/tmp").empty());
}

Test(message_writer, keeps_the_order_of_the_protocol_and_one_write_for_a_small_message) {
  const SpoolFolder spool;
  FaultFs fs;
  cr_assert(write_message(fs, spool, "x\n").has_value());
  std::vector<std::string> log = fs.log();
  while (!log.empty() && log.front() != "open_unnamed")
    log.erase(log.begin());
  const std::vector<std::string> expected{"open_unnamed", "write", "link " + kId.text(), "sync",
                                          "sync"};
  cr_expect(log == expected);
}

Test(message_writer, writes_a_large_message_in_blocks_and_its_head_last) {
  const SpoolFolder spool;
  FaultFs fs;
  std::string body;
  while (body.size() < 300'000)
    body += "a line of a large message\r\n";
  cr_assert(write_message(fs, spool, body).has_value());
  const std::string bytes = spool.read(kName);
  const MessageHead head = check_file(bytes);
  cr_expect(message_of(bytes, head) == std::string(kTrace) + body);
  const std::vector<std::string>& log = fs.log();
  cr_expect(std::ranges::count(log, "write") == 5);
  cr_expect(log[log.size() - 4] == "write_at");
}

Test(message_writer, a_message_of_any_size_around_the_buffer_is_whole) {
  for (const std::size_t size : {64'900U, 65'000U, 65'024U, 65'536U, 65'537U, 131'072U}) {
    for (const int recipients : {1, 70'000}) {
      const SpoolFolder spool;
      RealFs fs;
      const std::string body = std::string(size, 'x') + "\r\n";
      cr_assert(write_message(fs, spool, body, recipients).has_value());
      const std::string bytes = spool.read(kName);
      const MessageHead head = check_file(bytes);
      cr_expect(message_of(bytes, head) == std::string(kTrace) + body, "size %zu", size);
      cr_expect(head.recipients == static_cast<std::uint32_t>(recipients));
    }
  }
}

Test(message_writer, a_name_is_never_replaced) {
  const SpoolFolder spool;
  RealFs fs;
  cr_assert(write_message(fs, spool, "first\n").has_value());
  const std::string before = spool.read(kName);
  const auto second = write_message(fs, spool, "second\n");
  cr_assert(second && *second == Committed::existed);
  cr_expect(spool.read(kName) == before);
}

Test(message_writer, falls_back_to_tmp_where_files_need_names) {
  for (const int code : {EOPNOTSUPP, EISDIR}) {
    const SpoolFolder spool;
    FaultFs fs;
    fs.fail("open_unnamed", 1, code);
    cr_assert(write_message(fs, spool, "x\n").has_value());
    check_file(spool.read(kName));
    cr_expect(spool.names("/tmp").empty());
    const auto second = write_message(fs, spool, "y\n");
    cr_expect(second && *second == Committed::existed);
    cr_expect(spool.names("/tmp").empty());
  }
}

// Whichever call fails, nothing is left under a name, and no failure is taken for success.
Test(message_writer, any_failing_call_leaves_nothing) {
  const std::string body(150'000, 'x');
  for (const bool fall_back : {false, true}) {
    int failed = 0;
    for (int call = 1; call < 40; ++call) {
      const SpoolFolder spool;
      FaultFs fs;
      if (fall_back) fs.fail("open_unnamed", 1, EOPNOTSUPP);
      fs.fail_call(call, ENOSPC);
      const auto committed = write_message(fs, spool, body);
      if (committed) continue; // past the last call, or the unlink of a name in tmp/
      ++failed;
      cr_expect(committed.error().code == ENOSPC);
      cr_expect(spool.names("/new").empty(), "call %d leaves a name in new/", call);
      cr_expect(spool.names("/tmp").empty(), "call %d leaves a name in tmp/", call);
    }
    cr_expect(failed >= 8, "%d calls were made to fail", failed);
  }
}

Test(message_writer, a_committed_message_survives_a_power_cut) {
  for (const Crash how : {Crash::forget, Crash::keep_names}) {
    for (const bool fall_back : {false, true}) {
      const SpoolFolder spool;
      FaultFs fs;
      if (fall_back) fs.fail("open_unnamed", 1, EOPNOTSUPP);
      cr_assert(write_message(fs, spool, "x\n").has_value());
      fs.crash(how);
      check_file(spool.read(kName));
    }
  }
}

// What shows that the test above can fail: without its syncs the message is gone or empty.
Test(message_writer, the_fault_injecting_file_system_forgets_what_was_not_synced) {
  const SpoolFolder spool;
  FaultFs fs;
  const Fd folder(::open((spool.path() + "/new").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  auto file = fs.open_unnamed(folder.get(), 0600);
  cr_assert(fs.write_all(file->get(), "bytes") && fs.link_at(file->get(), folder.get(), "named"));
  cr_assert(fs.sync(folder.get()).has_value());
  fs.crash(Crash::forget);
  cr_expect(spool.names("/new").size() == 1);
  cr_expect(spool.read("/new/named").empty());
  auto second = fs.open_unnamed(folder.get(), 0600);
  cr_assert(fs.write_all(second->get(), "bytes") && fs.sync(second->get()));
  cr_assert(fs.link_at(second->get(), folder.get(), "unsynced").has_value());
  fs.crash(Crash::forget);
  cr_expect(spool.names("/new").size() == 1);
}

Test(message_writer, corrects_the_origin_of_a_message_that_is_still_in_the_buffer) {
  const SpoolFolder spool;
  RealFs fs;
  Result<DropBox> box = DropBox::open(fs, spool.path());
  MessageWriter writer(fs, *box, 0600);
  cr_assert(writer.begin(kId, {0, "", "", 42}, kTrace) && writer.message("body\n"));
  writer.correct({0, "smtp:alice", "192.0.2.1", 42}, "Received: from [192.0.2.1] by test\r\n");
  cr_assert(writer.sender(sender()) && writer.recipient(recipient(0)) && writer.commit());
  const std::string bytes = spool.read(kName);
  const MessageHead head = check_file(bytes);
  cr_expect(head.login == "smtp:alice" && head.peer == "192.0.2.1");
  cr_expect(message_of(bytes, head) == "Received: from [192.0.2.1] by test\r\nbody\r\n");
}
