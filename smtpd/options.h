// The options of waypost-smtpd(8).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/sys/error.h"
#include "smtpd/limits.h"

namespace waypost::smtpd {

struct Options {
  bool caller = false;             // sendmail -bs
  std::string queue;               // in place of waypost-queue; empty: that
  std::vector<std::string> listen; // addresses, as find_listeners() takes them
  std::uint64_t connections = 40;  // at a time, where we take them
  bool local = false;              // strangers may send to those who are here
  Limits limits;
};

// Without the program's own name.
[[nodiscard]] Result<Options> parse_options(std::span<const char* const> words);

} // namespace waypost::smtpd
