// What any client may send behind a 354: the end is where the first CRLF.CRLF is and nowhere else,
// a CR or LF that stands alone is always seen, and none of it depends on how the bytes come.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "smtpd/data_text.h"

namespace {

using waypost::smtpd::DataText;

struct Read {
  std::string text;
  std::size_t taken = 0;
  bool ended = false;
  bool bare = false;
};

Read read(std::string_view bytes, std::size_t step, bool lf) {
  Read got;
  DataText text(lf);
  while (!bytes.empty() && !text.ended()) {
    std::string_view part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    const std::size_t given = part.size();
    while (!part.empty() && !text.ended())
      got.text += text.next(part);
    got.taken += given - part.size();
  }
  got.ended = text.ended();
  got.bare = text.bare_line_end();
  return got;
}

// The same, said otherwise: RFC 5321 4.1.1.4 and 4.5.2 over the whole text, whose first line begins
// behind a CRLF.
Read judge(std::string_view bytes, bool lf) {
  const std::string all = "\r\n" + std::string(bytes);
  const std::size_t end = all.find("\r\n.\r\n");
  Read wanted;
  wanted.ended = end != std::string::npos;
  wanted.taken = wanted.ended ? end + 3 : bytes.size();
  const std::string message = all.substr(2, wanted.ended ? end : std::string::npos);
  for (std::size_t i = 0; i < message.size(); ++i) {
    const bool after_lf = i > 0 && message[i - 1] == '\n';
    const bool line = i == 0 || (after_lf && i >= 2 && message[i - 2] == '\r');
    const bool two_dots = message.substr(i, 2) == "..";
    if (!lf && message[i] == '\n' && (i == 0 || message[i - 1] != '\r')) wanted.bare = true;
    if (message[i] == '\r' && i + 1 < message.size() && message[i + 1] != '\n') wanted.bare = true;
    if (line ? message[i] == '.' : lf && after_lf && two_dots) continue;
    wanted.text += message[i];
  }
  return wanted;
}

void require(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const bool lf : {false, true}) {
    const Read wanted = judge(text, lf);
    for (const std::size_t step : {size + 1, std::size_t{1}, std::size_t{7}}) {
      const Read got = read(text, step, lf);
      require(got.ended == wanted.ended && got.taken == wanted.taken && got.bare == wanted.bare);
      if (wanted.ended && !wanted.bare) require(got.text == wanted.text);
    }
  }
  return 0;
}
