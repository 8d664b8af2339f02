// Challenges of a hostile server to each mechanism but SCRAM, a line each, as they come on the
// wire. The first byte says which mechanism. A secret never stands in a response that must not show
// it, and nothing goes on after an error.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "lib/sys/text.h"
#include "sasl/base64.h"
#include "sasl/bearer.h"
#include "sasl/cram_md5.h"
#include "sasl/exchange.h"
#include "sasl/external.h"
#include "sasl/plain.h"

namespace {

using namespace waypost;
using namespace waypost::sasl;

constexpr std::string_view kSecret = "the-very-secret";

std::unique_ptr<Mechanism> make(unsigned kind) {
  switch (kind % 6) {
  case 0: return std::make_unique<CramMd5>("user", secret_of(kSecret));
  case 1: return std::make_unique<External>("user");
  case 2: return std::make_unique<Plain>("user", secret_of(kSecret));
  case 3: return std::make_unique<Login>("user", secret_of(kSecret));
  case 4: return std::move(*xoauth2("user", kSecret));
  default: return std::move(*oauthbearer("user", kSecret, "host", 587));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool hides = data[0] % 6 < 2;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  Exchange exchange("FUZZ", make(data[0]));
  const LoginAnswer begun = exchange.begin();
  const auto initial = decode_base64(begun.initial.value_or(""));
  if (!initial || (hides && initial->find(kSecret) != std::string::npos)) std::abort();
  while (!rest.empty()) {
    const std::optional<LoginAnswer> answer = exchange.challenge(cut(rest, '\n'));
    if (!answer) std::abort(); // none of these waits
    if (answer->kind == LoginAnswer::Kind::cancel) break;
    const auto bytes = decode_base64(answer->text);
    if (!bytes) std::abort();
    if (hides && bytes->find(kSecret) != std::string::npos) std::abort();
  }
  const LoginAnswer last = exchange.accepted();
  if (last.kind != LoginAnswer::Kind::proven && last.kind != LoginAnswer::Kind::cancel)
    std::abort();
  return 0;
}
