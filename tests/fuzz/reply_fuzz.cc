// The reply parser on anything that a server may send, line by line: bounded, and what it accepts
// is a reply.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/mail/reply.h"
#include "lib/sys/text.h"

using namespace waypost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  ReplyParser parser;
  while (!rest.empty()) {
    const auto reply = parser.line(cut(rest, '\n'));
    if (!reply) return 0;
    if (!*reply) continue;
    const Reply& one = **reply;
    if (one.code < 200 || one.code > 599) std::abort();
    if (one.text.size() > ReplyParser::kMaxReply || one.text.find('\0') != std::string::npos)
      std::abort();
    if (one.status.present() && one.status.klass != one.code / 100) std::abort();
    if (!valid_utf8(printable(one.one_line()))) std::abort();
  }
  return 0;
}
