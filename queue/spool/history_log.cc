#include "queue/spool/history_log.h"

#include <algorithm>
#include <string>

namespace waypost::queue {
namespace {

constexpr std::size_t kFirstBlock = 16 * 1024;
constexpr std::size_t kLongestFrame = kMaxHistoryPayload + 64;

} // namespace

Result<HistoryEnd> read_history(const MessageFile& file, std::uint64_t from, std::uint64_t until,
                                const std::function<bool(const HistoryEntry&)>& each) {
  HistoryEnd end{from, false};
  std::string buffer;
  std::uint64_t read = end.offset; // the file's bytes before here are in the buffer or taken
  std::size_t block = kFirstBlock;
  while (end.offset < until) {
    std::string_view rest(buffer);
    while (const auto entry = take_history(rest)) {
      end.offset += buffer.size() - rest.size();
      buffer.erase(0, buffer.size() - rest.size());
      rest = buffer;
      block = kFirstBlock;
      if (!each(*entry)) return end;
    }
    // No whole frame in hand: more of the file may complete it, until no frame can be that long.
    if (read >= until || buffer.size() > kLongestFrame) break;
    const std::size_t have = buffer.size();
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(block, until - read));
    buffer.resize(have + want);
    const Result<std::size_t> n = file.read({buffer.data() + have, want}, read);
    buffer.resize(have + n.value_or(0));
    if (!n) return std::unexpected(n.error());
    if (*n == 0) break;
    read += *n;
    block *= 2;
  }
  end.torn = end.offset < until;
  return end;
}

} // namespace waypost::queue
