// waypost-dkimsign: signs a message as DKIM wants it, as a filter in any script; makes the keys for
// it. waypost-dkimsign(8).
//
// Privilege: the caller's, who must be able to read the key. Before the message is read it gives up
// all but reading keys: whatever a message does to it, it can write to its standard output alone.

#include <csignal>
#include <openssl/crypto.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dkim/key_command.h"
#include "dkim/sign_command.h"
#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"
#include "lib/sys/text.h"

namespace {

using namespace waypost;
using dkim::Arguments;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

void say(int fd, std::string_view text) {
  [[maybe_unused]] const ssize_t n = ::write(fd, text.data(), text.size());
}

int complain(const Error& error) {
  say(STDERR_FILENO, "waypost-dkimsign: " + printable(error.text) + '\n');
  return error.code == 0 || error.code == EEXIST ? kPermanent : kTemporary;
}

// Who signs, where waypost is installed. A queue of one's own has no such user, and neither has a
// key that somebody makes for himself.
std::optional<gid_t> readers(const Home& home) {
  const bool own = home.personal || ::geteuid() != 0;
  const passwd* const entry = own ? nullptr : ::getpwnam("waydkim");
  return entry == nullptr ? std::nullopt : std::optional(entry->pw_gid);
}

int print(const Result<std::string>& text) {
  if (!text) return complain(text.error());
  RealFs fs;
  const Result<> written = fs.write_all(STDOUT_FILENO, *text);
  return written ? 0 : complain(written.error());
}

int sign(const Arguments& arguments, const dkim::KeyFolder& keys, const std::string& folder) {
  const Result<dkim::Streams> streams = dkim::open_streams(arguments, STDIN_FILENO, STDOUT_FILENO);
  if (!streams) return complain(streams.error());
  Promises promises{.read = {folder}};
  for (const Arguments::Selector& one : arguments.selectors)
    if (!one.file.empty()) promises.read.push_back(one.file);
  confine(promises);
  RealFs fs;
  const Result<> signed_it = dkim::run_sign(fs, arguments, keys, *streams);
  return signed_it ? 0 : complain(signed_it.error());
}

} // namespace

int main(int count, char** values) {
  set_log_program("waypost-dkimsign");
  if (!open_standard_fds()) return kTemporary;
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || !forbid_inspection()) return kTemporary;
  // What a configuration file could load into this process would see the key.
  ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  const Result<Arguments> arguments = dkim::parse_arguments(count, values);
  if (!arguments) {
    const int status = complain(arguments.error());
    say(STDERR_FILENO, dkim::kUsage);
    return status;
  }
  const Home home = find_home();
  const std::string folder = arguments->keys.empty() ? home.etc + "/dkim" : arguments->keys;
  RealFs fs;
  dkim::KeyFolder keys(fs, folder, readers(home));
  switch (arguments->task) {
  case Arguments::Task::help: return print(std::string(dkim::kUsage));
  case Arguments::Task::keygen: return print(dkim::run_keygen(*arguments, keys));
  case Arguments::Task::record: return print(dkim::run_record(*arguments, keys));
  case Arguments::Task::sign: return sign(*arguments, keys, folder);
  }
  return kTemporary;
}
