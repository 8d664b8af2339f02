#include "sasl/secret_input.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "sasl/sealing.h"

namespace waypost::sasl {
namespace {

constexpr char kControlC = 3;
constexpr std::size_t kMostTyped = 4095; // termios(3): of a line what is longer gets lost

// The terminal without echo, and without signals: one that came meanwhile would leave it so.
class Quiet {
public:
  explicit Quiet(int terminal) : terminal_(terminal) {
    good_ = ::tcgetattr(terminal_, &before_) == 0;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    good_ = good_ && ::tcsetattr(terminal_, TCSAFLUSH, &quiet) == 0;
  }
  ~Quiet() {
    if (good_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  [[nodiscard]] bool good() const { return good_; }

private:
  int terminal_;
  termios before_{};
  bool good_;
};

// Up to the end of the line (`line`) or of the input.
Result<Secret> read_all(int in, bool line) {
  Secret text(kMaxSecret + 2);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(in, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read");
    size += static_cast<std::size_t>(got);
    if (got == 0 || (line && text[size - 1] == '\n')) break;
  }
  if (size == text.size()) return fail("the secret is longer than 8192 bytes");
  if (size > 0 && text[size - 1] == '\n') --size;
  text.resize(size);
  return text;
}

Result<Secret> ask(int terminal, const std::string& prompt) {
  if (::write(terminal, prompt.data(), prompt.size()) < 0) return fail_errno("write");
  Result<Secret> typed = read_all(terminal, true);
  [[maybe_unused]] const ssize_t n = ::write(terminal, "\n", 1);
  if (typed && std::ranges::find(*typed, kControlC) != typed->end()) return fail("given up");
  if (typed && typed->size() >= kMostTyped)
    return fail("a terminal cuts off what is longer than 4094 bytes; hand it in by standard input");
  return typed;
}

} // namespace

Result<Secret> read_secret(int in, const std::string& what) {
  if (::isatty(in) == 0) return read_all(in, false);
  const Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal) return fail_errno("open /dev/tty");
  const Quiet quiet(terminal.get());
  if (!quiet.good()) return fail_errno("the terminal");
  Result<Secret> first = ask(terminal.get(), what + ": ");
  if (!first) return first;
  const Result<Secret> second = ask(terminal.get(), "the same again: ");
  if (!second) return second;
  if (!equal(view(*first), view(*second))) return fail("these are two different ones");
  return first;
}

} // namespace waypost::sasl
