// System calls: which of them a promise stands for, and the seccomp filter that keeps it.
//
// The tables in system_calls.cc are the whole policy. A call that no promise names is answered
// EPERM. One that is newer than our kernels (its number is 424 or more, the same on every
// architecture, and it is not known to be dangerous) is answered ENOSYS, as an old kernel would:
// the C library then falls back to what it did before. A call by another architecture's numbers
// ends the process.
#pragma once

#include <linux/filter.h>
#include <optional>
#include <sys/types.h>
#include <vector>

#include "lib/sys/confine.h"

namespace waypost {

// A program for seccomp(2), made once for any number of processes.
struct SystemCallFilter {
  std::vector<sock_filter> steps; // comparisons with kOwnProcess stand for the process's number

  // As it is for the process `self`.
  [[nodiscard]] std::vector<sock_filter> of(pid_t self) const;
};

// Each family must be named: nothing follows from another one here.
//
// `held`: a filter for this is in force already, of the process that this one was forked from. The
// kernel asks both, so that the new one says only what is taken away beside it: the kernel works
// for a tenth of a millisecond on a whole one.
[[nodiscard]] SystemCallFilter system_call_filter(May may, std::optional<May> held = std::nullopt);

// False where the kernel has no filters, or forbids their use.
[[nodiscard]] bool has_system_call_filters();

// The process must have no new privileges.
[[nodiscard]] Result<> filter_system_calls(const SystemCallFilter& filter);

} // namespace waypost
