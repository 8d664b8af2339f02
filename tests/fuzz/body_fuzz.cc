// Any message in any pieces: what leaves has CR and LF only as CRLF, its only lone dot is the last
// line, and taking the doubled dots away gives the same as in one piece.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "deliver/body.h"

using namespace waypost::deliver;

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
  const std::size_t dot = ("\r\n" + out).find("\r\n.\r\n");
  if (dot != out.size() - 3) std::abort();
  return 0;
}
