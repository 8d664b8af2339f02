// The filter between the queue manager and the rules: queries in, answers out, in order.
//
// Blocking reads and writes; whatever queries one read brings are answered by one write. Ends at
// the end of its input. `type=reload` reads the snapshot again; when that fails for good, the old
// one stays.
#pragma once

#include <string>
#include <string_view>

#include "lib/sys/error.h"
#include "route/answer.h"

namespace waypost::route {

// The part without descriptors: bytes to answers.
class QueryFilter {
public:
  explicit QueryFilter(std::string snapshot_path);

  // Takes the next bytes; appends an answer for each whole query to `out`. An error: what came is
  // no query, and the pipe is of no more use.
  Result<> feed(std::string_view bytes, std::string& out);
  // The snapshot could not be read this time, though it may be there: end, and be started again.
  [[nodiscard]] const Result<>& read() const { return read_; }

private:
  Result<> take(std::string_view payload, std::string& out);
  void reload();

  std::string path_;
  Result<> read_;
  Routes routes_;
  std::string partial_;
};

// Returns the exit code: 0 at the end of `in`, 111 when something failed.
[[nodiscard]] int run_filter(int in, int out, const std::string& snapshot_path);

} // namespace waypost::route
