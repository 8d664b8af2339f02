#include <criterion/criterion.h>

#include "queue/accept/accept.h"

#include <limits>
#include <linux/magic.h>

#include "lib/mail/message_file.h"
#include "tests/unit/fault_fs.h"
#include "tests/unit/queue-accept/spool_folder.h"

using namespace waypost;
using namespace waypost::queue;
using waypost::test::FaultFs;
using waypost::test::SpoolFolder;
using std::string_literals::operator""s;

namespace {

const std::string kEnvelope = "Fa@example.org\0Tb@example.net\0\0"s;

struct Attempt {
  std::string message = "Subject: x\n\nbody\n";
  std::string envelope = kEnvelope;
  AcceptLimits limits;
  Caller caller{1000, true};
};

std::expected<MessageId, Refusal> accept(Fs& fs, const SpoolFolder& spool, const Attempt& attempt) {
  spool.write("/message", attempt.message);
  spool.write("/envelope", attempt.envelope);
  const Fd message(::open((spool.path() + "/message").c_str(), O_RDONLY | O_CLOEXEC));
  const Fd envelope(::open((spool.path() + "/envelope").c_str(), O_RDONLY | O_CLOEXEC));
  const AcceptRequest request{spool.path(),   "mail.example.org",    attempt.limits,
                              attempt.caller, 1'795'303'575'113'372, 7};
  DescriptorIntake intake(message.get(), envelope.get());
  return accept_message(fs, request, intake);
}

void expect_refusal(QueueExit exit, const Attempt& attempt) {
  const SpoolFolder spool;
  RealFs fs;
  const auto accepted = accept(fs, spool, attempt);
  cr_assert(!accepted, "accepted; expected exit %d", static_cast<int>(exit));
  cr_expect(accepted.error().exit == exit, "exit %d, expected %d: %s",
            static_cast<int>(accepted.error().exit), static_cast<int>(exit),
            accepted.error().text.c_str());
  cr_expect(spool.names("/new").empty());
}

} // namespace

Test(accept, prepends_received_with_the_callers_uid) {
  const SpoolFolder spool;
  RealFs fs;
  const auto id = accept(fs, spool, {});
  cr_assert(id.has_value());
  const std::string bytes = spool.read("/new/" + id->text());
  const std::string received = "Received: by mail.example.org (waypost, from uid 1000)\r\n\tid " +
                               id->text() + "; Sat, 21 Nov 2026 23:26:15 +0000\r\nSubject: x\r\n";
  cr_expect(bytes.substr(MessageHead::kSize).starts_with(received));
}

Test(accept, takes_login_and_peer_from_its_own_uids_only) {
  Attempt attempt;
  attempt.envelope = "Fa@example.org\0Aalice\0P192.0.2.1\0Tb@example.net\0\0"s;
  attempt.caller = {::getuid() + 4000, false};
  expect_refusal(QueueExit::bad_envelope, attempt);

  const SpoolFolder spool;
  RealFs fs;
  attempt.caller = {0, false};
  const auto id = accept(fs, spool, attempt);
  cr_assert(id.has_value());
  const std::string bytes = spool.read("/new/" + id->text());
  const auto head = decode_head(bytes);
  cr_expect(head->login == "smtp:alice" && head->peer == "192.0.2.1");
  cr_expect(bytes.find("Received: from [192.0.2.1] (login alice)\r\n\tby mail.example.org") !=
            std::string::npos);
}

Test(accept, refuses_what_is_not_an_envelope) {
  const std::pair<std::string, QueueExit> rows[] = {
      {"", QueueExit::read_error},
      {"Fa@example.org\0"s, QueueExit::read_error},
      {"Fa@example.org\0Tb@example.net\0"s, QueueExit::read_error},
      {"\0"s, QueueExit::bad_envelope},
      {"Fa@example.org\0\0"s, QueueExit::bad_envelope},
      {"Tb@example.net\0\0"s, QueueExit::bad_envelope},
      {"Fa@example.org\0Tb@\x01example.net\0\0"s, QueueExit::bad_envelope},
      {"Fa@example.org\0Tb\nRCPT@example.net\0\0"s, QueueExit::bad_envelope},
      {"Fa@example.org\0Zx\0Tb@example.net\0\0"s, QueueExit::bad_envelope},
      {kEnvelope + "x", QueueExit::bad_envelope},
      {"Fa@example.org\0T"s + std::string(1500, 'b') + "@example.net\0\0"s,
       QueueExit::address_too_long},
      {"Fa@example.org\0T"s + std::string(9000, 'b'), QueueExit::address_too_long},
  };
  for (const auto& [envelope, exit] : rows) {
    Attempt attempt;
    attempt.envelope = envelope;
    expect_refusal(exit, attempt);
  }
}

Test(accept, holds_size_max_to_the_byte) {
  Attempt attempt;
  attempt.limits.size_max = attempt.message.size();
  const SpoolFolder spool;
  RealFs fs;
  cr_expect(accept(fs, spool, attempt).has_value());
  attempt.limits.size_max -= 1;
  expect_refusal(QueueExit::too_large, attempt);
}

Test(accept, refuses_below_queue_free_min) {
  FreeSpace space;
  space.type = EXT4_SUPER_MAGIC;
  space.bytes_total = 1'000'000'000;
  space.inodes_free = 1'000'000;
  const std::tuple<std::uint64_t, FreeMin, bool> rows[] = {
      {70'000'000, {64'000'000, 5}, true},
      {63'000'000, {64'000'000, 5}, false},
      {70'000'000, {64'000'000, 8}, false},
      {1, {0, 0}, true},
  };
  for (const auto& [bytes, least, fits] : rows) {
    const SpoolFolder spool;
    FaultFs fs;
    space.bytes_free = bytes;
    fs.pretend(space);
    Attempt attempt;
    attempt.limits.free_min = least;
    const auto accepted = accept(fs, spool, attempt);
    cr_expect(accepted.has_value() == fits, "%ju bytes free", static_cast<std::uintmax_t>(bytes));
    if (!accepted) cr_expect(accepted.error().exit == QueueExit::write_error);
  }
}

Test(accept, refuses_a_file_system_that_forgets_unless_told) {
  for (const std::int64_t type : {std::int64_t{TMPFS_MAGIC}, std::int64_t{NFS_SUPER_MAGIC}}) {
    FreeSpace space;
    space.type = type;
    space.bytes_free = space.bytes_total = 1'000'000'000;
    space.inodes_free = std::numeric_limits<std::uint64_t>::max();
    const SpoolFolder spool;
    FaultFs fs;
    fs.pretend(space);
    cr_expect(accept(fs, spool, {}).has_value(), "the spool of these tests holds the permission");
    std::filesystem::remove(spool.path() + "/allow-unsafe-fs");
    const auto accepted = accept(fs, spool, {});
    cr_assert(!accepted);
    cr_expect(accepted.error().exit == QueueExit::spool);
  }
}

Test(accept, each_failing_call_has_an_exit_of_its_kind_and_leaves_nothing) {
  Attempt attempt;
  attempt.message.assign(200'000, 'x');
  for (int call = 1; call < 30; ++call) {
    for (const int code : {ENOSPC, EIO, EMFILE, EACCES}) {
      const SpoolFolder spool;
      FaultFs fs;
      fs.fail_call(call, code);
      const auto accepted = accept(fs, spool, attempt);
      if (accepted) continue;
      const auto exit = static_cast<int>(accepted.error().exit);
      cr_expect((exit >= 53 && exit <= 66), "call %d: exit %d", call, exit);
      cr_expect(spool.names("/new").empty());
    }
  }
}
