#include "sasl/base64.h"

namespace waypost::sasl {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

template <class Bytes>
std::optional<Bytes> decode(std::string_view text) {
  Bytes bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const int done = ::sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                       text.data(), text.size(), nullptr, &size, nullptr, kVariant);
  if (done != 0) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

} // namespace

Secret encode_base64(std::string_view bytes) {
  Secret text(sodium_base64_encoded_len(bytes.size(), kVariant));
  ::sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), kVariant);
  text.pop_back(); // the NUL
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  return decode<std::string>(text);
}

std::optional<Secret> decode_base64_secret(std::string_view text) {
  return decode<Secret>(text);
}

} // namespace waypost::sasl
