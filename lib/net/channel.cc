#include "lib/net/channel.h"

#include <fcntl.h>
#include <utility>

#include "lib/net/channel_parts.h"

namespace waypost {

// The handles live here, on the heap, until libuv has closed the last of them; the Channel may go
// before.
class Channel::State {
public:
  State(uv_loop_t* loop, Fd in, Fd out, std::size_t most, ChannelHandler& handler)
      : in_(std::move(in)),
        out_(std::move(out)),
        socket_(!out_.valid()),
        handler_(&handler),
        frames_(most) {
    const auto nonblocking = [](int fd) {
      ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    };
    nonblocking(in_.get());
    if (!socket_) nonblocking(out_.get());
    ::uv_prepare_init(loop, &flusher_);
    flusher_.data = this;
    handles_ = 1;
    unwatched_ = start_poll(loop, reader_, in_.get());
    if (!socket_ && unwatched_ == 0) unwatched_ = start_poll(loop, writer_, out_.get());
    // Told by the loop, not from within the constructor; and the loop must live until then.
    if (unwatched_ != 0) {
      ::uv_prepare_start(&flusher_, on_prepare);
      return;
    }
    // A queued frame must not keep a loop alive, and must leave before the loop waits.
    ::uv_unref(reinterpret_cast<uv_handle_t*>(&flusher_));
    listen();
  }

  void send(Record record, std::string_view bytes, Fd descriptor) {
    if (closed()) return;
    if (!bytes.empty()) record.add_number("bytes", bytes.size());
    if (descriptor.valid()) record.add("fd", "1");
    outgoing_.push(record, bytes, std::move(descriptor));
    if (!blocked_) ::uv_prepare_start(&flusher_, on_prepare);
  }

  [[nodiscard]] std::size_t queued() const { return outgoing_.bytes(); }
  [[nodiscard]] bool closed() const { return handler_ == nullptr; }

  void pause(bool on) {
    paused_ = on;
    if (!closed() && unwatched_ == 0) listen();
  }

  void close() {
    if (closed()) return;
    handler_ = nullptr;
    const auto gone = [](uv_handle_t* handle) {
      auto* self = static_cast<State*>(handle->data);
      if (--self->handles_ == 0 && self->orphan_) delete self;
    };
    for (uv_poll_t* const poll : {&reader_, &writer_})
      if (poll->data != nullptr) ::uv_close(reinterpret_cast<uv_handle_t*>(poll), gone);
    ::uv_close(reinterpret_cast<uv_handle_t*>(&flusher_), gone);
  }

  // The Channel is gone: this goes as soon as libuv lets it.
  void abandon() {
    orphan_ = true;
    close();
    if (handles_ == 0) delete this;
  }

private:
  // 0, or why the kernel cannot watch it: a limit, or no memory.
  int start_poll(uv_loop_t* loop, uv_poll_t& poll, int fd) {
    const int failed = ::uv_poll_init(loop, &poll, fd);
    if (failed != 0) return -failed;
    poll.data = this;
    ++handles_;
    return 0;
  }

  // Arms the polls for what is wanted now. Armed polls stay armed: each change costs system calls.
  void listen() {
    const int write = blocked_ ? UV_WRITABLE : 0;
    const int read = paused_ ? 0 : UV_READABLE;
    arm(reader_, read | (socket_ ? write : 0));
    if (!socket_) arm(writer_, write);
  }

  static void arm(uv_poll_t& poll, int events) {
    if (events == 0) {
      ::uv_poll_stop(&poll);
    } else {
      ::uv_poll_start(&poll, events, on_poll);
    }
  }

  static void on_poll(uv_poll_t* poll, int status, int events) {
    auto* self = static_cast<State*>(poll->data);
    if ((events & UV_WRITABLE) != 0) self->flush();
    const bool readable = poll == &self->reader_ && (events & UV_READABLE) != 0;
    if (!self->closed() && (readable || status < 0)) self->read();
  }

  static void on_prepare(uv_prepare_t* prepare) { static_cast<State*>(prepare->data)->flush(); }

  void flush() {
    if (unwatched_ != 0) return end(fail_errno("watch a channel", unwatched_).error());
    // What on_drained() sends leaves in this turn too: this runs where the loop is about to wait.
    do {
      const Result<bool> all = outgoing_.write_to(socket_ ? in_.get() : out_.get(), socket_);
      if (!all) return end(all.error());
      const bool was_blocked = std::exchange(blocked_, !*all);
      if (blocked_ != was_blocked) listen();
      if (blocked_) break;
      handler_->on_drained();
    } while (!closed() && outgoing_.bytes() > 0);
    if (!closed()) ::uv_prepare_stop(&flusher_);
  }

  void read() {
    const Result<bool> open = frames_.read_from(in_.get(), socket_);
    while (!closed()) {
      Result<std::optional<Frame>> frame = frames_.next();
      if (!frame) return end(frame.error());
      if (!*frame) break;
      handler_->on_frame(std::move(**frame));
    }
    if (closed()) return;
    if (!open) return end(open.error());
    if (!*open) end(std::nullopt);
  }

  void end(const std::optional<Error>& error) {
    ChannelHandler* handler = handler_;
    close();
    if (handler != nullptr) handler->on_closed(error);
  }

  Fd in_;
  Fd out_;
  bool socket_;
  ChannelHandler* handler_; // none once closed
  IncomingFrames frames_;
  OutgoingFrames outgoing_;
  uv_poll_t reader_{};
  uv_poll_t writer_{};
  uv_prepare_t flusher_{};
  int handles_ = 0;   // that libuv still holds
  int unwatched_ = 0; // errno: it never came to life
  bool blocked_ = false;
  bool paused_ = false;
  bool orphan_ = false;
};

Channel::Channel(uv_loop_t* loop, Fd in, Fd out, std::size_t most, ChannelHandler& handler)
    : state_(new State(loop, std::move(in), std::move(out), most, handler)) {}

Channel::~Channel() {
  state_->abandon();
}

void Channel::send(Record record, std::string_view bytes, Fd descriptor) {
  state_->send(std::move(record), bytes, std::move(descriptor));
}

std::size_t Channel::queued() const {
  return state_->queued();
}

void Channel::close() {
  state_->close();
}

bool Channel::closed() const {
  return state_->closed();
}

void Channel::pause() {
  state_->pause(true);
}

void Channel::resume() {
  state_->pause(false);
}

} // namespace waypost
