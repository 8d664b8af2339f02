#include "deliver/body.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace waypost::deliver {

void DotStuffing::end_line(std::string& out) {
  out += "\r\n";
  line_start_ = true;
  pending_cr_ = false;
}

void DotStuffing::release_nuls(std::string& out) {
  if (nuls_ == 0) return;
  out.append(nuls_, '\0');
  nuls_ = 0;
  line_start_ = false;
}

// At the start of a line: the dot that hides another one. False when more bytes must tell.
bool DotStuffing::begin_line(std::string& out, std::string_view& piece) {
  const std::size_t nuls = std::min(piece.find_first_not_of('\0'), piece.size());
  nuls_ += nuls;
  piece.remove_prefix(nuls);
  if (piece.empty() && nuls_ < kMostNuls) return false;
  if (!piece.empty() && piece.front() == '.') out += '.';
  release_nuls(out);
  return !piece.empty();
}

void DotStuffing::append(std::string& out, std::string_view piece) {
  while (!piece.empty()) {
    if (pending_cr_) {
      if (piece.front() == '\n') piece.remove_prefix(1);
      end_line(out);
      continue;
    }
    if (line_start_ && !begin_line(out, piece)) return;
    const std::size_t feed = std::min(piece.find('\n'), piece.size());
    const std::size_t stop = std::min(piece.substr(0, feed).find('\r'), feed);
    out.append(piece.substr(0, stop));
    if (stop > 0) line_start_ = false;
    if (stop == piece.size()) return;
    if (piece[stop] == '\r') {
      pending_cr_ = true;
    } else {
      end_line(out); // a bare LF
    }
    piece.remove_prefix(stop + 1);
  }
}

void DotStuffing::finish(std::string& out) {
  release_nuls(out);
  if (pending_cr_ || !line_start_) end_line(out);
  out += ".\r\n";
}

Body::Body(const Job& job, int fd, bool signature)
    : job_(job),
      fd_(fd),
      signature_(signature),
      size_(job.length - job.skip + job.headers.size() + (signature ? job.signature.size() : 0)),
      at_(job.skip) {}

Result<bool> Body::fill(std::string& out) {
  if (!begun_) {
    begun_ = true;
    if (signature_) stuffing_.append(out, job_.signature);
    stuffing_.append(out, job_.headers);
  }
  if (at_ < job_.length) {
    block_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, job_.length - at_)));
    const ssize_t got =
        ::pread(fd_, block_.data(), block_.size(), static_cast<off_t>(job_.offset + at_));
    if (got < 0 && errno == EINTR) return true;
    if (got < 0) return fail_errno("read message");
    if (got == 0) return fail("message file is shorter than its job says");
    at_ += static_cast<std::uint64_t>(got);
    stuffing_.append(out, std::string_view(block_).substr(0, static_cast<std::size_t>(got)));
  }
  if (at_ < job_.length) return true;
  stuffing_.finish(out);
  return false;
}

} // namespace waypost::deliver
