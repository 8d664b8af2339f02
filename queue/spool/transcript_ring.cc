// The file: blocks of 512 bytes. The first holds the head; a frame begins with a block, and what is
// left of its last one is NULs. No value in a record holds NUL and no field is empty, so two NULs
// never stand together in a payload: what a hostile server said cannot pass for a frame's start
// when half of its own has been written over.
#include "queue/spool/transcript_ring.h"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <string>

#include "lib/sys/crc32c.h"
#include "lib/sys/log.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

using namespace std::string_view_literals;

constexpr const char* kName = "transcripts";
constexpr std::string_view kHead = "waypost-transcripts 1\nnext ";
constexpr std::string_view kFrame = "\0\0waypost-transcript "sv;
constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kMaxPayload = std::uint64_t{64} << 10;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30; // of a ring
constexpr std::size_t kWindow = std::size_t{256} << 10;
constexpr std::size_t kMostTold = 20;

std::uint64_t in_blocks(std::uint64_t bytes) {
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

std::string checksum(std::string_view bytes) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", crc32c(bytes));
  return text;
}

std::string head_block(std::uint64_t next) {
  std::string block(kHead);
  block += std::to_string(next) + '\n';
  block.resize(kBlock, '\0');
  return block;
}

// Where the writer stood, as the head says; the first block when it says nothing of use.
std::uint64_t next_of(std::string_view head, std::uint64_t size) {
  if (!head.starts_with(kHead)) return kBlock;
  head.remove_prefix(kHead.size());
  const auto next = parse_number(cut(head, '\n'), size);
  return next && *next >= kBlock && *next % kBlock == 0 ? *next : kBlock;
}

std::string frame_of(const Transcript& transcript) {
  const Record record = to_record(transcript);
  const std::string& payload = record.encode();
  if (payload.size() > kMaxPayload) return {};
  std::string frame(kFrame);
  frame += transcript.id + ' ' + std::to_string(payload.size()) + ' ' + checksum(payload) + '\n';
  frame += payload;
  frame.resize(in_blocks(frame.size()), '\0');
  return frame;
}

struct FrameHead {
  std::string_view id;
  std::string_view sum;
  std::uint64_t payload_at = 0; // from the frame's start
  std::uint64_t payload = 0;
  [[nodiscard]] std::uint64_t end() const { return in_blocks(payload_at + payload); }
};

std::optional<FrameHead> frame_head(std::string_view block) {
  if (!block.starts_with(kFrame)) return std::nullopt;
  const std::size_t end = block.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = block.substr(kFrame.size(), end - kFrame.size());
  FrameHead head;
  head.id = cut(line, ' ');
  const auto payload = parse_number(cut(line, ' '), kMaxPayload);
  if (!payload) return std::nullopt;
  head.sum = line;
  head.payload_at = end + 1;
  head.payload = *payload;
  return head;
}

// The file through a window that is moved as needed.
class Reader {
public:
  Reader(Fs& fs, int fd) : fs_(fs), fd_(fd) {}

  // Those bytes, fewer where the file ends; they last until the next call.
  Result<std::string_view> at(std::uint64_t offset, std::size_t bytes) {
    const bool here = offset >= start_ && offset + bytes <= start_ + window_.size();
    if (!here) {
      window_.resize(std::max(bytes, kWindow));
      const Result<std::size_t> got = fs_.read_at(fd_, window_, offset);
      window_.resize(got.value_or(0));
      start_ = offset;
      if (!got) return std::unexpected(got.error());
    }
    return std::string_view(window_).substr(offset - start_, bytes);
  }

private:
  Fs& fs_;
  int fd_;
  std::string window_;
  std::uint64_t start_ = 0;
};

class Search {
public:
  Search(Fs& fs, int fd, std::string_view id, std::uint32_t uid)
      : reader_(fs, fd),
        id_(id),
        uid_(uid) {}

  // Looks through the frames that begin from `from` up to `until`. One that is not whole is none:
  // it must not hide another that lies in its length.
  Result<> look(std::uint64_t from, std::uint64_t until) {
    while (from < until) {
      const Result<std::string_view> block = reader_.at(from, kBlock);
      if (!block) return std::unexpected(block.error());
      if (block->empty()) return {};
      const std::optional<FrameHead> head = frame_head(*block);
      from += head && take(*head, from) ? head->end() : kBlock;
    }
    return {};
  }
  std::vector<Transcript> found;

private:
  // False when the frame is not whole.
  bool take(const FrameHead& head, std::uint64_t offset) {
    const std::string sum(head.sum); // reading moves the window
    const bool wanted = head.id == id_;
    const std::uint64_t length = head.payload;
    const Result<std::string_view> payload = reader_.at(offset + head.payload_at, length);
    if (!payload || payload->size() != length || checksum(*payload) != sum) return false;
    if (!wanted) return true;
    const Result<Record> record = Record::decode(*payload);
    Result<Transcript> transcript = record ? transcript_of(*record) : fail("damaged");
    if (!transcript || transcript->id != id_ || transcript->uid != uid_) return true;
    if (found.size() == kMostTold) found.erase(found.begin());
    found.push_back(std::move(*transcript));
    return true;
  }

  Reader reader_;
  std::string_view id_;
  std::uint32_t uid_;
};

Result<std::string> read_head(Fs& fs, int fd) {
  std::string head(kBlock, '\0');
  const Result<std::size_t> got = fs.read_at(fd, head, 0);
  if (!got) return std::unexpected(got.error());
  head.resize(*got);
  return head;
}

} // namespace

Result<> TranscriptRing::open() {
  Result<Fd> file =
      fs_.open_at(root_, kName, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
  if (!file) return std::unexpected(file.error());
  const Result<struct stat> status = fs_.status(file->get());
  if (!status) return std::unexpected(status.error());
  if (!S_ISREG(status->st_mode)) return fail("spool/transcripts is not a file");
  const Result<std::string> head = read_head(fs_, file->get());
  if (!head) return std::unexpected(head.error());
  next_ = next_of(*head, size_);
  file_ = std::move(*file);
  return {};
}

Result<> TranscriptRing::write(std::string_view frame) {
  if (!file_) {
    const Result<> opened = open();
    if (!opened) return opened;
  }
  if (frame.size() > size_ - kBlock) return fail("longer than the ring");
  if (next_ + frame.size() > size_) {
    // What is left there is older than what stands before it.
    const Result<> cleared = fs_.write_at(file_.get(), std::string(size_ - next_, '\0'), next_);
    if (!cleared) return cleared;
    next_ = kBlock;
  }
  const Result<> written = fs_.write_at(file_.get(), frame, next_);
  if (!written) return written;
  next_ += frame.size();
  return fs_.write_at(file_.get(), head_block(next_), 0);
}

void TranscriptRing::add(const Transcript& transcript) {
  const std::string frame = frame_of(transcript);
  if (frame.empty()) return;
  const Result<> written = write(frame);
  if (!written && !std::exchange(trouble_, true))
    Log("transcript_lost").id(transcript.id).add("reason", written.error().text).warning();
  if (written) trouble_ = false;
}

Result<std::vector<Transcript>> read_transcripts(Fs& fs, int root, std::string_view id,
                                                 std::uint32_t uid) {
  const Result<Fd> file = fs.open_at(root, kName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
  if (!file && file.error().code == ENOENT) return std::vector<Transcript>();
  if (!file) return std::unexpected(file.error());
  const Result<std::string> head = read_head(fs, file->get());
  if (!head) return std::unexpected(head.error());
  const std::uint64_t next = next_of(*head, kLargest);
  Search search(fs, file->get(), id, uid);
  Result<> looked = search.look(next, kLargest);
  if (looked) looked = search.look(kBlock, next);
  if (!looked) return std::unexpected(looked.error());
  return std::move(search.found);
}

} // namespace waypost::queue
