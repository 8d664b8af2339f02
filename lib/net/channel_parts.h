// The two halves of a channel without a loop: frames taken out of bytes that arrived, and frames
// waiting to leave.
//
// Both work on a non-blocking descriptor and never wait. Also used by programs that have no loop,
// on blocking ones.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "lib/mail/record.h"
#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost {

struct Frame;

class IncomingFrames {
public:
  // `most`: the longest payload of a netstring that is taken.
  explicit IncomingFrames(std::size_t most) : most_(most) {}

  // One read of what is there. False at the end of file; true also when nothing was there yet.
  [[nodiscard]] Result<bool> read_from(int fd, bool socket);
  // The next whole frame; none until more has been read.
  [[nodiscard]] Result<std::optional<Frame>> next();

private:
  Result<> keep_descriptors(const msghdr& message);

  std::size_t most_;
  std::string buffer_;
  std::size_t taken_ = 0;         // of buffer_
  std::optional<Record> waiting_; // a record whose bytes have not all arrived
  std::deque<Fd> descriptors_;
};

class OutgoingFrames {
public:
  void push(const Record& record, std::string_view bytes, Fd descriptor);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // Writes what the descriptor takes. True when all has left, false when it would block.
  [[nodiscard]] Result<bool> write_to(int fd, bool socket);

private:
  // Bytes that leave in one go; the descriptors travel with the first byte.
  struct Chunk {
    std::string bytes;
    std::vector<Fd> descriptors;
  };
  static constexpr std::size_t kChunk = 64 * 1024;
  static constexpr std::size_t kDescriptors = 32; // the kernel takes 253

  std::deque<Chunk> chunks_;
  std::size_t sent_ = 0;  // of the first chunk
  std::size_t bytes_ = 0; // in all, not sent yet
};

} // namespace waypost
