// Bytes in place of a credential's file, and of a line of the oracle's filter: what is read is
// written so that it reads the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sasl/filter.h"
#include "sasl/sealing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waypost::sasl;
  static const KeyPair key = new_key_pair();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto credential = decode_credential(bytes);
  if (credential) {
    const auto again = decode_credential(encode(*credential));
    if (!again || *again != *credential) std::abort();
    if (unseal(*credential, key)) std::abort(); // nobody has sealed it to this key
  }
  const auto record = record_of_line(bytes);
  if (record && bytes.find('\n') == std::string_view::npos && !bytes.empty()) {
    std::string line = line_of(*record);
    line.pop_back();
    if (line != bytes) std::abort();
  }
  return 0;
}
