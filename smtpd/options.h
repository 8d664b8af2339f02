// The options of waypost-smtpd(8).
#pragma once

#include <span>
#include <string>

#include "lib/sys/error.h"
#include "smtpd/limits.h"

namespace waypost::smtpd {

struct Options {
  bool caller = false; // sendmail -bs
  std::string queue;   // in place of waypost-queue; empty: that
  Limits limits;
};

// Without the program's own name.
[[nodiscard]] Result<Options> parse_options(std::span<const char* const> words);

} // namespace waypost::smtpd
