#include <criterion/criterion.h>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <vector>

#include "lib/sys/pipe.h"
#include "queue/manager/loaded_word.h"

using namespace waypost;
using queue::say_loaded;

namespace {

// What was put off, to be done when the test says so.
struct Agenda {
  std::vector<std::function<void()>> calls;
  queue::Later later = [this](BootMs wait, std::function<void()> then) {
    cr_expect(wait > 0, "at full speed");
    calls.push_back(std::move(then));
  };
};

std::string heard(int fd) {
  std::string bytes(1 << 17, '\0');
  const ssize_t n = ::read(fd, bytes.data(), bytes.size());
  bytes.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return bytes;
}

} // namespace

Test(loaded_word, is_a_newline_once) {
  const auto pipe = open_pipe(O_NONBLOCK);
  cr_assert(pipe.has_value());
  Agenda agenda;
  say_loaded(pipe->write.get(), agenda.later);
  cr_expect(heard(pipe->read.get()) == "\n");
  cr_expect(agenda.calls.empty());
}

Test(loaded_word, that_could_not_be_written_is_written_later) {
  const auto pipe = open_pipe(O_NONBLOCK);
  cr_assert(pipe.has_value());
  while (::write(pipe->write.get(), "xxxx", 4) > 0) {
  }
  Agenda agenda;
  say_loaded(pipe->write.get(), agenda.later);
  cr_assert_eq(agenda.calls.size(), 1);
  agenda.calls.front()(); // still full
  cr_assert_eq(agenda.calls.size(), 2);
  cr_expect(heard(pipe->read.get()).find('\n') == std::string::npos);
  agenda.calls.back()();
  cr_expect(heard(pipe->read.get()) == "\n");
  cr_expect_eq(agenda.calls.size(), 2);
}

Test(loaded_word, is_not_repeated_to_nobody) {
  ::signal(SIGPIPE, SIG_IGN);
  auto pipe = open_pipe();
  cr_assert(pipe.has_value());
  Agenda agenda;
  pipe->read.reset();
  say_loaded(pipe->write.get(), agenda.later);
  const int closed = pipe->write.get();
  pipe->write.reset();
  say_loaded(closed, agenda.later);
  cr_expect(agenda.calls.empty());
}
