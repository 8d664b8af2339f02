// waypost-start: makes the pipes, starts every program, starts all of them again when one dies.
// waypost-start(8).
//
// Privilege: root where installed, which it uses to make folders, to give each program its user,
// and for nothing else: it reads no mail, no configuration and nothing from the network. In a
// personal home (WAYPOST_HOME) everything runs as the caller.

#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/confine.h"
#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "lib/sys/wait_for.h"
#include "start/folders.h"
#include "start/member.h"
#include "start/outpost.h"
#include "start/supervisor.h"

namespace {

using namespace waypost;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;
constexpr rlim_t kDescriptors = 16'384; // a sender, a connection and a message each take one

[[noreturn]] void refuse(int status, std::string_view why) {
  Log("not_started").add("error", why).error();
  ::_exit(status);
}

// -d FD: where to write a newline when mail moves.
Fd readiness_descriptor(int count, char** values) {
  if (count == 1) return {};
  const bool right = count == 3 && std::string_view(values[1]) == "-d";
  const auto number = right ? parse_number(values[2], 1'000'000) : std::nullopt;
  if (!number) {
    constexpr std::string_view kUsage = "usage: waypost-start [-d FD]\n";
    [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, kUsage.data(), kUsage.size());
    ::_exit(kPermanent);
  }
  Fd fd(static_cast<int>(*number));
  if (::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) {
    [[maybe_unused]] const int closed = fd.release();
    refuse(kPermanent, "the descriptor of -d is not open");
  }
  return fd;
}

// systemd's socket: a mistake in its name costs systemd the news, and nobody the mail. No program
// that we start shall speak for us.
Fd notify_socket() {
  const char* const name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr) return {};
  Result<Fd> socket = start::connect_notify(name);
  if (!socket) Log("not_notified").add("error", socket.error().text).warning();
  ::unsetenv("NOTIFY_SOCKET");
  return socket ? std::move(*socket) : Fd{};
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kDescriptors));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// One tree a home: held as long as this process lives.
Fd lock_home(const Home& home) {
  Fd folder(::open(home.run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) refuse(kTemporary, fail_errno("open " + home.run).error().text);
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0)
    refuse(kTemporary, "another waypost-start runs on " + home.run);
  return folder;
}

// The programs read what is compiled here. A bad file stops nothing that has worked before.
void compile(const Home& home) {
  const Result<pid_t> compiler = start::start_plain({"waypost-config", "compile"});
  const Result<int> status = compiler ? wait_for(*compiler) : std::unexpected(compiler.error());
  if (status && WIFEXITED(*status) && WEXITSTATUS(*status) == 0) return;
  if (::access(home.snapshot().c_str(), R_OK) != 0)
    refuse(kPermanent, "the configuration cannot be compiled, and there is none from before");
  Log("compile_failed").add("using", home.snapshot()).add("since", "the last good one").error();
}

// What the kernel cannot keep from our programs is said once, here: they themselves are silent.
void tell_kernel(const Kernel& kernel) {
  const std::string missing = missing_in(kernel);
  Log line("confinement");
  line.add("landlock_abi", kernel.landlock).add("seccomp", kernel.seccomp ? "yes" : "no");
  if (missing.empty()) return line.info();
  line.add("not_kept_from", missing).warning();
}

} // namespace

int main(int count, char** values) {
  set_log_program("waypost-start");
  if (!open_standard_fds()) return kTemporary;
  Fd descriptor = readiness_descriptor(count, values);
  start::Readiness ready(std::move(descriptor), notify_socket());
  const Home home = find_home();
  std::optional<start::Accounts> accounts;
  if (!home.personal) {
    if (::geteuid() != 0)
      refuse(kPermanent, "must be root; for a queue of your own set WAYPOST_HOME");
    auto found = start::find_accounts();
    if (!found) refuse(kPermanent, found.error().text);
    accounts = std::move(*found);
  }
  raise_descriptor_limit();
  const Result<> folders = start::make_folders(home, accounts);
  if (!folders) refuse(kTemporary, folders.error().text);
  Result<start::Outpost> outpost = start::Outpost::leave_behind();
  if (!outpost) refuse(kTemporary, outpost.error().text);
  const Fd lock = lock_home(home);
  compile(home);
  tell_kernel(probe_kernel());
  confine({.may = May::tree,
           .read = {"/"},
           .write = {home.etc, home.spool, home.run, "/dev/null"},
           .execute = {"/"}, // what credentials name as token commands
           .connect = {kAnyPort}},
          kTemporary);
  start::Supervisor supervisor(home, std::move(accounts), std::move(ready), std::move(*outpost));
  const Result<> ran = supervisor.run();
  if (!ran) refuse(kTemporary, ran.error().text);
  return 0;
}
