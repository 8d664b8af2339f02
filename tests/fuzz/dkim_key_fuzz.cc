// A DKIM key record from arbitrary bytes, with the DER of its key: what is read has a length, and
// errors print safely. The bytes are also taken as DER alone, which base64 rarely leads to.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/sys/text.h"
#include "spfcheck/dkim_key.h"
#include "spfcheck/rsa_key.h"

using namespace waypost;
using namespace waypost::spfcheck;

namespace {

void check_error(const Error& error) {
  if (error.text.empty() || printable(error.text) != error.text) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto key = parse_dkim_key(text);
  if (!key) {
    check_error(key.error());
  } else if (!key->revoked && (key->bits <= 0 || key->bits > static_cast<int>(size) * 8)) {
    std::abort();
  }
  const auto bits = rsa_bits(text);
  if (!bits) {
    check_error(bits.error());
  } else if (*bits <= 0 || *bits > static_cast<int>(size) * 8) {
    std::abort();
  }
  return 0;
}
