// Task<T>: a coroutine that computes a T, in the way of C++20 (g++ 12).
//
// Lazy: nothing runs before it is awaited or started. It runs in the thread that resumes it. One
// that ends without waiting has run inside of the await, so that the stack of a loop of such awaits
// stays as deep as it is, whether or not the compiler makes sibling calls; one that waited resumes
// whoever awaited it when it ends (symmetric transfer). The Task owns the coroutine: dropping it
// while it is suspended cancels it, which runs the destructors of its frame.
// Only what lies outside of a coroutine may drop its task. Parameters go by value, or refer to what
// the awaiting frame owns.
//
// An await stands alone: `const T x = co_await f(a, b);` (g++ 12 miscompiles many other places;
// tests/lint/awaits looks for them).
#pragma once

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

namespace waypost::net {

template <class T = void>
class [[nodiscard]] Task;

namespace detail {

// At its end a task resumes who awaited it, or nobody.
struct FinalAwaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
    const std::coroutine_handle<> next = ended.promise().awaited_by;
    return next ? next : std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> awaited_by;
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::abort(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const noexcept {}
};

} // namespace detail

template <class T>
class [[nodiscard]] Task {
public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      drop();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { drop(); }

  // Runs a task that nobody awaits, up to its first suspension. Its owner keeps it until done().
  void start() { handle_.resume(); }
  [[nodiscard]] bool done() const { return !handle_ || handle_.done(); }
  // The result of a started task that is done.
  T take() { return handle_.promise().take(); }
  void drop() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  struct Awaiter {
    Handle handle;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    // False: it has ended, and nobody is suspended.
    [[nodiscard]] bool await_suspend(std::coroutine_handle<> awaiting) const noexcept {
      handle.resume();
      if (handle.done()) return false;
      handle.promise().awaited_by = awaiting;
      return true;
    }
    T await_resume() const { return handle.promise().take(); }
  };
  Awaiter operator co_await() const noexcept { return Awaiter{handle_}; }

private:
  Handle handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

} // namespace detail

} // namespace waypost::net
