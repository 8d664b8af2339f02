#include "queue/commands/control_client.h"

#include <cstring>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mail/control.h"
#include "lib/sys/fd.h"
#include "lib/sys/netstring.h"
#include "queue/commands/interrupt.h"

namespace waypost::queue {
namespace {

Result<Fd> connected(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail("the path is too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return fail_errno(path);
  return fd;
}

Result<> send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) return {}; // it has closed: what it said before tells why
    if (n < 0) return fail_errno("send the request");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<> send_record(int fd, const Record& record) {
  std::string frame;
  append_netstring(frame, record.encode());
  return send_all(fd, frame);
}

class AnswerReader {
public:
  AnswerReader(int fd, Interrupt* interrupt) : fd_(fd), interrupt_(interrupt) {}

  // The next netstring, valid until the next call.
  Result<std::string_view> next(std::size_t most) {
    buffer_.erase(0, used_);
    used_ = 0;
    for (;;) {
      std::string_view rest(buffer_);
      const auto payload = take_netstring(rest, most);
      if (!payload) return std::unexpected(payload.error());
      if (*payload) {
        used_ = buffer_.size() - rest.size();
        return **payload;
      }
      const Result<> more = fill();
      if (!more) return std::unexpected(more.error());
    }
  }

private:
  // Waits for bytes, and passes an interrupt on, once.
  Result<> wait() {
    while (interrupt_ != nullptr) {
      pollfd ready[] = {{fd_, POLLIN, 0}, {interrupt_->fd(), POLLIN, 0}};
      if (::poll(ready, 2, -1) < 0 && errno != EINTR) return fail_errno("poll");
      if (interrupt_->came()) {
        interrupt_ = nullptr;
        Record stop;
        return send_record(fd_, stop.add("command", "stop"));
      }
      if (ready[0].revents != 0) break;
    }
    return {};
  }

  Result<> fill() {
    const Result<> waited = wait();
    if (!waited) return waited;
    constexpr std::size_t kChunk = std::size_t{64} << 10;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kChunk);
    ssize_t n = 0;
    do {
      n = ::read(fd_, buffer_.data() + before, kChunk);
    } while (n < 0 && errno == EINTR);
    buffer_.resize(before + static_cast<std::size_t>(n < 0 ? 0 : n));
    if (n < 0) return fail_errno("read the answer");
    if (n == 0) return fail("the queue manager ended before its answer did");
    return {};
  }

  int fd_;
  Interrupt* interrupt_; // none once it came
  std::string buffer_;
  std::size_t used_ = 0;
};

Result<Ending> ending(const Record& record) {
  const auto status = record.number("status");
  if (!status || (*status != 0 && *status != 100 && *status != 111))
    return fail("the queue manager's answer ends without a status");
  return Ending{static_cast<int>(*status), std::string(record.get("text"))};
}

} // namespace

Result<Ending> read_answers(int fd, const OnAnswer& on_answer, Interrupt* interrupt) {
  AnswerReader reader(fd, interrupt);
  for (;;) {
    const Result<std::string_view> payload = reader.next(kMaxControlAnswer);
    if (!payload) return std::unexpected(payload.error());
    const Result<Record> record = Record::decode(*payload);
    if (!record) return std::unexpected(record.error());
    const std::string_view type = record->get("type");
    if (type == "end") return ending(*record);
    std::string_view content;
    if (type == "content") {
      const Result<std::string_view> bytes = reader.next(kMaxControlAnswer);
      if (!bytes) return std::unexpected(bytes.error());
      if (bytes->size() != record->number("bytes"))
        return fail("the queue manager announced another number of bytes than it sent");
      content = *bytes;
    }
    const Result<> taken = on_answer(*record, content);
    if (!taken) return std::unexpected(taken.error());
  }
}

Result<Ending> ask_manager(const std::string& socket, const Record& request,
                           const OnAnswer& on_answer, Interrupt* interrupt) {
  if (request.encode().size() > kMaxControlRequest) return fail("too many ids at once");
  const Result<Fd> fd = connected(socket);
  if (!fd) return std::unexpected(fd.error());
  const Result<> sent = send_record(fd->get(), request);
  if (!sent) return std::unexpected(sent.error());
  return read_answers(fd->get(), on_answer, interrupt);
}

} // namespace waypost::queue
