#include "sasl/saslprep.h"

#include <algorithm>
#include <cstring>
#include <stringprep.h>

#include "lib/sys/text.h"

namespace waypost::sasl {
namespace {

// U+FDFA, the worst that NFKC knows, makes 33 bytes of 3.
constexpr std::size_t kGrowth = 12;
constexpr std::size_t kMost = 4096;

bool printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace

Result<Secret> saslprep(std::string_view text, Prepared how) {
  if (text.empty()) return fail("SASLprep: it is empty");
  if (printable_ascii(text)) return secret_of(text);
  if (text.size() > kMost || !valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return fail("SASLprep: it is not UTF-8");
  Secret bytes(text.size() * kGrowth + 1, '\0');
  std::ranges::copy(text, bytes.begin());
  const auto flags =
      how == Prepared::as_stored ? STRINGPREP_NO_UNASSIGNED : Stringprep_profile_flags{};
  const int done = ::stringprep(bytes.data(), bytes.size(), flags, ::stringprep_saslprep);
  if (done != STRINGPREP_OK)
    return fail(std::string("SASLprep: ") + ::stringprep_strerror(Stringprep_rc(done)));
  bytes.resize(std::strlen(bytes.data()));
  if (bytes.empty()) return fail("SASLprep: nothing is left of it");
  return bytes;
}

} // namespace waypost::sasl
