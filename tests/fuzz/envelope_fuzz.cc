// The envelope parser on anything: it never breaks, takes the same whatever the chunks, and what it
// took it can write and take again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/mail/envelope.h"

using namespace waypost;

namespace {

struct Stored : EnvelopeSink {
  std::string bytes;
  Result<> on_sender(const EnvelopeSender& sender) override {
    bytes += encode(sender);
    return {};
  }
  Result<> on_recipient(const EnvelopeRecipient& recipient) override {
    bytes += encode(recipient);
    return {};
  }
};

bool parse(std::string_view bytes, std::size_t chunk, std::string& stored) {
  Stored sink;
  EnvelopeParser parser(sink);
  bool whole = false;
  while (!bytes.empty()) {
    const Result<bool> fed = parser.feed(bytes.substr(0, chunk));
    if (!fed) return false;
    whole = *fed;
    bytes.remove_prefix(bytes.size() < chunk ? bytes.size() : chunk);
  }
  stored = sink.bytes;
  return whole;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string whole;
  std::string by_byte;
  const bool first = parse(bytes, size + 1, whole);
  const bool second = parse(bytes, 1, by_byte);
  if (first != second || (first && whole != by_byte)) std::abort();
  if (!first) return 0;
  Stored again;
  EnvelopeParser parser(again);
  if (!parser.feed(whole) || !parser.finish() || again.bytes != whole) std::abort();
  return 0;
}
