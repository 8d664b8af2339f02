#include "queue/accept/message_writer.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>

#include "lib/sys/crc32c.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kBuffer = std::size_t{64} << 10;

bool no_unnamed_files(int code) {
  // EISDIR is what kernels say that have never heard of O_TMPFILE (open(2)).
  return code == EOPNOTSUPP || code == EISDIR || code == EINVAL;
}

} // namespace

MessageWriter::~MessageWriter() {
  forget_tmp();
}

Result<> MessageWriter::begin(const MessageId& id, const Origin& origin, std::string_view trace) {
  name_ = id.text();
  const Result<> created = create();
  if (!created) return created;
  step_ = WriteStep::write;
  head_.uid = origin.uid;
  head_.login = origin.login;
  head_.peer = origin.peer;
  head_.arrival_us = origin.arrival_us;
  trace_ = trace.size();
  buffer_ = std::make_unique_for_overwrite<char[]>(kBuffer);
  std::memset(buffer_.get(), 0, MessageHead::kSize); // the head's place, filled in last
  used_ = checked_ = MessageHead::kSize;
  return append(trace);
}

Result<> MessageWriter::create() {
  Result<Fd> file = fs_.open_unnamed(box_.new_folder(), mode_);
  if (!file && no_unnamed_files(file.error().code)) {
    Result<Fd> folder = box_.open_tmp(fs_);
    if (!folder) return std::unexpected(folder.error());
    tmp_folder_ = std::move(*folder);
    file = fs_.open_at(tmp_folder_.get(), name_, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode_);
    if (file) tmp_name_ = name_;
  }
  if (!file) return std::unexpected(file.error());
  file_ = std::move(*file);
  return {};
}

Result<> MessageWriter::message(std::string_view bytes) {
  while (!bytes.empty()) {
    const Result<> appended = append(wire_.next(bytes));
    if (!appended) return appended;
  }
  return {};
}

Result<> MessageWriter::sender(const EnvelopeSender& sender) {
  const Result<> ended = append(wire_.finish());
  if (!ended) return ended;
  head_.hops = wire_.hops();
  head_.eight_bit = wire_.eight_bit();
  head_.message_length = flushed_ + used_ - MessageHead::kSize;
  return append(encode(sender));
}

Result<> MessageWriter::recipient(const EnvelopeRecipient& recipient) {
  if (head_.recipients == UINT32_MAX - 1) return fail("too many recipients");
  ++head_.recipients;
  return append(encode(recipient));
}

void MessageWriter::correct(const Origin& origin, std::string_view trace) {
  head_.login = origin.login;
  head_.peer = origin.peer;
  const std::size_t rest = used_ - MessageHead::kSize - trace_;
  if (flushed_ != 0 || MessageHead::kSize + trace.size() + rest > kBuffer) return;
  char* const begin = buffer_.get() + MessageHead::kSize;
  std::memmove(begin + trace.size(), begin + trace_, rest);
  std::memcpy(begin, trace.data(), trace.size());
  used_ = MessageHead::kSize + trace.size() + rest;
  trace_ = trace.size();
}

Result<Committed> MessageWriter::commit() {
  head_.envelope_length = flushed_ + used_ - head_.envelope_offset();
  const Result<> finished = finish_file();
  if (!finished) return std::unexpected(finished.error());
  step_ = WriteStep::name;
  const Result<Committed> named = name_file();
  if (!named || *named == Committed::existed) return named;
  step_ = WriteStep::sync;
  const Result<> synced = sync();
  if (!synced) return std::unexpected(synced.error());
  return Committed::created;
}

// Marks, then the head: a file with a head is whole, as far as it was written in order. Whatever
// order the disk chose, length and checksum tell.
Result<> MessageWriter::finish_file() {
  checksum_ = crc32c({buffer_.get() + checked_, used_ - checked_}, checksum_);
  checked_ = used_;
  const Result<> marked = append_marks();
  if (!marked) return marked;
  const std::string head = encode_head(head_, checksum_);
  if (flushed_ == 0) {
    std::memcpy(buffer_.get(), head.data(), head.size());
    return flush();
  }
  const Result<> rest = flush();
  if (!rest) return rest;
  return fs_.write_at(file_.get(), head, 0);
}

Result<> MessageWriter::append_marks() {
  std::uint32_t left = head_.recipients;
  while (left != 0) {
    if (used_ == kBuffer) {
      const Result<> flushed = flush();
      if (!flushed) return flushed;
    }
    const std::size_t some = std::min<std::size_t>(left, kBuffer - used_);
    std::memset(buffer_.get() + used_, static_cast<char>(Mark::pending), some);
    used_ += some;
    checked_ = used_; // marks change, so no checksum covers them
    left -= static_cast<std::uint32_t>(some);
  }
  return {};
}

Result<> MessageWriter::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (used_ == kBuffer) {
      const Result<> flushed = flush();
      if (!flushed) return flushed;
    }
    const std::size_t some = std::min(bytes.size(), kBuffer - used_);
    std::memcpy(buffer_.get() + used_, bytes.data(), some);
    used_ += some;
    bytes.remove_prefix(some);
  }
  return {};
}

Result<> MessageWriter::flush() {
  checksum_ = crc32c({buffer_.get() + checked_, used_ - checked_}, checksum_);
  const Result<> written = fs_.write_all(file_.get(), {buffer_.get(), used_});
  if (!written) return written;
  flushed_ += used_;
  used_ = checked_ = 0;
  return {};
}

Result<Committed> MessageWriter::name_file() {
  const Result<> linked = fs_.link_at(file_.get(), box_.new_folder(), name_);
  if (!linked && linked.error().code == EEXIST) return Committed::existed;
  if (!linked) return std::unexpected(linked.error());
  forget_tmp();
  return Committed::created;
}

// The file first: its sync makes bytes and link count durable; the folder's makes the name so.
Result<> MessageWriter::sync() {
  Result<> synced = fs_.sync(file_.get());
  if (synced) synced = fs_.sync(box_.new_folder());
  if (synced) return {};
  // The manager may have taken the message already: then it goes out, and the caller tries again.
  [[maybe_unused]] const Result<> gone = fs_.unlink_at(box_.new_folder(), name_);
  return synced;
}

void MessageWriter::forget_tmp() {
  if (tmp_name_.empty()) return;
  // What cannot be unlinked is litter that the manager clears at its start.
  [[maybe_unused]] const Result<> gone = fs_.unlink_at(tmp_folder_.get(), tmp_name_);
  tmp_name_.clear();
}

} // namespace waypost::queue
