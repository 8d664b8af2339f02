// The settings of msmtp, nullmailer or Postfix, from arbitrary bytes: what is written of them
// passes our own check. The first byte chooses the program; what the files beside it hold is the
// rest of the bytes too.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "route/import_text.h"

using namespace waypost;
using namespace waypost::route;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::size_t kMost = 512; // each is read, written, and read again as TOML
  if (size == 0 || size > kMost) return 0;
  const std::string text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const std::size_t half = text.find('\x01');
  const std::string first = text.substr(0, half);
  const std::string beside = half == std::string::npos ? "" : text.substr(half + 1);
  const ReadFile read = [&](const std::string&) { return Result<std::string>(beside); };
  ImportDraft draft;
  switch (bytes[0] % 3) {
  case 0: draft = import_msmtp(first, "/etc/msmtprc"); break;
  case 1: draft = import_nullmailer(first, "/etc/nullmailer/remotes", read); break;
  default: draft = import_postfix(first, "/etc/postfix/main.cf", read); break;
  }
  if (!import_text(draft, "a fuzzer")) std::abort();
  return 0;
}
