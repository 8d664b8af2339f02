// waypost-credential: the sealed store of passwords and tokens, for an administrator;
// waypost-credential(8).
//
// Privilege: the caller's; root where installed, since the store's folder is root's. To add it
// needs the public key alone and can open nothing; only `rotate` opens what is sealed.

#include <optional>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"
#include "sasl/credential_command.h"
#include "sasl/folders.h"

namespace {

using namespace waypost;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

void say(int fd, std::string_view text) {
  [[maybe_unused]] const ssize_t n = ::write(fd, text.data(), text.size());
}

} // namespace

int main(int count, char** values) {
  set_log_program("waypost-credential");
  if (count == 2 && std::string_view(values[1]) == "--help") {
    say(STDOUT_FILENO, sasl::kCredentialUsage);
    return 0;
  }
  // It logs in as senders do, by another program, which needs nothing of the store.
  if (count > 2 && std::string_view(values[1]) == "test") {
    const std::string program = program_path("waypost-login");
    ::execv(program.c_str(), values + 1);
    say(STDERR_FILENO, "waypost credential: " + fail_errno(program).error().text + "\n");
    return kTemporary;
  }
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || !forbid_inspection() || ::sodium_init() < 0)
    return kTemporary;
  ::umask(077);
  const Home home = find_home();
  std::optional<sasl::StoreOwner> owner;
  if (!home.personal) {
    const passwd* const entry = ::getpwnam("waysasl");
    if (::geteuid() != 0 || entry == nullptr) {
      say(STDERR_FILENO, ::geteuid() != 0
                             ? "waypost credential: must be root; for a queue of your own set "
                               "WAYPOST_HOME\n"
                             : "waypost credential: user waysasl does not exist: run `make "
                               "install-system`\n");
      return kPermanent;
    }
    owner = sasl::StoreOwner{entry->pw_uid, entry->pw_gid};
  }
  RealFs fs;
  sasl::Store store(fs, sasl::credentials_folder(home), owner);
  const std::span<char* const> words(values + 1,
                                     static_cast<std::size_t>(count > 0 ? count - 1 : 0));
  const sasl::CommandEnd end =
      sasl::run_credential_command(store, words, STDIN_FILENO, RealClock().wall_us());
  say(STDOUT_FILENO, end.output);
  say(STDERR_FILENO, end.message);
  return end.status;
}
