#include "queue/manager/message_pump.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <utility>

#include "lib/sys/log.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10; // what a pipe holds

} // namespace

struct MessagePump::State {
  uv_poll_t poll{};
  Fd pipe;
  Fd file;
  MessagePart message;
  std::string waiting; // read, not yet written
  std::size_t written = 0;
  std::function<void()> done;

  // False: nothing more is to be written.
  bool refill() {
    waiting.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, message.length)));
    written = 0;
    if (waiting.empty()) return false;
    ssize_t n = -1;
    do {
      n = ::pread(file.get(), waiting.data(), waiting.size(), static_cast<off_t>(message.offset));
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
      Log("trouble").add("at", "read a message").add("code", n < 0 ? errno : 0).error();
      return false;
    }
    waiting.resize(static_cast<std::size_t>(n));
    message.offset += static_cast<std::uint64_t>(n);
    message.length -= static_cast<std::uint64_t>(n);
    return true;
  }

  void pump() {
    for (int pieces = 0; pieces < 4; ++pieces) { // the loop has other work
      if (written == waiting.size() && !refill()) return end();
      const ssize_t n = ::write(pipe.get(), waiting.data() + written, waiting.size() - written);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (n < 0) return end(); // the reader has gone: its result says why
      written += static_cast<std::size_t>(n);
    }
  }

  void end() {
    uv_poll_stop(&poll);
    const std::function<void()> then = std::exchange(done, nullptr);
    if (then) then(); // may free this
  }
};

MessagePump::MessagePump(uv_loop_t* loop, Fd pipe, std::string head, Fd file, MessagePart message,
                         std::function<void()> done)
    : state_(std::make_unique<State>().release()) {
  state_->pipe = std::move(pipe);
  state_->file = std::move(file);
  state_->message = message;
  state_->waiting = std::move(head);
  state_->done = std::move(done);
  ::fcntl(state_->pipe.get(), F_SETFL, O_NONBLOCK);
  state_->poll.data = state_;
  uv_poll_init(loop, &state_->poll, state_->pipe.get());
  uv_poll_start(&state_->poll, UV_WRITABLE,
                [](uv_poll_t* poll, int, int) { static_cast<State*>(poll->data)->pump(); });
}

MessagePump::~MessagePump() {
  state_->done = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->poll), [](uv_handle_t* handle) {
    const std::unique_ptr<State> freed(static_cast<State*>(handle->data));
  });
}

} // namespace waypost::queue
