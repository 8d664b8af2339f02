// The frames of a channel, as a hostile program at the other end could send them, by a pipe and by
// a socket with descriptors beside: bounded, never a crash; and what is taken leaves again as
// frames that read the same.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <vector>

#include "lib/net/channel.h"
#include "lib/net/channel_parts.h"
#include "lib/sys/passed_descriptors.h"
#include "lib/sys/pipe.h"

using namespace waypost;

namespace {

constexpr std::size_t kMost = 4096;
constexpr std::size_t kRoom = 60'000; // what a pipe and a socket take at once
using Ends = std::array<Fd, 2>;

Ends socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    std::abort();
  return {Fd(ends[0]), Fd(ends[1])};
}

// Until the end of what there is, or until it makes no sense.
std::vector<Frame> frames_from(int fd, bool socket) {
  std::vector<Frame> taken;
  IncomingFrames frames(kMost);
  for (bool open = true; open;) {
    const Result<bool> read = frames.read_from(fd, socket);
    if (!read) return taken;
    open = *read;
    for (;;) {
      auto frame = frames.next();
      if (!frame) return taken;
      if (!*frame) break;
      if ((*frame)->bytes.size() > kMost || (*frame)->record.encode().size() > kMost) std::abort();
      taken.push_back(std::move(**frame));
    }
  }
  return taken;
}

void by_pipe(std::string_view bytes) {
  Result<Pipe> pipe = open_pipe(O_NONBLOCK);
  if (!pipe || ::write(pipe->write.get(), bytes.data(), bytes.size()) < 0) return;
  pipe->write.reset();
  for (const Frame& frame : frames_from(pipe->read.get(), false))
    if (frame.descriptor.valid()) std::abort();
}

// The first byte with descriptors, as many as it says.
std::vector<Frame> by_socket(std::string_view bytes) {
  Ends ends = socket_pair();
  const std::vector<int> descriptors(static_cast<unsigned char>(bytes.front()) % 3 + 1,
                                     ends[0].get());
  if (!pass_descriptors(ends[1].get(), bytes.front(), descriptors)) return {};
  if (::write(ends[1].get(), bytes.data() + 1, bytes.size() - 1) < 0) return {};
  ends[1].reset();
  return frames_from(ends[0].get(), true);
}

void expect_same(const std::vector<Frame>& before) {
  Ends ends = socket_pair();
  OutgoingFrames out;
  for (const Frame& one : before)
    out.push(one.record, one.bytes, one.descriptor ? Fd(::dup(one.descriptor.get())) : Fd());
  const Result<bool> all = out.write_to(ends[1].get(), true);
  if (!all || !*all) std::abort();
  ends[1].reset();
  const std::vector<Frame> after = frames_from(ends[0].get(), true);
  if (after.size() != before.size()) std::abort();
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].record.encode() != before[i].record.encode()) std::abort();
    if (after[i].bytes != before[i].bytes) std::abort();
    if (after[i].descriptor.valid() != before[i].descriptor.valid()) std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty() || bytes.size() > kRoom) return 0;
  by_pipe(bytes);
  expect_same(by_socket(bytes));
  return 0;
}
