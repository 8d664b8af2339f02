// waypost.toml from arbitrary bytes: errors and warnings have a line of the file and print safely;
// what is accepted becomes a snapshot that reads back, and is shown as a file that means the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/sys/text.h"
#include "route/configuration.h"
#include "route/effective.h"

using namespace waypost;
using namespace waypost::route;

namespace {

void check_complaints(const std::vector<Complaint>& all, std::string_view text) {
  const auto lines = static_cast<unsigned>(std::ranges::count(text, '\n')) + 1;
  for (const Complaint& one : all) {
    if (one.line == 0 || one.line > lines) std::abort();
    if (printable(one.text) != one.text) std::abort();
  }
}

// Each rule stands on another line of another file.
std::string encoded(Snapshot snapshot) {
  snapshot.settings.generation = 1;
  for (RouteRule& rule : snapshot.routes)
    rule.where = "waypost.toml:1";
  return encode_snapshot(snapshot);
}

void check_shown(const Configuration& one) {
  const std::string shown = effective_text(effective(one), "waypost.toml");
  const auto again = read_configuration(shown, "waypost.toml");
  if (!again || encoded(again->snapshot) != encoded(one.snapshot)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto all = read_configuration(text, "waypost.toml");
  if (!all) {
    if (all.error().empty()) std::abort();
    check_complaints(all.error(), text);
    return 0;
  }
  check_complaints(all->warnings, text);
  if (!decode_snapshot(encoded(all->snapshot))) std::abort();
  check_shown(*all);
  return 0;
}
