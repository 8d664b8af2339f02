// The few libuv handles of the queue manager, owned. Each calls its function on the loop's thread;
// the handle itself lives on the heap until libuv has closed it.
#pragma once

#include <functional>
#include <string>
#include <uv.h>

#include "lib/sys/clock.h"
#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::queue {

// Calls `readable` whenever the descriptor, which it owns, can be read.
class Readable {
public:
  Readable(uv_loop_t* loop, Fd fd, std::function<void()> readable);
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;
  ~Readable();
  [[nodiscard]] int fd() const;

private:
  struct State;
  State* state_;
};

// One alarm on CLOCK_BOOTTIME, which goes on while the machine sleeps. Nothing wakes without one.
class BootAlarm {
public:
  BootAlarm(uv_loop_t* loop, std::function<void()> due);
  void set(BootMs when);

private:
  Readable timer_;
  BootMs set_for_ = 0; // 0: not armed
};

class SignalWatch {
public:
  SignalWatch(uv_loop_t* loop, int number, std::function<void()> caught);
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch();

private:
  struct State;
  State* state_;
};

// Names that appear in a folder. `missed`: the kernel could not keep up, look for yourself.
class FolderWatch {
public:
  [[nodiscard]] static Result<Fd> open(int folder);
  FolderWatch(uv_loop_t* loop, Fd inotify, std::function<void(const std::string&)> name,
              std::function<void()> missed);

private:
  void read();

  Readable events_;
  std::function<void(const std::string&)> name_;
  std::function<void()> missed_;
};

// `blocking` on a thread of libuv's, then `then` on the loop's.
void run_apart(uv_loop_t* loop, std::function<void()> blocking, std::function<void()> then);

} // namespace waypost::queue
