// Addresses and domains: what is accepted can end no command, on the wire neither, and its normal
// form is its own normal form.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "deliver/wire_address.h"
#include "lib/mail/address.h"
#include "lib/mail/idna.h"

using namespace waypost;

namespace {

// Between < and > a server must see one address: nothing that ends it stands outside of quotes.
void check_wire(const Address& address, bool smtputf8) {
  const std::optional<std::string> wire = deliver::wire_address(address, smtputf8);
  if (!wire) {
    if (smtputf8) std::abort();
    return;
  }
  bool quoted = false;
  for (std::size_t i = 0; i < wire->size(); ++i) {
    const char c = (*wire)[i];
    if (!smtputf8 && (c & 0x80) != 0) std::abort();
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '<' || c == '>')) {
      std::abort();
    }
  }
  if (quoted) std::abort();
  const Result<Address> again = Address::parse(*wire);
  if (!again || deliver::wire_address(*again, smtputf8) != wire) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<Address> address = Address::parse(bytes);
  if (address) {
    if (address->text() != bytes) std::abort();
    check_wire(*address, true);
    check_wire(*address, false);
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
