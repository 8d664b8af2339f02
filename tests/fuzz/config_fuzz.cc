// waypost.toml from arbitrary bytes: errors have a line of the file and print safely, and what is
// accepted becomes a snapshot that reads back.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/sys/text.h"
#include "route/configuration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto snapshot = waypost::route::configure(text, "waypost.toml");
  if (!snapshot) {
    const auto lines = static_cast<unsigned>(std::ranges::count(text, '\n')) + 1;
    if (snapshot.error().empty()) std::abort();
    for (const auto& one : snapshot.error()) {
      if (one.line == 0 || one.line > lines) std::abort();
      if (waypost::printable(one.text) != one.text) std::abort();
    }
    return 0;
  }
  snapshot->settings.generation = 1;
  if (!waypost::decode_snapshot(waypost::encode_snapshot(*snapshot))) std::abort();
  return 0;
}
