// Where the room keeps what it keeps, in a home (lib/sys/home.h).
#pragma once

#include <string>

#include "lib/sys/home.h"

namespace waypost::sasl {

// The sealed credentials and their keys; an administrator's.
[[nodiscard]] inline std::string credentials_folder(const Home& home) {
  return home.etc + "/credentials";
}
// The oracle's own: what it remembers of servers. Made by waypost-start.
[[nodiscard]] inline std::string pins_folder(const Home& home) {
  return home.spool + "/sasl";
}

} // namespace waypost::sasl
