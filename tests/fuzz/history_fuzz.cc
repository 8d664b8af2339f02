// A history of any bytes: what is taken off is framed again to the same bytes' meaning, and folding
// it never fails.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/mail/history.h"
#include "queue/spool/progress.h"

using namespace waypost;

namespace {

// A frame with the right checksum around bytes that the fuzzer chose: else it never gets further.
std::string framed(std::string_view payload) {
  const auto record = Record::decode(payload);
  if (!record) return {};
  const auto entry = history_entry(*record);
  return entry ? frame_history(*entry) : std::string();
}

void take_all(std::string_view rest) {
  queue::ProgressFold fold({0, 1, 7, 1000});
  for (std::size_t before = rest.size(); const auto entry = take_history(rest);
       before = rest.size()) {
    if (rest.size() >= before) std::abort();
    fold.take(*entry);
    const std::string again = frame_history(*entry);
    std::string_view view(again);
    const auto same = take_history(view);
    if (!same || !(*same == *entry) || !view.empty()) std::abort();
  }
  for (const queue::RecipientProgress& one : fold.progress()) {
    static_cast<void>(one.prefer());
    static_cast<void>(one.avoid());
    if (one.moves > 0 && one.refused.empty()) std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  take_all(bytes);
  take_all(framed(bytes));
  return 0;
}
