// What a caller says to waypost-accept, and what a stranger answers in its place. The first byte
// says in what steps the bytes come. However they are divided, the same is read.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/mail/handover.h"

using namespace waypost;

namespace {

struct Heard {
  std::string message;
  std::string envelope;
  bool error = false;
  bool operator==(const Heard&) const = default;
};

Heard read(std::string_view bytes, std::size_t step) {
  HandoverReader reader;
  Heard heard;
  for (;;) {
    const auto piece = reader.next();
    heard.error = !piece;
    if (heard.error) return heard;
    if (*piece) {
      if ((*piece)->bytes.empty()) std::abort();
      const bool message = (*piece)->part == HandoverPart::message;
      if (message && !heard.envelope.empty()) std::abort();
      (message ? heard.message : heard.envelope) += (*piece)->bytes;
      continue;
    }
    if (bytes.empty()) return heard;
    const std::span<char> room = reader.room();
    if (room.empty()) std::abort();
    const std::size_t some = std::min({bytes.size(), room.size(), step});
    std::ranges::copy(bytes.substr(0, some), room.begin());
    reader.received(some);
    bytes.remove_prefix(some);
  }
}

void answers(std::string_view bytes) {
  for (;;) {
    const auto answer = take_handover_answer(bytes);
    if (!answer || !*answer) return;
    const std::string again = encode(**answer);
    std::string_view rest = again;
    const auto second = take_handover_answer(rest);
    if (!second || !*second || (*second)->status != (*answer)->status) std::abort();
    if ((*second)->go != (*answer)->go) std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Heard heard = read(bytes, data[0] + std::size_t{1});
  if (heard != read(bytes, bytes.size() + 1)) std::abort();
  std::string again;
  append_handover(again, HandoverPart::message, heard.message);
  append_handover(again, HandoverPart::envelope, heard.envelope);
  const Heard same = read(again, again.size() + 1);
  if (same.error || same.message != heard.message || same.envelope != heard.envelope) std::abort();
  answers(bytes);
  return 0;
}
