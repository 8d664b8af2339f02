// Netstrings, records, and every format that is made of them: what is decoded encodes to what
// decodes to the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/mail/job.h"
#include "lib/mail/notice_request.h"
#include "lib/mail/route_query.h"
#include "lib/sys/netstring.h"

using namespace waypost;

namespace {

// Decodes by `from`, and checks that a value which was taken survives another round.
template <class From>
void round(const Record& record, From from) {
  const auto value = from(record);
  if (!value) return;
  const std::string once = to_record(*value).encode();
  const auto again = from(*Record::decode(once));
  if (!again || to_record(*again).encode() != once) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto payload = take_netstring(rest, 1 << 16);
  const std::string_view bytes =
      payload && *payload ? **payload : std::string_view(reinterpret_cast<const char*>(data), size);
  const Result<Record> record = Record::decode(bytes);
  if (!record) return 0;
  if (record->encode() != bytes) std::abort();
  round(*record, [](const Record& r) { return job_of(r); });
  round(*record, [](const Record& r) { return job_result(r); });
  round(*record, [](const Record& r) { return route_query(r); });
  round(*record, [](const Record& r) { return route_answer(r); });
  round(*record, [](const Record& r) { return notice_request(r); });
  return 0;
}
