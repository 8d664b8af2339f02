// What any program may hand in as a message: in wire form every line ends with CRLF, no CR or LF
// stands alone, the form does not depend on how the bytes come, and it is its own wire form.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/mail/wire_form.h"

namespace {

using waypost::WireForm;

std::string convert(std::string_view bytes, std::size_t step, WireForm& wire) {
  std::string out;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    while (!part.empty())
      out += wire.next(part);
  }
  out += wire.finish();
  return out;
}

void require(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  WireForm whole;
  const std::string out = convert(text, size + 1, whole);
  require(out.empty() == text.empty());
  require(out.empty() || out.ends_with("\r\n"));
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '\r') require(i + 1 < out.size() && out[i + 1] == '\n');
    if (out[i] == '\n') require(i > 0 && out[i - 1] == '\r');
  }
  WireForm pieces;
  require(convert(text, 1, pieces) == out);
  require(pieces.hops() == whole.hops() && pieces.eight_bit() == whole.eight_bit());
  WireForm again;
  require(convert(out, 3, again) == out);
  require(again.hops() == whole.hops());
  return 0;
}
