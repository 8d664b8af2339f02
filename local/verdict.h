// Verdict: how a delivery ended: an exit status of sysexits(3), and a sentence that goes into the
// message's history as the reply.
#pragma once

#include <string>
#include <sysexits.h>

#include "lib/sys/error.h"

namespace waypost::local {

struct Verdict {
  int exit = EX_OK;
  std::string text;
};

// Trouble of this machine: it is tried again.
[[nodiscard]] inline Verdict again(std::string text) {
  return {EX_TEMPFAIL, "450 " + std::move(text)};
}
[[nodiscard]] inline Verdict again(const Error& error) {
  return again(error.text);
}

} // namespace waypost::local
