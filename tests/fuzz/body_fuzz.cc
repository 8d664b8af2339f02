// Any message in any pieces: what leaves has CR and LF only as CRLF, its only lone dot is the last
// line, also for a server that drops NULs; and with the doubled dots taken away it is the message.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "deliver/body.h"

using namespace waypost::deliver;

namespace {

// CR, LF and CRLF as line ends, and an end for the last line: the message as it should arrive.
std::string settled(std::string_view message) {
  std::string lines;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    const bool second = c == '\n' && i > 0 && message[i - 1] == '\r';
    if (second) continue;
    if (c == '\r' || c == '\n') {
      lines += "\r\n";
    } else {
      lines += c;
    }
  }
  if (!lines.empty() && !lines.ends_with('\n')) lines += "\r\n";
  return lines;
}

// What a server makes of it, up to the first lone dot (RFC 5321 4.5.2).
std::string received(std::string_view wire) {
  std::string lines;
  while (!wire.starts_with(".\r\n")) {
    const std::size_t end = wire.find("\r\n");
    if (end == std::string_view::npos) std::abort();
    lines += wire.substr(wire.front() == '.' ? 1 : 0, end + 2 - (wire.front() == '.' ? 1 : 0));
    wire.remove_prefix(end + 2);
  }
  return lines;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = data[0] % 7 + 1;
  const std::string_view message(reinterpret_cast<const char*>(data) + 1, size - 1);
  DotStuffing pieces;
  DotStuffing whole;
  std::string out;
  std::string same;
  for (std::size_t at = 0; at < message.size(); at += piece)
    pieces.append(out, message.substr(at, piece));
  pieces.finish(out);
  whole.append(same, message);
  whole.finish(same);
  if (out != same) std::abort();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '\n' && (i == 0 || out[i - 1] != '\r')) std::abort();
    if (out[i] == '\r' && (i + 1 == out.size() || out[i + 1] != '\n')) std::abort();
  }
  if (!out.ends_with(".\r\n")) std::abort();
  if (received(out) != settled(message)) std::abort();
  std::string bare = "\r\n" + out;
  std::erase(bare, '\0');
  if (bare.find("\r\n.\r\n") != bare.size() - 5) std::abort();
  return 0;
}
