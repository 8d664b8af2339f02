// Scripts of waypost-sink from arbitrary bytes: errors have a line of the file, in order, and print
// safely; what is accepted keeps its promises.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "demo/script.h"
#include "lib/sys/text.h"

using namespace waypost::demo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto script = parse_script(text);
  if (!script) {
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    std::size_t last = 1;
    if (script.error().empty()) std::abort();
    for (const ScriptError& one : script.error()) {
      if (one.line < last || one.line > lines) std::abort();
      if (one.text.empty() || waypost::printable(one.text) != one.text) std::abort();
      last = one.line;
    }
    return 0;
  }
  for (const Section& section : script->sections) {
    if (section.steps.empty() || section.times == 0) std::abort();
    if (waypost::ascii_lower(section.words) != section.words) std::abort();
    for (const Step& step : section.steps)
      if (step.what == Do::reply &&
          (step.bytes.empty() || step.bytes.find('\n') != std::string::npos))
        std::abort();
  }
  if (script->most_sessions != 0 && script->refusal.empty()) std::abort();
  return 0;
}
