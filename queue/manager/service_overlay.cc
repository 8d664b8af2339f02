// The service and waypost-overlay: each message with a pipe of its own, which is fed from here, and
// by which it gets nothing of the envelope and the history.
#include <fcntl.h>
#include <unistd.h>

#include "queue/manager/service.h"

namespace waypost::queue {

void Service::send_overlay_request(const OverlayRequest& request, Fd message,
                                   std::uint64_t offset) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    OverlayAnswer answer;
    answer.number = request.number;
    answer.again = fail_errno("make a pipe").error().text;
    return manager_->later(0, [this, answer] { manager_->on_overlay(answer); });
  }
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const MessagePart part{message.get(), offset, request.length};
  overlays_.channel().send(to_record(request), {}, std::move(read_end));
  const std::uint64_t number = request.number;
  overlay_pumps_[number] =
      std::make_unique<MessagePump>(loop_, std::move(write_end), std::string(), std::move(message),
                                    part, [this, number] { overlay_pumps_.erase(number); });
}

void Service::overlay_frame(Frame frame) {
  const Result<OverlayAnswer> answer = overlay_answer(frame.record, frame.bytes);
  if (!answer) return broken("waypost-overlay: " + answer.error().text);
  overlay_pumps_.erase(answer->number);
  manager_->on_overlay(*answer);
}

} // namespace waypost::queue
