#include "queue/commands/top_terminal.h"

#include <cstdio>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/sys/clock.h"

namespace waypost::queue {
namespace {

constexpr int kBetweenMs = 1'000;

} // namespace

TopTerminal::TopTerminal() {
  keys_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
  if (keys_) {
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    now.c_cc[VSUSP] = 0; // a stopped command would leave the terminal like this
    ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
  }
  std::fputs("\x1b[?1049h\x1b[?25l", stdout);
}

TopTerminal::~TopTerminal() {
  std::fputs("\x1b[?25h\x1b[?1049l", stdout);
  std::fflush(stdout);
  if (keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

TopTerminal::Size TopTerminal::size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return {};
  return {size.ws_col, size.ws_row};
}

// Each line is written over the old one, and what is left of that is erased: nothing flickers.
bool TopTerminal::show(const std::vector<std::string>& lines) {
  std::string out = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += (i == 0 ? "" : "\r\n") + lines[i] + "\x1b[K";
  out += "\x1b[J";
  std::fwrite(out.data(), 1, out.size(), stdout);
  return std::fflush(stdout) == 0;
}

bool TopTerminal::wait(Interrupt& interrupt) {
  const RealClock clock;
  const BootMs until = clock.boot_ms() + kBetweenMs;
  for (;;) {
    const BootMs left = until - clock.boot_ms();
    if (left <= 0) return true;
    pollfd ready[] = {{interrupt.fd(), POLLIN, 0}, {keys_ ? STDIN_FILENO : -1, POLLIN, 0}};
    if (::poll(ready, 2, static_cast<int>(left)) < 0 && errno != EINTR) return false;
    if (interrupt.came()) return false;
    if (ready[1].revents == 0) continue;
    char key = 0;
    if (::read(STDIN_FILENO, &key, 1) != 1) return false; // the terminal has gone
    if (key == 'q' || key == 'Q') return false;
  }
}

} // namespace waypost::queue
