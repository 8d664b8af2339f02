// The ring of dialogues as any bytes: looking through it ends, gives back only what belongs to who
// asks, and a dialogue added to such a file is found in it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "queue/spool/transcript_ring.h"
#include "tests/fuzz/one_file_fs.h"

using namespace waypost;
using namespace waypost::queue;

namespace {

constexpr std::uint64_t kRing = 16 * 1024;

std::vector<Transcript> read(test::OneFileFs& fs) {
  auto found = read_transcripts(fs, -1, "aaaa", 7);
  if (!found) std::abort();
  for (const Transcript& one : *found) {
    if (one.id != "aaaa" || one.uid != 7 || one.text.size() > kMaxTranscript) std::abort();
    std::string_view text = one.text;
    for (std::size_t before = text.size(); take_transcript_line(text); before = text.size()) {
      if (text.size() >= before) std::abort();
    }
  }
  return std::move(*found);
}

Transcript some(std::string_view bytes) {
  Transcript one;
  one.id = "aaaa";
  one.uid = 7;
  one.time = 1;
  one.attempt = 4;
  one.transport = "direct";
  one.recipients.add(0);
  append_transcript_line(one.text, {1, Speaker::server, bytes.substr(0, 5000)});
  return one;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  test::OneFileFs fs{std::string(bytes)};
  static_cast<void>(read(fs));
  TranscriptRing ring(fs, -1, kRing);
  const Transcript mine = some(bytes);
  ring.add(mine);
  const std::vector<Transcript> found = read(fs);
  if (found.empty() || !(found.back() == mine)) std::abort();
  const auto record = Record::decode(bytes);
  const auto transcript = record ? transcript_of(*record) : fail("no record");
  if (transcript && transcript_of(to_record(*transcript)) != *transcript) std::abort();
  return 0;
}
