// waypost-credential: the sealed store of passwords and tokens, for an administrator;
// waypost-credential(8).
//
// Privilege: the caller's; root where installed, since the store's folder is root's. To add it
// needs the public key alone and can open nothing; only `rotate` opens what is sealed.

#include <cstdio>
#include <optional>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/output.h"
#include "lib/sys/privilege.h"
#include "sasl/credential_command.h"
#include "sasl/folders.h"

namespace {

using namespace waypost;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

void complain(const std::string& text) {
  std::fputs(text.c_str(), stderr);
}

// The exit status, which says it too when standard output takes no more.
int print(std::string_view text, int status) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  const bool written = output_written("waypost credential");
  return written || status != 0 ? status : kTemporary;
}

} // namespace

int main(int count, char** values) {
  set_log_program("waypost-credential");
  if (count == 2 && std::string_view(values[1]) == "--help") {
    return print(sasl::kCredentialUsage, 0);
  }
  // It logs in as senders do, by another program, which needs nothing of the store.
  if (count > 2 && std::string_view(values[1]) == "test") {
    const std::string program = program_path("waypost-login");
    ::execv(program.c_str(), values + 1);
    complain("waypost credential: " + fail_errno(program).error().text + "\n");
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
      complain(::geteuid() != 0
                   ? "waypost credential: must be root; for a queue of your own set WAYPOST_HOME\n"
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
  complain(end.message);
  return print(end.output, end.status);
}
