// A snapshot from arbitrary bytes: read without a crash, and what was read is written and read
// again as the same. The checksum is made right, or nothing would come past it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/mail/snapshot.h"
#include "lib/sys/crc32c.h"
#include "lib/sys/netstring.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(waypost::decode_snapshot(bytes));
  waypost::Record end;
  end.add("type", "end").add_number("checksum", waypost::crc32c(bytes));
  waypost::append_netstring(bytes, end.encode());
  const auto snapshot = waypost::decode_snapshot(bytes);
  if (!snapshot) return 0;
  const std::string once = waypost::encode_snapshot(*snapshot);
  const auto again = waypost::decode_snapshot(once);
  if (!again || waypost::encode_snapshot(*again) != once) std::abort();
  return 0;
}
