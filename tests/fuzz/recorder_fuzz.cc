// A conversation of any bytes: what the recorder makes of it is bounded, every line of it can be
// read back, and a secret is nowhere in it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "deliver/recorder.h"
#include "lib/sys/text.h"

using namespace waypost;
using deliver::Recorder;

namespace {

constexpr std::string_view kSecret = "s3cr3t/s3cr3t==";

void check(std::string_view text) {
  if (text.size() > kMaxTranscript || text.find(kSecret) != std::string_view::npos) std::abort();
  while (take_transcript_line(text)) {
  }
  if (!text.empty()) std::abort();
}

// A line of the input: its first byte says what happens.
void play(Recorder& recorder, std::uint64_t now, std::string_view line) {
  const char what = line.front();
  line.remove_prefix(1);
  const std::string own(line);
  switch (what) {
  case '>': recorder.sent(now, own + "\r\n"); break;
  case '<': recorder.received(now, own); break;
  case '*': recorder.note(now, own); break;
  case 'o': recorder.opens(); break;
  case 'r': recorder.ready(); break;
  case 'k': recorder.begin(now, true); break;
  case 'n': recorder.begin(now, false); break;
  case 'm': recorder.message(line.size()); break;
  case 't': check(recorder.take()); break;
  case 'a': // an exchange with one secret, whatever came before
    recorder.begin(now, true);
    recorder.sent(now, "AUTH PLAIN " + std::string(kSecret) + "\r\n");
    recorder.received(now, "535 what is " + std::string(kSecret) + own);
    break;
  case 's':
    recorder.secret();
    recorder.sent(now, std::string(kSecret) + "\r\n");
    break;
  default: break;
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.find(kSecret) != std::string_view::npos) return 0;
  Recorder recorder;
  recorder.begin(0, false);
  for (std::uint64_t now = 0; !rest.empty(); now += 13) {
    const std::string_view line = cut(rest, '\n');
    if (!line.empty()) play(recorder, now, line);
  }
  check(recorder.take());
  return 0;
}
