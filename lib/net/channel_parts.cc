#include "lib/net/channel_parts.h"

#include <array>
#include <cstring>
#include <utility>

#include "lib/net/channel.h"
#include "lib/sys/netstring.h"

namespace waypost {
namespace {

// Each channel touches this much for good: a few frames, and 200 senders have one each.
constexpr std::size_t kReadSize = 16 * 1024;
constexpr std::size_t kMaxWaitingDescriptors = 256;
constexpr std::size_t kMaxInMessage = 253; // SCM_MAX_FD

ssize_t send_with(int fd, std::string_view bytes, const std::vector<Fd>& descriptors) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxInMessage)> control{};
  if (!descriptors.empty()) {
    const std::size_t length = sizeof(int) * descriptors.size();
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(length);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(length);
    unsigned char* at = CMSG_DATA(header);
    for (const Fd& one : descriptors) {
      const int number = one.get();
      std::memcpy(at, &number, sizeof number);
      at += sizeof number;
    }
  }
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

} // namespace

Result<bool> IncomingFrames::read_from(int fd, bool socket) {
  buffer_.erase(0, std::exchange(taken_, 0));
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kReadSize);
  iovec part{buffer_.data() + before, kReadSize};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxInMessage)> control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t n =
      socket ? ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC) : ::read(fd, part.iov_base, part.iov_len);
  const int code = errno;
  buffer_.resize(before + static_cast<std::size_t>(n > 0 ? n : 0));
  if (n < 0) {
    if (code == EAGAIN || code == EINTR) return true;
    return fail_errno("read from a channel", code);
  }
  if (socket) {
    const Result<> kept = keep_descriptors(message);
    if (!kept) return std::unexpected(kept.error());
  }
  return n > 0;
}

Result<> IncomingFrames::keep_descriptors(const msghdr& message) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(const_cast<msghdr*>(&message), header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(header) + i * sizeof number, sizeof number);
      descriptors_.emplace_back(number);
    }
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0) return fail("channel: descriptors were lost");
  if (descriptors_.size() > kMaxWaitingDescriptors) return fail("channel: too many descriptors");
  return {};
}

Result<std::optional<Frame>> IncomingFrames::next() {
  std::string_view rest = std::string_view(buffer_).substr(taken_);
  const auto take = [&]() -> Result<std::optional<std::string_view>> {
    auto payload = take_netstring(rest, most_);
    taken_ = buffer_.size() - rest.size();
    return payload;
  };
  if (!waiting_) {
    const auto payload = take();
    if (!payload) return std::unexpected(payload.error());
    if (!*payload) return std::nullopt;
    Result<Record> record = Record::decode(**payload);
    if (!record) return std::unexpected(record.error());
    waiting_ = std::move(*record);
  }
  Frame frame;
  if (waiting_->has("bytes")) {
    const auto bytes = take();
    if (!bytes) return std::unexpected(bytes.error());
    if (!*bytes) return std::nullopt;
    if (waiting_->number("bytes") != (*bytes)->size()) return fail("channel: bytes= does not fit");
    frame.bytes = **bytes;
  }
  if (waiting_->has("fd")) {
    if (descriptors_.empty()) return fail("channel: a descriptor is missing");
    frame.descriptor = std::move(descriptors_.front());
    descriptors_.pop_front();
  }
  frame.record = std::move(*waiting_);
  waiting_.reset();
  return frame;
}

void OutgoingFrames::push(const Record& record, std::string_view bytes, Fd descriptor) {
  const bool fits = !chunks_.empty() && (sent_ == 0 || chunks_.size() > 1 || !descriptor.valid()) &&
                    chunks_.back().bytes.size() < kChunk &&
                    chunks_.back().descriptors.size() < kDescriptors;
  if (!fits) chunks_.emplace_back();
  Chunk& chunk = chunks_.back();
  const std::size_t before = chunk.bytes.size();
  append_netstring(chunk.bytes, record.encode());
  if (!bytes.empty()) append_netstring(chunk.bytes, bytes);
  bytes_ += chunk.bytes.size() - before;
  if (descriptor.valid()) chunk.descriptors.push_back(std::move(descriptor));
}

Result<bool> OutgoingFrames::write_to(int fd, bool socket) {
  while (!chunks_.empty()) {
    Chunk& chunk = chunks_.front();
    const std::string_view rest = std::string_view(chunk.bytes).substr(sent_);
    const ssize_t n =
        socket ? send_with(fd, rest, chunk.descriptors) : ::write(fd, rest.data(), rest.size());
    if (n < 0) {
      // ETOOMANYREFS: too many descriptors in flight for our user; the other side has to take some
      // first.
      if (errno == EAGAIN || errno == EINTR || errno == ETOOMANYREFS) return false;
      return fail_errno("write to a channel");
    }
    chunk.descriptors.clear();
    bytes_ -= static_cast<std::size_t>(n);
    sent_ += static_cast<std::size_t>(n);
    if (sent_ < chunk.bytes.size()) continue;
    chunks_.pop_front();
    sent_ = 0;
  }
  return true;
}

} // namespace waypost
