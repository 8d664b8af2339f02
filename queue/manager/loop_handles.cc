#include "queue/manager/loop_handles.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <utility>

namespace waypost::queue {

struct Readable::State {
  uv_poll_t poll{};
  Fd fd;
  std::function<void()> readable;
};

Readable::Readable(uv_loop_t* loop, Fd fd, std::function<void()> readable)
    : state_(new State{{}, std::move(fd), std::move(readable)}) {
  // Fails only without memory or descriptors, which comes at the start: nothing can go on then.
  if (::uv_poll_init(loop, &state_->poll, state_->fd.get()) != 0) std::abort();
  state_->poll.data = state_;
  ::uv_poll_start(&state_->poll, UV_READABLE,
                  [](uv_poll_t* poll, int, int) { static_cast<State*>(poll->data)->readable(); });
}

Readable::~Readable() {
  ::uv_close(reinterpret_cast<uv_handle_t*>(&state_->poll),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

int Readable::fd() const {
  return state_->fd.get();
}

BootAlarm::BootAlarm(uv_loop_t* loop, std::function<void()> due)
    : timer_(loop, Fd(::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)),
             [this, due = std::move(due)] {
               std::uint64_t count = 0;
               if (::read(timer_.fd(), &count, sizeof count) != sizeof count) return;
               set_for_ = 0;
               due();
             }) {}

void BootAlarm::set(BootMs when) {
  if (when < 1) when = 1; // zero would disarm it
  if (when == set_for_) return;
  set_for_ = when;
  itimerspec spec{};
  spec.it_value.tv_sec = when / 1000;
  spec.it_value.tv_nsec = when % 1000 * 1'000'000;
  ::timerfd_settime(timer_.fd(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

struct SignalWatch::State {
  uv_signal_t signal{};
  std::function<void()> caught;
};

SignalWatch::SignalWatch(uv_loop_t* loop, int number, std::function<void()> caught)
    : state_(new State{{}, std::move(caught)}) {
  ::uv_signal_init(loop, &state_->signal);
  state_->signal.data = state_;
  const auto call = [](uv_signal_t* signal, int) { static_cast<State*>(signal->data)->caught(); };
  ::uv_signal_start(&state_->signal, call, number);
}

SignalWatch::~SignalWatch() {
  ::uv_close(reinterpret_cast<uv_handle_t*>(&state_->signal),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

Result<Fd> FolderWatch::open(int folder) {
  Fd inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify) return fail_errno("inotify");
  const std::string path = "/proc/self/fd/" + std::to_string(folder);
  if (::inotify_add_watch(inotify.get(), path.c_str(), IN_CREATE | IN_MOVED_TO) < 0)
    return fail_errno("watch new/");
  return inotify;
}

FolderWatch::FolderWatch(uv_loop_t* loop, Fd inotify, std::function<void(const std::string&)> name,
                         std::function<void()> missed)
    : events_(loop, std::move(inotify), [this] { read(); }),
      name_(std::move(name)),
      missed_(std::move(missed)) {}

void FolderWatch::read() {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  const ssize_t n = ::read(events_.fd(), buffer.data(), buffer.size());
  bool missed = false;
  for (ssize_t at = 0; at < n;) {
    inotify_event event{};
    std::memcpy(&event, buffer.data() + at, sizeof event);
    const char* name = buffer.data() + at + sizeof event;
    at += static_cast<ssize_t>(sizeof event + event.len);
    if ((event.mask & IN_Q_OVERFLOW) != 0) missed = true;
    if (event.len != 0) name_(name);
  }
  if (missed) missed_();
}

namespace {

struct Apart {
  uv_work_t work{};
  std::function<void()> blocking;
  std::function<void()> then;
};

} // namespace

void run_apart(uv_loop_t* loop, std::function<void()> blocking, std::function<void()> then) {
  auto* apart = new Apart{{}, std::move(blocking), std::move(then)};
  apart->work.data = apart;
  ::uv_queue_work(
      loop, &apart->work, [](uv_work_t* work) { static_cast<Apart*>(work->data)->blocking(); },
      [](uv_work_t* work, int) {
        const std::unique_ptr<Apart> done(static_cast<Apart*>(work->data));
        done->then();
      });
}

} // namespace waypost::queue
