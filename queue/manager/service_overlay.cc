// The service and waypost-overlay: each message with a pipe of its own, which is fed from here, and
// by which it gets nothing of the envelope and the history.
#include "lib/sys/pipe.h"
#include "queue/manager/service.h"

namespace waypost::queue {

void Service::send_overlay_request(const OverlayRequest& request, Fd message,
                                   std::uint64_t offset) {
  Result<Pipe> pipe = open_pipe();
  if (!pipe) {
    OverlayAnswer answer;
    answer.number = request.number;
    answer.again = pipe.error().text;
    return manager_->later(0, [this, answer] { manager_->on_overlay(answer); });
  }
  const MessagePart part{message.get(), offset, request.length};
  overlays_.channel().send(to_record(request), {}, std::move(pipe->read));
  const std::uint64_t number = request.number;
  overlay_pumps_[number] = std::make_unique<MessagePump>(
      loop_, std::move(pipe->write), std::string(), std::move(message), part,
      [this, number] { overlay_pumps_.erase(number); });
}

void Service::overlay_frame(Frame frame) {
  const Result<OverlayAnswer> answer = overlay_answer(frame.record, frame.bytes);
  if (!answer) return broken("waypost-overlay: " + answer.error().text);
  overlay_pumps_.erase(answer->number);
  manager_->on_overlay(*answer);
}

} // namespace waypost::queue
