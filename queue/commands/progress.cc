#include "queue/commands/progress.h"

#include <cstdio>
#include <unistd.h>

namespace waypost::queue {
namespace {

constexpr BootMs kPatience = 1'000;
constexpr BootMs kBetween = 200;

} // namespace

Progress::Progress()
    : terminal_(::isatty(STDERR_FILENO) == 1),
      next_(clock_.boot_ms() + kPatience) {}

void Progress::tell(const Record& answer, const std::string& more) {
  if (!terminal_ || clock_.boot_ms() < next_) return;
  next_ = clock_.boot_ms() + kBetween;
  std::string line = std::to_string(answer.number("looked").value_or(0)) + " of " +
                     std::to_string(answer.number("of").value_or(0)) + " messages looked at";
  if (!more.empty()) line += ", " + more;
  // To the line's beginning, and what stands behind it is erased: ECMA-48 EL.
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

} // namespace waypost::queue
