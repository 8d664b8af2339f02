#include "queue/bounce/filter.h"

#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <unistd.h>

#include "lib/mail/notice_request.h"
#include "lib/sys/fs.h"
#include "lib/sys/log.h"
#include "lib/sys/netstring.h"
#include "queue/bounce/notice.h"

namespace waypost::queue {
namespace {

// The requests' side: whole netstrings, read as they come.
class RequestReader {
public:
  RequestReader(int in, int lifeline) : in_(in) {
    if (::fcntl(lifeline, F_GETFD) >= 0) lifeline_ = lifeline;
  }

  // The next payload, valid until the next call; none at the end.
  Result<std::optional<std::string_view>> next() {
    buffer_.erase(0, used_);
    used_ = 0;
    for (;;) {
      std::string_view rest(buffer_);
      auto payload = take_netstring(rest, kMaxNoticeFrame);
      if (!payload) return std::unexpected(payload.error());
      if (*payload) {
        used_ = buffer_.size() - rest.size();
        return *payload;
      }
      const Result<bool> more = fill();
      if (!more) return std::unexpected(more.error());
      if (*more) continue;
      if (!buffer_.empty()) return fail("the requests end in the middle of one");
      return std::nullopt;
    }
  }

private:
  // Reads what is there; false at the end, and when the tree is gone.
  Result<bool> fill() {
    constexpr std::size_t kChunk = std::size_t{64} << 10;
    pollfd waits[] = {{in_, POLLIN, 0}, {lifeline_, POLLIN, 0}};
    while (::poll(waits, 2, -1) < 0) {
      if (errno != EINTR) return fail_errno("poll");
    }
    if (waits[1].revents != 0) {
      buffer_.clear();
      return false;
    }
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kChunk);
    ssize_t n = 0;
    do {
      n = ::read(in_, buffer_.data() + before, kChunk);
    } while (n < 0 && errno == EINTR);
    buffer_.resize(before + static_cast<std::size_t>(n < 0 ? 0 : n));
    if (n < 0) return fail_errno("read requests");
    return n > 0;
  }

  int in_;
  int lifeline_ = -1;
  std::string buffer_;
  std::size_t used_ = 0; // bytes of the buffer that the last payload took
};

// The notice for a request whose original has been read, framed.
std::string answer(const Record& record, Result<NoticeRequest> request) {
  Record head;
  head.add("type", "notice").add("id", record.get("id"));
  Result<std::string> notice =
      request ? render_notice(*request) : Result<std::string>(std::unexpected(request.error()));
  std::string out;
  if (!notice) {
    Log("notice-refused").id(record.get("id")).add("why", notice.error().text).error();
    append_netstring(out, head.add("error", notice.error().text).encode());
    return out;
  }
  append_netstring(out, head.add_number("bytes", notice->size()).encode());
  append_netstring(out, *notice);
  return out;
}

} // namespace

Result<> run_bounce_filter(int in, int out, int lifeline) {
  RequestReader reader(in, lifeline);
  RealFs fs;
  for (;;) {
    const auto payload = reader.next();
    if (!payload) return std::unexpected(payload.error());
    if (!*payload) return {};
    const Result<Record> record = Record::decode(**payload);
    if (!record) return std::unexpected(record.error());
    Result<NoticeRequest> request = notice_request(*record);
    if (record->has("bytes")) {
      const auto original = reader.next();
      if (!original) return std::unexpected(original.error());
      if (!*original) return fail("the requests end before an original");
      if (request) request->original = **original;
      if ((*original)->size() != record->number("bytes"))
        request = fail("notice request: the original is not as long as announced");
    }
    const Result<> written = fs.write_all(out, answer(*record, std::move(request)));
    if (!written) return written;
  }
}

} // namespace waypost::queue
