// TopTerminal: a terminal that shows one picture after another, on the screen that terminals keep
// beside the usual one (xterm's ?1049), and is as it was before when this goes. Keys are read one
// by one.
#pragma once

#include <string>
#include <termios.h>
#include <vector>

#include "queue/commands/interrupt.h"

namespace waypost::queue {

class TopTerminal {
public:
  TopTerminal();
  TopTerminal(const TopTerminal&) = delete;
  TopTerminal& operator=(const TopTerminal&) = delete;
  ~TopTerminal();

  struct Size {
    std::size_t width = 80;
    std::size_t height = 24;
  };
  [[nodiscard]] static Size size();
  // False: nobody looks any more.
  [[nodiscard]] bool show(const std::vector<std::string>& lines);
  // False when q or Ctrl-C was pressed before a second was over.
  [[nodiscard]] bool wait(Interrupt& interrupt);

private:
  bool keys_ = false; // standard input is a terminal
  termios before_{};
};

} // namespace waypost::queue
