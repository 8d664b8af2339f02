// Challenges of a hostile server to SCRAM, a line each. The first byte says with which digest and
// binding. Without the password nobody is ever accepted.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/sys/text.h"
#include "sasl/exchange.h"
#include "sasl/scram.h"

namespace {

using namespace waypost;
using namespace waypost::sasl;

// Deriving is not what is looked at.
class NoKeys final : public ScramKeySource {
public:
  Result<ScramKeys> keys(Digest digest, std::string_view salt, std::uint32_t iterations) override {
    if (salt.size() < 8 || iterations < 2048 || iterations > 1'000'000) std::abort();
    return ScramKeys{Secret(size_of(digest), 'c'), Secret(size_of(digest), 's')};
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned kind = data[0];
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  NoKeys keys;
  ScramBinding binding;
  if ((kind & 2) != 0) binding = {Gs2::bound, "tls-exporter", "bytes"};
  Scram scram((kind & 1) != 0 ? Digest::sha1 : Digest::sha256, binding, "user", "abc", keys);
  if (!scram.initial()) std::abort();
  while (!rest.empty()) {
    const auto response = scram.respond(cut(rest, '\n'));
    if (!response) break;
    if (response->size() > 2 * size + 256) std::abort();
  }
  if (scram.accepted()) std::abort();
  return 0;
}
