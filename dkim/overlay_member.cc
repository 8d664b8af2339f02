#include "dkim/overlay_member.h"

#include <unistd.h>

#include "dkim/overlay_maker.h"
#include "lib/sys/clock.h"
#include "lib/sys/log.h"

namespace waypost::dkim {
namespace {

constexpr int kTemporary = 111;
constexpr std::size_t kBlock = std::size_t{64} << 10;

// All of the message; an error when it is not as long as announced. `unfit`: it came, and is none
// that a header can be read of.
Result<> read_message(int pipe, std::uint64_t length, Message& message, std::string& unfit) {
  std::string block(kBlock, '\0');
  while (unfit.empty()) {
    const ssize_t n = ::read(pipe, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("read the message");
    const auto got = static_cast<std::uint64_t>(n);
    if (got > length || (n == 0 && length > 0)) return fail("the message is not all there");
    length -= got;
    const Result<> taken =
        n == 0 ? message.finish() : message.take(std::string_view(block).substr(0, got));
    if (!taken) unfit = taken.error().text;
    if (n == 0) return {};
  }
  return {};
}

} // namespace

OverlayMember::OverlayMember(uv_loop_t* loop, Fd manager, std::string snapshot,
                             const KeyFolder& keys)
    : snapshot_path_(std::move(snapshot)),
      keys_(keys),
      channel_(loop, std::move(manager), Fd(), kMaxOverlayFrame, *this) {}

// On the disk there may be a later one, which the manager is about to read.
Result<> OverlayMember::follow(std::uint64_t generation) {
  if (generation != 0 && snapshot_.settings.generation == generation) return {};
  Result<Snapshot> fresh = read_snapshot(snapshot_path_);
  if (!fresh) return std::unexpected(std::move(fresh.error()));
  if (fresh->settings.generation < generation) return fail("the snapshot is an older one");
  snapshot_ = std::move(*fresh);
  return {};
}

OverlayAnswer OverlayMember::answer(const OverlayRequest& request, int pipe) {
  OverlayAnswer answer;
  answer.number = request.number;
  const Result<> followed = follow(request.generation);
  if (!followed) {
    answer.again = followed.error().text;
    return answer;
  }
  Message message(Canonical::relaxed);
  std::string unfit;
  const Result<> read = read_message(pipe, request.length, message, unfit);
  if (!read) {
    answer.again = read.error().text;
    return answer;
  }
  const OverlayMaker maker(snapshot_, keys_);
  if (!unfit.empty()) return maker.unfit(request, std::move(unfit));
  return maker.answer(request, message,
                      static_cast<std::uint64_t>(RealClock().wall_us() / 1'000'000));
}

void OverlayMember::on_frame(Frame frame) {
  const Result<OverlayRequest> request = overlay_request(frame.record);
  if (!request || !frame.descriptor.valid()) {
    Log("failed")
        .add("reason", request ? "a request without a message" : request.error().text)
        .error();
    ::_exit(kTemporary);
  }
  const OverlayAnswer told = answer(*request, frame.descriptor.get());
  if (!told.why_unsigned.empty())
    Log("unsigned").id(request->id).add("reason", told.why_unsigned).error();
  if (!told.why_unsent.empty())
    Log("unsent").id(request->id).add("reason", told.why_unsent).error();
  channel_.send(to_record(told), told.headers + told.signature);
}

void OverlayMember::on_closed(const std::optional<Error>& error) {
  if (error) Log("failed").add("reason", error->text).error();
  ::_exit(error ? kTemporary : 0);
}

} // namespace waypost::dkim
