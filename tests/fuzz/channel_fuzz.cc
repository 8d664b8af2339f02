// The frames of a channel, as a hostile program at the other end could send them: bounded, never a
// crash.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include "lib/net/channel.h"
#include "lib/net/channel_parts.h"

using namespace waypost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 4096;
  constexpr std::size_t kPipe = 60'000;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return 0;
  const Fd in(ends[0]);
  Fd out(ends[1]);
  if (::write(out.get(), data, size < kPipe ? size : kPipe) < 0) return 0;
  out.reset();
  IncomingFrames frames(kMost);
  for (bool open = true; open;) {
    const Result<bool> read = frames.read_from(in.get(), false);
    if (!read) return 0;
    open = *read;
    for (;;) {
      const auto frame = frames.next();
      if (!frame) return 0;
      if (!*frame) break;
      if ((*frame)->bytes.size() > kMost || (*frame)->record.encode().size() > kMost) std::abort();
    }
  }
  return 0;
}
