#include "queue/spool/delivered_to.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMost = std::size_t{256} << 10;
constexpr std::size_t kStep = std::size_t{16} << 10;
constexpr std::string_view kField = "delivered-to:";

bool names(std::string_view line, const std::string& address) {
  if (line.size() < kField.size() || !equal_ignoring_case(line.substr(0, kField.size()), kField))
    return false;
  return equal_ignoring_case(trim(line.substr(kField.size())), address);
}

} // namespace

Result<bool> was_delivered_to(Fs& fs, const MessagePart& message, const std::string& address) {
  std::string header;
  std::size_t looked = 0; // at whole lines
  const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(message.length, kMost));
  while (header.size() < most) {
    const std::size_t before = header.size();
    header.resize(std::min(most, before + kStep));
    const Result<std::size_t> n =
        fs.read_at(message.fd, std::span(header).subspan(before), message.offset + before);
    if (!n) return std::unexpected(n.error());
    if (*n == 0) return fail("the message ends early");
    header.resize(before + *n);
    for (;;) {
      const std::size_t end = header.find("\r\n", looked);
      if (end == std::string::npos) break;
      if (end == looked) return false; // the header's end
      if (names(std::string_view(header).substr(looked, end - looked), address)) return true;
      looked = end + 2;
    }
  }
  return false;
}

} // namespace waypost::queue
