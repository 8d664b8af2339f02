// Progress: one line on a terminal's standard error for what takes longer than a second. Nothing
// where standard error is no terminal.
#pragma once

#include <cstdint>
#include <string>

#include "lib/mail/record.h"
#include "lib/sys/clock.h"

namespace waypost::queue {

class Progress {
public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  // type=progress; `more` is what else is worth saying: "12 held".
  void tell(const Record& answer, const std::string& more);
  // Before something else is printed.
  void clear();

private:
  bool terminal_;
  bool shown_ = false;
  RealClock clock_;
  BootMs next_; // the line is written again from then on
};

} // namespace waypost::queue
