// waypost-sasl: the oracle, the one program that opens secrets; waypost-sasl(8).
//
// Privilege: runs as waysasl (or as the caller, with WAYPOST_HOME). It reads the sealed credentials
// and their key, which nobody else may read, writes its pins, and has no network: it talks to
// senders by sockets that waypost-deliver hands in, or by lines on 0 and 1 as a filter. Not
// dumpable, no core file, secrets in locked memory that is wiped. Before it confines itself and
// reads anything it starts waypost-token, which runs token commands.

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mail/wiring.h"
#include "lib/net/lifeline.h"
#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"
#include "sasl/filter.h"
#include "sasl/folders.h"
#include "sasl/member.h"

namespace {

using namespace waypost;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

bool forbid_core() {
  const rlimit none{0, 0};
  return ::setrlimit(RLIMIT_CORE, &none) == 0 && forbid_inspection();
}

// waypost-start gives its members a socket at 0 and the lifeline. A member that took itself for a
// filter would live on and answer nobody.
Result<bool> in_tree() {
  struct stat st{};
  if (::fstat(wiring::kScopes, &st) != 0 && errno != EBADF) return fail_errno("fstat descriptor 0");
  return S_ISSOCK(st.st_mode) && ::fcntl(wiring::kLifeline, F_GETFD) >= 0;
}

void check_locking() {
  unsigned char probe[1];
  if (::sodium_mlock(probe, sizeof probe) == 0) {
    ::sodium_munlock(probe, sizeof probe);
    return;
  }
  Log("memory_not_locked").add("act", "raise the limit on locked memory (LimitMEMLOCK)").warning();
}

int stopped(const Error& why) {
  Log("stopped").add("error", why.text).error();
  return kTemporary;
}

int run_member(sasl::Vault& vault, const sasl::TokenLine& line) {
  ::signal(SIGPIPE, SIG_IGN);
  check_locking();
  net::Loop loop;
  const net::Lifeline lifeline(loop, wiring::kLifeline);
  const sasl::Member member(loop, Fd(wiring::kScopes), vault, line);
  loop.run();
  return 0;
}

int run_alone(sasl::Vault& vault, const sasl::TokenLine& line) {
  const Result<> done = sasl::run_filter(vault, line, STDIN_FILENO, STDOUT_FILENO);
  if (done) return 0;
  const int temporary = stopped(done.error());
  return done.error().code == 0 ? kPermanent : temporary;
}

} // namespace

int main(int count, char** values) {
  if (!forbid_core() || ::sodium_init() < 0) return kTemporary;
  set_log_program("waypost-sasl");
  if (count > 1) {
    std::fprintf(stderr, "usage: %s < LINES    (waypost-sasl(8) says which)\n", values[0]);
    return kPermanent;
  }
  ::umask(077);
  Result<sasl::TokenLine> line = sasl::TokenLine::start(program_path("waypost-token"));
  if (!line) return stopped(line.error());
  const Home home = find_home();
  confine({.read = {home.etc, "/etc/ssl", "/usr/lib/ssl"}, .write = {sasl::pins_folder(home)}},
          kTemporary);
  RealFs fs;
  const RealClock clock;
  const sasl::Store store(fs, sasl::credentials_folder(home));
  sasl::KeyCache cache;
  sasl::Pins pins(fs, sasl::pins_folder(home));
  sasl::Derivations derivations(cache, pins);
  sasl::Tokens tokens(store, *line, clock);
  sasl::Vault vault{store, cache, derivations, tokens, clock};
  const Result<bool> member = in_tree();
  if (!member) return stopped(member.error());
  return *member ? run_member(vault, *line) : run_alone(vault, *line);
}
