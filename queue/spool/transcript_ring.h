// TranscriptRing: the latest dialogues that did not deliver, in one bounded file of the spool.
// waypost-spool(5).
//
// A million deferred messages cost no more than its size: the oldest dialogues fall out. Nothing is
// synced, and nothing depends on it: without the file, or with any bytes in it, only dialogues are
// missing. Each is a frame of its own that says whose it is, found by looking through the file, so
// that nothing of it is kept in memory and nothing is read when the manager starts.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/mail/transcript.h"
#include "lib/sys/fs.h"

namespace waypost::queue {

inline constexpr std::uint64_t kTranscriptRing = std::uint64_t{16} << 20;

class TranscriptRing {
public:
  // `root`: the spool's folder, held open by somebody else. The file is made at the first need.
  TranscriptRing(Fs& fs, int root, std::uint64_t size = kTranscriptRing)
      : fs_(fs),
        root_(root),
        size_(size) {}

  // Trouble loses this dialogue, and is told to the log once until it is over.
  void add(const Transcript& transcript);

private:
  Result<> open();
  Result<> write(std::string_view frame);

  Fs& fs_;
  int root_;
  std::uint64_t size_;
  Fd file_;
  std::uint64_t next_ = 0; // where the next frame goes
  bool trouble_ = false;
};

// The latest dialogues of a message, oldest first. `uid` is its owner: what was recorded for
// another is not his to read, whatever its id. Any thread; what the ring's writer is just writing
// over is missing.
[[nodiscard]] Result<std::vector<Transcript>>
read_transcripts(Fs& fs, int root, std::string_view id, std::uint32_t uid);

} // namespace waypost::queue
