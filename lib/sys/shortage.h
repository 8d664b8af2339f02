// Errors that pass: the machine is short of something for a moment, or a disk hiccups.
//
// Nothing is wrong with what was asked for, so it must not be taken for absent or damaged: whoever
// can be started again ends, whoever has a caller tells it to come again.
#pragma once

#include "lib/sys/error.h"

namespace waypost {

[[nodiscard]] inline bool passes(const Error& error) {
  switch (error.code) {
  case EIO:
  case EAGAIN:
  case EINTR:
  case ENOMEM:
  case ENOBUFS:
  case EMFILE:
  case ENFILE: return true;
  default: return false;
  }
}

} // namespace waypost
