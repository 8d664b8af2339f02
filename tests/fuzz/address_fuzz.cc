// Addresses and domains: what is accepted can end no command, and its normal form is its own normal
// form.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/mail/address.h"
#include "lib/mail/idna.h"

using namespace waypost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<Address> address = Address::parse(bytes);
  if (address) {
    if (address->text() != bytes) std::abort();
    for (const char c : bytes) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) std::abort();
    }
    if (!address->domain().empty() && !Domain::parse(address->domain())) std::abort();
  }
  const Result<std::string> normal = normal_domain(bytes);
  if (normal) {
    const Result<std::string> again = normal_domain(*normal);
    if (!again || *again != *normal) std::abort();
  }
  return 0;
}
