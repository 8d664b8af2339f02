// waypost-local: delivers one message to one recipient. waypost-lspawn(8).
//
// Privilege: runs as the recipient, or as the user that the transport names, from its first
// instruction on; started by waypost-lspawn, which has given it the message on descriptor 0 and a
// pipe for its words on 1 and 2. It can open what its user can, and no more: a mailbox writer
// keeps to the folder of the mailbox, an LMTP client to sockets. A command is the user's own
// program, and free.
#include <cstdio>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/confine.h"
#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "local/deliver.h"

namespace {

using waypost::local::Verdict;

[[noreturn]] void say(const Verdict& verdict) {
  [[maybe_unused]] const ssize_t n =
      ::write(STDOUT_FILENO, verdict.text.data(), verdict.text.size());
  ::_exit(verdict.exit);
}

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

} // namespace

int main(int count, char** values) {
  using namespace waypost;
  set_log_program("waypost-local");
  local::LocalEnvelope envelope;
  Result<Address> sender = Address::parse(variable("WAYPOST_SENDER"));
  Result<Address> recipient = Address::parse(variable("WAYPOST_RECIPIENT"));
  const auto length = parse_number(variable("WAYPOST_LENGTH"));
  if (count < 3 || !sender || !recipient || recipient->null() || !length) {
    std::fputs("waypost-local is started by waypost-lspawn, for one message\n", stderr);
    return EX_USAGE;
  }
  envelope.id = variable("WAYPOST_ID");
  envelope.mailbox = variable("WAYPOST_MAILBOX");
  envelope.sender = std::move(*sender);
  envelope.recipient = std::move(*recipient);
  local::Letter letter(STDIN_FILENO, *length);
  const std::vector<std::string> words(values + 1, values + count);
  say(local::deliver(words, envelope, letter, environ));
}
