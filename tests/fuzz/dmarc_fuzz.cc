// A DMARC record from arbitrary bytes: what is read prints safely, and only what begins as one is
// one.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/sys/text.h"
#include "spfcheck/dmarc.h"

using namespace waypost;
using namespace waypost::spfcheck;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto record = parse_dmarc(text);
  if (!record) {
    if (record.error().text.empty() || printable(record.error().text) != record.error().text)
      std::abort();
    return 0;
  }
  if (!is_dmarc_record(text)) std::abort();
  if (record->percent < 0 || record->percent > 100) std::abort();
  if (printable(record->remark) != record->remark) std::abort();
  return 0;
}
