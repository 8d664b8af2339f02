#include "queue/spool/message_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>

#include "lib/sys/crc32c.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kSmallTail = 8 * 1024;
constexpr std::size_t kBlock = 64 * 1024;

// Damage, not trouble: a symbolic link, FIFO, directory or device where a message was expected.
bool wrong_kind(int code) {
  return code == ELOOP || code == EISDIR || code == ENXIO || code == ENODEV;
}

Result<> acceptable(const struct stat& st) {
  if (!S_ISREG(st.st_mode)) return fail("not a regular file");
  if (st.st_nlink > 1) return fail("the file has more than one name");
  if ((st.st_mode & (S_IWOTH | S_ISUID | S_ISGID)) != 0) return fail("the file's mode is not ours");
  return {};
}

} // namespace

Result<MessageFile> MessageFile::open(Fs& fs, int dir, const std::string& name) {
  Result<Fd> fd = fs.open_at(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
  if (!fd) {
    if (wrong_kind(fd.error().code)) return fail("not a regular file");
    return std::unexpected(fd.error());
  }
  MessageFile file(fs);
  file.fd_ = std::move(*fd);
  const Result<struct stat> st = fs.status(file.fd());
  if (!st) return std::unexpected(st.error());
  const Result<> kind = acceptable(*st);
  if (!kind) return std::unexpected(kind.error());
  file.size_ = static_cast<std::uint64_t>(st->st_size);

  std::array<char, MessageHead::kSize> block{};
  const Result<std::size_t> have = fs.read_at(file.fd(), block, 0);
  if (!have) return std::unexpected(have.error());
  Result<MessageHead> head = decode_head({block.data(), *have});
  if (!head) return std::unexpected(head.error());
  file.head_ = std::move(*head);
  if (file.size_ < file.head_.history_offset())
    return fail("the file is shorter than its head says");
  file.history_end_ = file.head_.history_offset();
  const Result<> tail = file.read_tail();
  if (!tail) return std::unexpected(tail.error());
  return file;
}

// Most messages have a short envelope and no history: one read for all of it.
Result<> MessageFile::read_tail() {
  const std::uint64_t length = size_ - head_.envelope_offset();
  if (length > kSmallTail) return {};
  tail_.resize(length);
  const Result<std::size_t> have = fs_->read_at(fd(), tail_, head_.envelope_offset());
  if (!have) return std::unexpected(have.error());
  if (*have != length) return fail("the file became shorter while it was read");
  return {};
}

Result<std::size_t> MessageFile::read(std::span<char> bytes, std::uint64_t offset) const {
  const std::uint64_t start = head_.envelope_offset();
  if (tail_.empty() || offset < start || offset > start + tail_.size()) {
    return fs_->read_at(fd(), bytes, offset);
  }
  const std::size_t from = static_cast<std::size_t>(offset - start);
  const std::size_t n = std::min(bytes.size(), tail_.size() - from);
  std::memcpy(bytes.data(), tail_.data() + from, n);
  return n;
}

Result<> MessageFile::verify() const {
  std::string block(kBlock, '\0');
  std::uint32_t sum = 0;
  for (std::uint64_t at = head_.message_offset(); at < head_.marks_offset();) {
    const auto want = std::min<std::uint64_t>(block.size(), head_.marks_offset() - at);
    const Result<std::size_t> have =
        fs_->read_at(fd(), {block.data(), static_cast<std::size_t>(want)}, at);
    if (!have) return std::unexpected(have.error());
    if (*have != want) return fail("the file became shorter while it was read");
    sum = crc32c({block.data(), *have}, sum);
    at += *have;
  }
  if (head_checksum(head_, sum) != head_.checksum) return fail("the checksum does not match");
  return {};
}

Result<> MessageFile::load_marks() {
  std::string marks(head_.recipients, '\0');
  const Result<std::size_t> have = read(marks, head_.marks_offset());
  if (!have) return std::unexpected(have.error());
  if (*have != marks.size()) return fail("the file became shorter while it was read");
  for (const char c : marks) {
    if (!parse_mark(c)) return fail("a recipient's mark is none that we write");
  }
  marks_ = std::move(marks);
  return {};
}

std::uint32_t MessageFile::count(Mark mark) const {
  return static_cast<std::uint32_t>(std::ranges::count(marks_, static_cast<char>(mark)));
}

std::uint32_t MessageFile::find(Mark mark, std::uint32_t from) const {
  const std::size_t at = marks_.find(static_cast<char>(mark), from);
  return at == std::string::npos ? head_.recipients : static_cast<std::uint32_t>(at);
}

bool MessageFile::set_mark(std::uint32_t recipient, Mark mark) {
  if (recipient >= marks_.size() || !may_follow(this->mark(recipient), mark)) return false;
  marks_[recipient] = static_cast<char>(mark);
  unwritten_.push_back(recipient);
  return true;
}

Result<> MessageFile::write_marks() {
  if (unwritten_.empty()) return {};
  touched();
  std::ranges::sort(unwritten_);
  const auto [first, last] = std::ranges::unique(unwritten_);
  unwritten_.erase(first, last);
  std::size_t done = 0;
  Result<> written;
  while (done < unwritten_.size()) {
    std::size_t end = done + 1;
    while (end < unwritten_.size() && unwritten_[end] == unwritten_[end - 1] + 1)
      ++end;
    const std::uint32_t from = unwritten_[done];
    const std::string_view run = std::string_view(marks_).substr(from, end - done);
    written = fs_->write_at(fd(), run, head_.marks_offset() + from);
    if (!written) break;
    done = end;
  }
  const auto middle = unwritten_.begin() + static_cast<std::ptrdiff_t>(done);
  unsynced_.insert(unsynced_.end(), unwritten_.begin(), middle);
  unwritten_.erase(unwritten_.begin(), middle);
  return written;
}

Result<> MessageFile::append_history(const HistoryEntry& entry) {
  touched();
  const Result<struct stat> st = fs_->status(fd());
  if (!st) return std::unexpected(st.error());
  if (static_cast<std::uint64_t>(st->st_size) != history_end_) {
    const Result<> cut = fs_->truncate(fd(), history_end_);
    if (!cut) return cut;
  }
  const std::string frame = frame_history(entry);
  Result<> written = fs_->write_at(fd(), frame, history_end_);
  if (written) {
    history_end_ += frame.size();
  } else {
    // A torn frame ends the history for its readers as well; cutting it off is tidiness.
    const Result<> cut = fs_->truncate(fd(), history_end_);
    static_cast<void>(cut);
  }
  return written;
}

Result<> MessageFile::sync() {
  const std::vector<std::uint32_t> covered = covers();
  Result<> done = fs_->sync_data(fd());
  synced(done.has_value(), covered);
  return done;
}

std::vector<std::uint32_t> MessageFile::covers() {
  return std::exchange(unsynced_, {});
}

void MessageFile::synced(bool good, const std::vector<std::uint32_t>& covered) {
  if (!good) unwritten_.insert(unwritten_.end(), covered.begin(), covered.end());
}

} // namespace waypost::queue
