#include "lib/mail/handover.h"

#include <algorithm>
#include <cstring>

#include "lib/sys/netstring.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr char kGo = 'G';
constexpr char kStatus = 'S';
constexpr std::uint64_t kMostStatus = 255;

} // namespace

void append_handover(std::string& out, HandoverPart part, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view some = bytes.substr(0, kMaxHandoverFrame - 1);
    out += std::to_string(some.size() + 1);
    out += ':';
    out += static_cast<char>(part);
    out += some;
    out += ',';
    bytes.remove_prefix(some.size());
  }
}

std::span<char> HandoverReader::room() {
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(buffer_).subspan(end_);
}

Result<std::optional<HandoverPiece>> HandoverReader::next() {
  std::string_view rest(buffer_.data() + begin_, end_ - begin_);
  const auto frame = take_netstring(rest, kMaxHandoverFrame);
  if (!frame) return std::unexpected(frame.error());
  if (!*frame) return std::nullopt;
  begin_ = end_ - rest.size();
  if ((*frame)->size() < 2) return fail("an empty piece");
  const auto part = static_cast<HandoverPart>((*frame)->front());
  if (part != HandoverPart::message && part != HandoverPart::envelope)
    return fail("a piece that is neither of the message nor of the envelope");
  if (part == HandoverPart::message && envelope_)
    return fail("a piece of the message behind the envelope");
  envelope_ = part == HandoverPart::envelope;
  return HandoverPiece{part, (*frame)->substr(1)};
}

std::string encode(const HandoverAnswer& answer) {
  std::string payload(1, answer.go ? kGo : kStatus);
  if (!answer.go) {
    payload += std::to_string(answer.status) + ' ';
    payload += utf8_prefix(answer.text, kMaxHandoverText);
  }
  std::string frame;
  append_netstring(frame, payload);
  return frame;
}

Result<std::optional<HandoverAnswer>> take_handover_answer(std::string_view& rest) {
  constexpr std::size_t kMost = kMaxHandoverText + 8;
  const auto frame = take_netstring(rest, kMost);
  if (!frame) return std::unexpected(frame.error());
  if (!*frame) return std::nullopt;
  std::string_view payload = **frame;
  if (payload == std::string_view(&kGo, 1)) return HandoverAnswer{true, 0, ""};
  if (!payload.starts_with(kStatus)) return fail("an answer that is none");
  payload.remove_prefix(1);
  const auto status = parse_number(cut(payload, ' '), kMostStatus);
  if (!status) return fail("an answer without a status");
  return HandoverAnswer{false, static_cast<int>(*status), std::string(payload)};
}

} // namespace waypost
