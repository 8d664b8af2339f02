#include "sasl/saslname.h"

#include "sasl/saslprep.h"

namespace waypost::sasl {

Result<std::string> saslname(std::string_view user) {
  const Result<Secret> prepared = saslprep(user, Prepared::as_query);
  if (!prepared) return fail("user: " + prepared.error().text);
  std::string name;
  for (const char c : view(*prepared)) {
    if (c == ',') {
      name += "=2C";
    } else if (c == '=') {
      name += "=3D";
    } else {
      name += c;
    }
  }
  return name;
}

} // namespace waypost::sasl
