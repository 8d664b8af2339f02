// The header section of a message that any program may hand in: divided the same however its bytes
// come, completed to a section that parses to its end, and no crash in any address list.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "queue/inject/header_completion.h"
#include "queue/inject/header_recipients.h"
#include "queue/inject/header_section.h"

namespace {

using waypost::queue::HeaderSection;

bool feed(HeaderSection& header, std::string_view bytes, std::size_t step) {
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    const auto ended = header.feed(part);
    if (!ended) return false;
    if (*ended) return true;
  }
  header.finish();
  return true;
}

void require(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  HeaderSection whole;
  HeaderSection pieces;
  if (!feed(whole, text, size + 1) || !feed(pieces, text, 1)) return 0;
  require(whole.fields().size() == pieces.fields().size());
  for (std::size_t i = 0; i < whole.fields().size(); ++i)
    require(whole.fields()[i].text == pieces.fields()[i].text);
  [[maybe_unused]] const auto recipients = waypost::queue::header_recipients(whole);

  const std::string completed =
      waypost::queue::complete_header(whole, {{"Joe", "joe@example.org"}, 1, "id@example.org"});
  HeaderSection again;
  require(feed(again, completed, completed.size() + 1));
  for (const char* name : {"Date", "From", "Message-ID"})
    require(again.has(name));
  require(!again.has("Bcc"));
  return 0;
}
