// Bytes on the oracle's sockets: frames, records, and whichever of scope, query and answer they
// are. What is read must be written so that it reads the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/mail/login.h"
#include "lib/sys/netstring.h"

namespace {

template <class Read, class Again>
void expect_same(const Read& read, Again again) {
  if (!read) return;
  const auto second = again(to_record(*read));
  if (!second || *second != *read) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (;;) {
    const auto frame = waypost::take_netstring(rest, waypost::kMaxLoginFrame);
    if (!frame || !*frame) return 0;
    const auto record = waypost::Record::decode(**frame);
    if (!record) return 0;
    expect_same(waypost::login_scope(*record), waypost::login_scope);
    expect_same(waypost::login_query(*record), waypost::login_query);
    expect_same(waypost::login_answer(*record), waypost::login_answer);
  }
}
