// The ring of dialogues: what is found again, what falls out, and what can go wrong with a file
// that nothing depends on.

#include <criterion/criterion.h>
#include <filesystem>
#include <fstream>

#include "queue/spool/transcript_ring.h"
#include "tests/unit/fault_fs.h"
#include "tests/unit/queue-accept/spool_folder.h"

using namespace waypost;
using namespace waypost::queue;
using test::FaultFs;
using test::SpoolFolder;

namespace {

constexpr std::uint64_t kSmall = 16 * 1024;

struct Spool {
  SpoolFolder folder;
  FaultFs fs;
  Fd root{::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};

  [[nodiscard]] std::string file() const { return folder.path() + "/transcripts"; }
  std::vector<Transcript> read(std::string_view id, std::uint32_t uid = 7) {
    auto found = read_transcripts(fs, root.get(), id, uid);
    cr_assert(found.has_value(), "%s", found ? "" : found.error().text.c_str());
    return std::move(*found);
  }
  void overwrite(std::uint64_t at, std::string_view bytes) const {
    std::fstream out(file(), std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(static_cast<std::streamoff>(at));
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
};

Transcript dialogue(const std::string& id, std::uint32_t attempt, std::size_t size = 100) {
  Transcript one;
  one.id = id;
  one.uid = 7;
  one.time = 1'700'000'000'000'000 + attempt;
  one.attempt = attempt;
  one.transport = "direct";
  one.recipients.add(3);
  append_transcript_line(one.text, {12, Speaker::server, std::string(size, 'x')});
  return one;
}

std::vector<std::uint32_t> attempts(const std::vector<Transcript>& all) {
  std::vector<std::uint32_t> numbers;
  for (const Transcript& one : all)
    numbers.push_back(one.attempt);
  return numbers;
}

using Numbers = std::vector<std::uint32_t>;

} // namespace

Test(transcript_ring, gives_back_what_was_kept_in_order_and_as_it_was) {
  Spool spool;
  cr_expect(spool.read("aaaa").empty(), "no file yet");
  TranscriptRing ring(spool.fs, spool.root.get(), kSmall);
  for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
    ring.add(dialogue("aaaa", attempt, attempt * 400));
    ring.add(dialogue("bbbb", attempt));
  }
  const std::vector<Transcript> found = spool.read("aaaa");
  cr_expect(attempts(found) == Numbers({1, 2, 3}));
  cr_expect(!found.empty() && found.back() == dialogue("aaaa", 3, 1200));
  cr_expect(spool.read("aaa").empty() && spool.read("aaaaa").empty() && spool.read("").empty());
}

Test(transcript_ring, another_owner_reads_nothing) {
  Spool spool;
  TranscriptRing ring(spool.fs, spool.root.get(), kSmall);
  ring.add(dialogue("aaaa", 1));
  cr_expect(spool.read("aaaa", 8).empty());
  cr_expect_eq(spool.read("aaaa", 7).size(), 1);
}

Test(transcript_ring, is_bounded_and_the_oldest_fall_out) {
  Spool spool;
  TranscriptRing ring(spool.fs, spool.root.get(), kSmall);
  for (std::uint32_t attempt = 1; attempt <= 500; ++attempt) {
    ring.add(dialogue("aaaa", attempt, attempt * 37 % 3000));
    const Numbers kept = attempts(spool.read("aaaa"));
    cr_assert(!kept.empty() && kept.back() == attempt, "attempt %u", attempt);
    for (std::size_t i = 1; i < kept.size(); ++i)
      cr_assert_lt(kept[i - 1], kept[i], "attempt %u: in order", attempt);
    cr_assert_leq(std::filesystem::file_size(spool.file()), kSmall);
  }
}

Test(transcript_ring, goes_on_where_it_was_after_a_restart) {
  Spool spool;
  for (std::uint32_t attempt = 1; attempt <= 100; ++attempt) {
    TranscriptRing ring(spool.fs, spool.root.get(), kSmall); // each time a new life
    ring.add(dialogue("aaaa", attempt, attempt * 37 % 900));
    const Numbers kept = attempts(spool.read("aaaa"));
    cr_assert(kept.size() >= std::min<std::size_t>(attempt, 8) && kept.back() == attempt, "%u",
              attempt);
  }
}

Test(transcript_ring, nothing_is_synced) {
  Spool spool;
  TranscriptRing ring(spool.fs, spool.root.get(), kSmall);
  spool.fs.forget_log();
  ring.add(dialogue("aaaa", 1));
  ring.add(dialogue("aaaa", 2));
  for (const std::string& call : spool.fs.log())
    cr_expect(call.find("sync") == std::string::npos, "%s", call.c_str());
}

Test(transcript_ring, trouble_loses_dialogues_and_nothing_else) {
  for (const char* const call : {"open", "write_at", "status", "read_at"}) {
    Spool spool;
    spool.fs.fail(call, 1, ENOSPC);
    TranscriptRing ring(spool.fs, spool.root.get(), kSmall);
    ring.add(dialogue("aaaa", 1));
    spool.fs.heal();
    ring.add(dialogue("aaaa", 2));
    const Numbers kept = attempts(spool.read("aaaa"));
    cr_expect(!kept.empty() && kept.back() == 2, "after %s failed", call);
  }
  Spool spool;
  std::filesystem::create_directory(spool.file());
  TranscriptRing ring(spool.fs, spool.root.get(), kSmall);
  ring.add(dialogue("aaaa", 1));
  cr_expect(!read_transcripts(spool.fs, spool.root.get(), "aaaa", 7).has_value());
}

Test(transcript_ring, damage_costs_what_it_touches) {
  struct Row {
    const char* what;
    std::uint64_t at;
    const char* bytes;
    Numbers kept;
  };
  // Three frames of a block each behind the head.
  for (const Row& row : {Row{"the head", 0, "nonsense", {1, 2, 3}},
                         Row{"where the head says to go on", 27, "99999999999", {1, 2, 3}},
                         Row{"a frame's start", 512, "nonsense", {2, 3}},
                         Row{"a payload", 1024 + 100, "nonsense", {1, 3}},
                         Row{"a length", 1024 + 26, "99999", {1, 3}}}) {
    Spool spool;
    TranscriptRing ring(spool.fs, spool.root.get(), kSmall);
    for (std::uint32_t attempt = 1; attempt <= 3; ++attempt)
      ring.add(dialogue("aaaa", attempt));
    spool.overwrite(row.at, row.bytes);
    cr_expect(attempts(spool.read("aaaa")) == row.kept, "%s", row.what);
    TranscriptRing again(spool.fs, spool.root.get(), kSmall);
    again.add(dialogue("aaaa", 4));
    const Numbers kept = attempts(spool.read("aaaa"));
    cr_expect(std::ranges::find(kept, 4U) != kept.end(), "%s", row.what);
  }
}

// A server says what looks like a frame of another message, at every place where a block may begin
// once the start of its own dialogue has been written over.
Test(transcript_ring, what_a_server_said_is_never_taken_for_a_frame) {
  using namespace std::string_literals;
  const std::string payload = to_record(dialogue("bbbb", 9)).encode();
  for (std::size_t shift = 0; shift < 512; shift += 7) {
    Spool spool;
    TranscriptRing ring(spool.fs, spool.root.get(), 4096);
    Transcript hostile = dialogue("aaaa", 1);
    hostile.text = std::string(shift, 'y');
    for (int i = 0; i < 12; ++i)
      hostile.text +=
          "\0\0waypost-transcript bbbb 3 00000000\n"s + payload + std::string(150, '\0');
    hostile.text.resize(2500);
    ring.add(hostile);
    ring.add(dialogue("cccc", 1));
    ring.add(dialogue("cccc", 2)); // over the start of the first
    cr_expect(spool.read("bbbb").empty(), "shifted by %zu", shift);
    cr_expect(spool.read("aaaa").empty());
    cr_expect_eq(spool.read("cccc").size(), 2);
  }
}

Test(transcript_ring, a_dialogue_that_is_longer_than_anything_is_left_out) {
  Spool spool;
  TranscriptRing ring(spool.fs, spool.root.get(), kSmall);
  ring.add(dialogue("aaaa", 1));
  ring.add(dialogue("aaaa", 2, 20'000));  // than the ring
  ring.add(dialogue("aaaa", 3, 100'000)); // than a frame may be
  cr_expect(attempts(spool.read("aaaa")) == Numbers({1}));
}
