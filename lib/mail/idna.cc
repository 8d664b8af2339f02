#include "lib/mail/idna.h"

#include <algorithm>
#include <idn2.h>
#include <memory>

#include "lib/mail/address.h"
#include "lib/sys/text.h"

namespace waypost {

Result<std::string> normal_domain(std::string_view text) {
  const Result<Domain> domain = Domain::parse(text);
  if (!domain) return std::unexpected(domain.error());
  // An ASCII name is taken as it is: "_dmarc", "--x--" and friends live in DNS though IDNA has no
  // word for them.
  if (domain->literal() || domain->ascii()) return domain->lower();
  char* raw = nullptr;
  const int code =
      ::idn2_to_ascii_8z(domain->lower().c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> ascii(raw, ::idn2_free);
  if (code != IDN2_OK) {
    return fail("domain " + printable(text) + " has no ASCII form: " + ::idn2_strerror(code));
  }
  return std::string(ascii.get());
}

} // namespace waypost
