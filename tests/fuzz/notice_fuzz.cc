// Any notice request and any original: the request is refused or read, and what is rendered is a
// notice of three parts that may travel, however they imitate its boundary.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/sys/netstring.h"
#include "queue/bounce/mime.h"
#include "queue/bounce/notice.h"

using namespace waypost;

namespace {

std::size_t lines_that_begin_with(std::string_view text, const std::string& mark) {
  std::size_t count = 0;
  for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1))
    count += at == 0 || text[at - 1] == '\n' ? 1 : 0;
  return count;
}

void check(const std::string& notice) {
  // A returned message may be 8bit; nothing else is, and no line is too long or ends otherwise.
  if (!queue::eight_bit_safe(notice)) std::abort();
  const std::size_t end = notice.find("\r\n\r\n");
  const std::string header = notice.substr(0, end);
  if (end == std::string::npos || !queue::seven_bit_safe(header)) {
    // Only the addressee, the hostname and the names made from it may be international.
    if (header.find("multipart/report") == std::string::npos) std::abort();
  }
  const std::size_t at = header.find("boundary=\"") + 10;
  const std::string boundary = header.substr(at, header.find('"', at) - at);
  // Three parts and the end.
  if (lines_that_begin_with(notice, "--" + boundary) != 4) std::abort();
  if (!notice.ends_with("--" + boundary + "--\r\n")) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto payload = take_netstring(rest, kMaxNoticeFrame);
  if (!payload || !*payload) return 0;
  const Result<Record> record = Record::decode(**payload);
  if (!record) return 0;
  Result<NoticeRequest> request = notice_request(*record);
  if (!request) return 0;
  const Result<NoticeRequest> again = notice_request(to_record(*request));
  if (!again || again->recipients.size() != request->recipients.size()) std::abort();
  request->original = rest;
  const Result<std::string> notice = queue::render_notice(*request);
  if (notice) check(*notice);
  return 0;
}
