// Bytes in place of a credential's file, of a secret, of the pins' file, and of a line of the
// oracle's filter: what is read is written so that it reads the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sasl/filter.h"
#include "sasl/pins.h"
#include "sasl/sealing.h"
#include "tests/fuzz/one_file_fs.h"

namespace {

using namespace waypost::sasl;

void seal_and_open(std::string_view bytes, const KeyPair& key) {
  const auto kind = bytes.size() % 2 == 0 ? SecretKind::password : SecretKind::token;
  const SealedCredential sealed = seal("name", kind, 1, bytes.substr(0, kMaxSecret), key.open);
  const auto read = decode_credential(encode(sealed));
  if (!read || *read != sealed) std::abort();
  const auto secret = unseal(*read, key);
  if (!secret || view(*secret) != bytes.substr(0, kMaxSecret)) std::abort();
}

void take_pins(std::string_view bytes) {
  waypost::test::OneFileFs fs{std::string(bytes)};
  const Pins pins(fs, "folder");
  const Pin* const found = pins.find("ses", "smtp.test", Digest::sha256);
  if (found != nullptr && found->iterations > 1'000'000) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const KeyPair key = new_key_pair();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto credential = decode_credential(bytes);
  if (credential) {
    const auto again = decode_credential(encode(*credential));
    if (!again || *again != *credential) std::abort();
    if (unseal(*credential, key)) std::abort(); // nobody has sealed it to this key
  }
  seal_and_open(bytes, key);
  take_pins(bytes);
  const auto record = record_of_line(bytes);
  if (record && bytes.find('\n') == std::string_view::npos && !bytes.empty()) {
    std::string line = line_of(*record);
    line.pop_back();
    if (line != bytes) std::abort();
  }
  return 0;
}
