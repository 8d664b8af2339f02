// A file in place of a private key: refused with a reason, or a key that is written as it was read
// and whose record and signature can be made.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dkim/key.h"

using waypost::dkim::Key;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = Key::parse({reinterpret_cast<const char*>(data), size});
  if (!key) {
    if (key.error().text.empty()) std::abort();
    return 0;
  }
  if (key->bits() > Key::kMostBits) std::abort();
  const auto pem = key->pem();
  if (!pem) std::abort();
  const auto again = Key::parse(*pem);
  if (!again || again->dns_record().value_or("") != key->dns_record().value_or("x")) std::abort();
  return 0;
}
