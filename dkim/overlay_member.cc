#include "dkim/overlay_member.h"

#include <unistd.h>

#include "dkim/overlay_maker.h"
#include "lib/sys/clock.h"
#include "lib/sys/log.h"

namespace waypost::dkim {
namespace {

constexpr int kTemporary = 111;
constexpr std::size_t kBlock = std::size_t{64} << 10;

// All of the message; an error when it is not as long as announced.
Result<> read_message(int pipe, std::uint64_t length, Message& message) {
  std::string block(kBlock, '\0');
  for (;;) {
    const ssize_t n = ::read(pipe, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("read the message");
    const auto got = static_cast<std::uint64_t>(n);
    if (got > length || (n == 0 && length > 0)) return fail("the message is not all there");
    if (n == 0) return message.finish();
    length -= got;
    const Result<> taken = message.take(std::string_view(block).substr(0, got));
    if (!taken) return taken;
  }
}

} // namespace

OverlayMember::OverlayMember(uv_loop_t* loop, Fd manager, std::string snapshot,
                             const KeyFolder& keys)
    : snapshot_path_(std::move(snapshot)),
      keys_(keys),
      channel_(loop, std::move(manager), Fd(), kMaxOverlayFrame, *this) {
  reload();
}

// The old one holds on where the new one cannot be read.
void OverlayMember::reload() {
  Result<Snapshot> fresh = read_snapshot(snapshot_path_);
  if (!fresh) Log("no_snapshot").add("reason", fresh.error().text).warning();
  if (fresh || !snapshot_) snapshot_ = std::move(fresh);
}

OverlayAnswer OverlayMember::answer(const OverlayRequest& request, int pipe) const {
  OverlayAnswer answer;
  answer.number = request.number;
  Message message(Canonical::relaxed);
  const Result<> read = read_message(pipe, request.length, message);
  if (!snapshot_) {
    answer.again = snapshot_.error().text;
  } else if (!read) {
    answer.again = read.error().text;
  } else {
    const auto now = static_cast<std::uint64_t>(RealClock().wall_us() / 1'000'000);
    return OverlayMaker(*snapshot_, keys_).answer(request, message, now);
  }
  return answer;
}

void OverlayMember::on_frame(Frame frame) {
  if (frame.record.get("type") == "reload") return reload();
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
  channel_.send(to_record(told), told.headers + told.signature);
}

void OverlayMember::on_closed(const std::optional<Error>& error) {
  if (error) Log("failed").add("reason", error->text).error();
  ::_exit(error ? kTemporary : 0);
}

} // namespace waypost::dkim
