// Frames between waypost-qmgr and waypost-overlay: whatever comes, either it is refused or it comes
// back as it went, and no part is longer than it may be.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/mail/overlay_request.h"

namespace {

using namespace waypost;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_answer(const Record& record, std::string_view bytes) {
  const auto answer = overlay_answer(record, bytes);
  if (!answer) return;
  const auto again = overlay_answer(to_record(*answer), answer->headers + answer->signature);
  require(again.has_value() && again->number == answer->number);
  if (!answer->again.empty()) return require(!again->again.empty());
  require(answer->headers.size() + answer->signature.size() <= kMaxOverlay);
  require(again->sender == answer->sender && again->skip == answer->skip);
  require(again->headers == answer->headers && again->signature == answer->signature);
  require(again->why_unsigned.empty() == answer->why_unsigned.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  // The record, and behind the first empty line raw bytes.
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t end = text.find("\n\n");
  const Result<Record> record = Record::decode(text.substr(0, end));
  if (!record) return 0;
  const auto request = overlay_request(*record);
  if (request) {
    const auto again = overlay_request(to_record(*request));
    require(again.has_value() && again->sender == request->sender);
    require(again->account == request->account && again->length == request->length);
    require(again->generation == request->generation);
  }
  check_answer(*record, end == std::string_view::npos ? "" : text.substr(end + 2));
  return 0;
}
