// Ledger: what the sink has seen, in a file that the bench maps and reads while the sink runs.
//
// One writer, one reader, every field a 64-bit word in this order: bench/ledger.py holds the same
// list. Times are CLOCK_MONOTONIC nanoseconds, of the moment when the final dot was read. Nothing
// is ever reset: the bench starts a new sink for each run.
#pragma once

#include <cstdint>

namespace waypost::bench {

struct Ledger {
  std::uint64_t messages = 0;
  std::uint64_t first_ns = 0;
  std::uint64_t last_ns = 0;
  std::uint64_t connections = 0; // ever accepted
  std::uint64_t open = 0;        // now
  std::uint64_t most_open = 0;
  std::uint64_t handshakes = 0; // TLS
  std::uint64_t bytes = 0;      // read, commands included
};

} // namespace waypost::bench
