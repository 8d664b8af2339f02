#include "spfcheck/rsa_key.h"

#include <bit>
#include <cstdint>
#include <optional>

namespace waypost::spfcheck {
namespace {

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kBitString = 0x03;
constexpr std::uint8_t kSequence = 0x30;
// rsaEncryption, 1.2.840.113549.1.1.1, with its tag and length.
constexpr std::string_view kRsaEncryption("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 11);

// Takes one element with this tag off the front and returns what is in it.
std::optional<std::string_view> take(std::string_view& rest, std::uint8_t tag) {
  if (rest.size() < 2 || static_cast<std::uint8_t>(rest[0]) != tag) return std::nullopt;
  std::size_t length = static_cast<std::uint8_t>(rest[1]);
  std::size_t head = 2;
  if (length >= 0x80) {
    const std::size_t count = length & 0x7F; // bytes of the length itself
    if (count == 0 || count > 3 || rest.size() < head + count) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < count; ++i)
      length = length << 8 | static_cast<std::uint8_t>(rest[head + i]);
    head += count;
  }
  if (rest.size() - head < length) return std::nullopt;
  const std::string_view inside = rest.substr(head, length);
  rest.remove_prefix(head + length);
  return inside;
}

Result<int> modulus_bits(std::string_view key) {
  std::optional<std::string_view> modulus = take(key, kInteger);
  const auto exponent = modulus ? take(key, kInteger) : std::nullopt;
  if (!exponent || exponent->empty()) return fail("it has no modulus and exponent");
  while (!modulus->empty() && modulus->front() == '\0')
    modulus->remove_prefix(1);
  if (modulus->empty()) return fail("its modulus is 0");
  const auto first = static_cast<std::uint8_t>(modulus->front());
  return static_cast<int>(modulus->size() - 1) * 8 + std::bit_width(first);
}

} // namespace

Result<int> rsa_bits(std::string_view der) {
  std::string_view rest = der;
  const auto outer = take(rest, kSequence);
  if (!outer || !rest.empty()) return fail("it is not the DER of a key");
  std::string_view inside = *outer;
  const auto algorithm = take(inside, kSequence);
  if (!algorithm) return modulus_bits(*outer);
  if (!algorithm->starts_with(kRsaEncryption)) return fail("it is of another algorithm");
  const auto bits = take(inside, kBitString);
  // The first byte counts the bits that are not used, of which there are none.
  if (!bits || !bits->starts_with('\0')) return fail("it holds no key");
  std::string_view key = bits->substr(1);
  const auto sequence = take(key, kSequence);
  if (!sequence) return fail("it holds no key");
  return modulus_bits(*sequence);
}

} // namespace waypost::spfcheck
