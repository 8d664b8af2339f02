// waypost-overlay: says how a message shall leave: its senders rewritten, and signed.
// waypost-overlay(8).
//
// Privilege: runs as waydkim (or as the caller, with WAYPOST_HOME), who alone may read the keys. It
// reads the snapshot and the keys, takes messages by pipes from the manager, and has no network, no
// spool and no file to write. Not dumpable, no core file.

#include <csignal>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/resource.h>

#include "dkim/overlay_member.h"
#include "lib/mail/wiring.h"
#include "lib/net/lifeline.h"
#include "lib/net/loop.h"
#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"

int main() {
  using namespace waypost;
  constexpr int kTemporary = 111;
  set_log_program("waypost-overlay");
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || !forbid_inspection()) return kTemporary;
  if (::fcntl(wiring::kLifeline, F_GETFD) < 0) {
    Log("not_started").add("error", "waypost-start starts it, with a socket at 0").error();
    return kTemporary;
  }
  // What a configuration file could load into this process would see the keys.
  ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const Home home = find_home();
  net::Loop loop;
  const net::Lifeline lifeline(loop, wiring::kLifeline);
  confine({.read = {home.etc}}, kTemporary);
  RealFs fs;
  const dkim::KeyFolder keys(fs, home.etc + "/dkim");
  const dkim::OverlayMember member(loop.uv(), Fd(wiring::kOverlayManager), home.snapshot(), keys);
  loop.run();
  return 0;
}
