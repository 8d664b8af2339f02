// Body: the message as it leaves after DATA, made while it is read: overlays applied, dots doubled,
// the final dot at its end (RFC 5321 4.5.2).
//
// Reads by pread only, in blocks, from a descriptor that it does not own. The file holds wire form,
// every line ended by CRLF; should a bare CR or LF stand in it all the same, a CRLF leaves in its
// place, so that no two servers can disagree about where the message ends. A last line without an
// end gets one. All other bytes leave unchanged, NUL and 8-bit ones too. A dot behind NULs at the
// start of a line is doubled like any other (the receiver takes off the first byte, RFC
// 5321 4.5.2): a server that drops NULs would see a lone dot there.
#pragma once

#include <cstdint>
#include <string>

#include "lib/mail/job.h"
#include "lib/sys/error.h"

namespace waypost::deliver {

// Doubles dots and settles line ends, over any pieces of a message.
class DotStuffing {
public:
  void append(std::string& out, std::string_view piece);
  // The end of the message: ends the last line and adds the final dot.
  void finish(std::string& out);

private:
  static constexpr std::size_t kMostNuls = std::size_t{64} << 10; // no server takes such a line

  bool begin_line(std::string& out, std::string_view& piece);
  void release_nuls(std::string& out);
  void end_line(std::string& out);

  bool line_start_ = true;
  bool pending_cr_ = false; // a CR at the end of the last piece
  std::size_t nuls_ = 0;    // held back at the start of a line until it is known what follows
};

class Body {
public:
  static constexpr std::size_t kBlock = std::size_t{64} << 10;

  // `job` outlives this. `signature`: whether the job's signature goes out too.
  Body(const Job& job, int fd, bool signature);

  // Bytes of the message as SIZE counts them (RFC 1870 6: without doubled dots).
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Appends the next block to `out`. False when that was the last, final dot included.
  [[nodiscard]] Result<bool> fill(std::string& out);

private:
  const Job& job_;
  int fd_;
  bool signature_;
  std::uint64_t size_;
  std::uint64_t at_; // of the next byte, counted from the message's start
  bool begun_ = false;
  std::string block_;
  DotStuffing stuffing_;
};

} // namespace waypost::deliver
