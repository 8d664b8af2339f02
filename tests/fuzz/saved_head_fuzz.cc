// The head of a saved message, from a file that anybody may have changed: what is accepted is
// written again as a head that means the same, with not one recipient more.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "submit/saved_head.h"

using namespace waypost::submit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto parsed = parse_saved_head(text);
  if (!parsed) return 0;
  if (parsed->length > size || parsed->head.recipients.empty()) std::abort();
  const std::string written = saved_head_text(parsed->head);
  const auto again = parse_saved_head(written);
  if (!again || again->length != written.size()) std::abort();
  if (again->head.recipients != parsed->head.recipients) std::abort();
  if (again->head.sender.sender != parsed->head.sender.sender) std::abort();
  return 0;
}
