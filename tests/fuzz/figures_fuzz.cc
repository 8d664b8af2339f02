// Any figures from the control socket, and any state of the senders from waypost-deliver: they are
// refused, or shown without a control character and without a line that somebody forged.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/text.h"
#include "queue/commands/control_client.h"
#include "queue/commands/stats_text.h"
#include "queue/commands/text_table.h"
#include "queue/commands/top_picture.h"

using namespace waypost;
using namespace waypost::queue;

namespace {

constexpr WallUs kNow = 1'800'000'000'000'000;

void check_lines(std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    if (printable(line) != line) std::abort();
  }
}

void check_prometheus(const std::string& text) {
  check_lines(text);
  for (const std::string_view line : split(text, '\n')) {
    const bool known = line.empty() || line.starts_with("# ") || line.starts_with("waypost_");
    if (!known) std::abort();
  }
}

void check_picture(const TopPicture& picture) {
  if (printable(picture.json()) != picture.json()) std::abort();
  const auto lines = picture.lines(60, 30, kNow);
  if (lines.size() > 30) std::abort();
  for (const std::string& line : lines) {
    if (printable(line) != line || text_width(line) > 60) std::abort();
  }
}

// What was taken is told again as it was.
void check_state(const Record& answer) {
  const Result<SenderState> state = sender_state(answer);
  if (!state) return;
  const Result<SenderState> again = sender_state(to_record(*state));
  if (!again || *again != *state) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Fd answers(::memfd_create("answers", MFD_CLOEXEC));
  if (::write(answers.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  ::lseek(answers.get(), 0, SEEK_SET);
  MetricSamples samples;
  TopPicture picture;
  static_cast<void>(read_answers(answers.get(), [&](const Record& answer, std::string_view) {
    check_state(answer);
    const Result<> sample = answer.get("type") == "metric" ? samples.take(answer) : Result<>();
    const Result<> row = picture.take(answer);
    return sample ? row : sample;
  }));
  check_prometheus(samples.prometheus());
  check_lines(samples.json());
  check_lines(stats_text(samples, kNow));
  check_picture(picture);
  return 0;
}
