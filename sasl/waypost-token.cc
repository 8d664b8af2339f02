// waypost-token: runs the token commands of credentials for waypost-sasl; waypost-sasl(8).
//
// Privilege: runs as waysasl (or as the caller, with WAYPOST_HOME), beside the oracle and outside
// its confinement, since a token command talks with the world. It reads a socket and nothing else;
// whoever can write into that socket is the oracle. Not dumpable, no core file, and nothing that it
// executes gains rights. Each command has a process of ours of its own.

#include <csignal>
#include <cstdio>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"
#include "lib/sys/text.h"
#include "sasl/folders.h"
#include "sasl/token_command.h"
#include "sasl/token_pipe.h"

namespace {

using namespace waypost;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;
constexpr int kMostAtOnce = 8;

void answer(std::uint64_t number, bool good, std::string_view text) {
  const std::string head = sasl::answer_head(number, good);
  iovec parts[] = {{const_cast<char*>(head.data()), head.size()},
                   {const_cast<char*>(text.data()), text.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  if (::sendmsg(STDIN_FILENO, &message, MSG_NOSIGNAL) < 0)
    Log("token_not_told").add("error", fail_errno("send").error().text).error();
}

[[noreturn]] void run_one(const sasl::TokenRun& run, const std::string& folder) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  const sasl::TokenCommandEnd end = sasl::run_token_command(run.words, run.credential, folder);
  if (!end.good) {
    // What it wrote is for the log alone: the reason travels into the history of messages.
    Log("token_command_failed")
        .add("credential", run.credential)
        .add("why", end.why)
        .add("said", printable(end.said))
        .warning();
  }
  answer(run.number, end.good, end.good ? end.out : std::string_view(end.why));
  ::_exit(0);
}

// Each in a process of its own; when there are many, after one of them.
void start_one(const sasl::TokenRun& run, const std::string& folder, int& running) {
  while (running > 0 && ::waitpid(-1, nullptr, running < kMostAtOnce ? WNOHANG : 0) > 0)
    --running;
  const pid_t child = ::fork();
  if (child == 0) run_one(run, folder);
  if (child < 0) return answer(run.number, false, "no process for it");
  ++running;
}

int serve(const std::string& folder) {
  int running = 0;
  std::string packet(sasl::kMaxTokenRun, '\0');
  for (;;) {
    const ssize_t got = ::recv(STDIN_FILENO, packet.data(), packet.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0; // the oracle is gone
    const Result<Record> record =
        Record::decode(std::string_view(packet).substr(0, static_cast<std::size_t>(got)));
    const Result<sasl::TokenRun> run =
        record ? sasl::token_run(*record) : std::unexpected(record.error());
    if (run) start_one(*run, folder, running);
    if (!run) Log("bad_token_run").add("error", run.error().text).error();
  }
}

// Started by root, for a filter: never as root, but as the owner of the oracle's own folder.
Result<> leave_root(const Home& home) {
  if (home.personal || ::geteuid() != 0) return {};
  const std::string folder = sasl::pins_folder(home);
  struct stat st{};
  if (::stat(folder.c_str(), &st) != 0) return fail_errno(folder);
  if (st.st_uid == 0) return fail(folder + " is root's: run `make install-system`");
  return become({st.st_uid, st.st_gid, {}});
}

} // namespace

int main(int count, char** values) {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || !forbid_inspection()) return kTemporary;
  set_log_program("waypost-token");
  if (count > 1) {
    std::fprintf(stderr, "usage: %s < SOCKET    (started by waypost-sasl(8))\n", values[0]);
    return kPermanent;
  }
  const Home home = find_home();
  const Result<> left = leave_root(home);
  const Result<> bound = left ? forbid_new_privileges() : left;
  if (!bound) {
    Log("stopped").add("error", bound.error().text).error();
    return kTemporary;
  }
  return serve(sasl::pins_folder(home));
}
