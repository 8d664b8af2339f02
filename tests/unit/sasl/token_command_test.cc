// Running a token command: what it gets, what it may, and what is left of it.

#include "sasl/token_command.h"

#include <criterion/criterion.h>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include "tests/unit/sasl/scratch_store.h"

using namespace waypost;
using namespace waypost::sasl;
using namespace waypost::test;

namespace {

TokenCommandEnd run(const std::string& script, const std::string& folder = "/tmp",
                    const CommandLimits& limits = {}) {
  return run_token_command({"/bin/sh", "-c", script, "a name"}, "google", folder, limits);
}

} // namespace

Test(token_command, gives_what_was_printed) {
  const TokenCommandEnd end = run("echo token; echo expires_in=5; echo no trouble >&2");
  cr_expect(end.good && end.why.empty(), "%s", end.why.c_str());
  cr_expect(end.out == "token\nexpires_in=5\n");
}

Test(token_command, has_an_environment_of_its_own_and_no_descriptor_of_ours) {
  ::setenv("WAYPOST_TEST_LEAK", "1", 1);
  const int leak = ::open("/dev/null", O_RDONLY);
  cr_assert(leak > 2);
  const TokenCommandEnd end = run("env | sort; pwd; umask; cat; ls /proc/self/fd | tail -n 1; "
                                  "ulimit -c; ulimit -n; echo $0");
  cr_expect(end.good, "%s %s", end.why.c_str(), end.said.c_str());
  const std::string out(end.out);
  for (const char* part :
       {"HOME=/tmp\n", "TMPDIR=/tmp\n", "WAYPOST_CREDENTIAL=google\n",
        "PATH=/usr/local/bin:/usr/bin:/bin\n", "\n/\n", "\n0077\n", "\n0\n256\n", "a name\n"})
    cr_expect(out.find(part) != std::string::npos, "%s in %s", part, out.c_str());
  cr_expect(out.find("LEAK") == std::string::npos);
  cr_expect(out.find("\n3\n") != std::string::npos, "ls itself opens the third: %s", out.c_str());
}

Test(token_command, failures_are_told_apart) {
  const TokenCommandEnd status =
      run("echo part; echo first >&2; echo no route to the server >&2; exit 3");
  cr_expect(!status.good);
  cr_expect(status.why == "exit status 3" && status.said == "no route to the server");
  const TokenCommandEnd killed = run("kill -KILL $$");
  cr_expect(!killed.good && killed.why == "it was killed by signal 9", "%s", killed.why.c_str());
  const TokenCommandEnd none = run_token_command({"/nonexistent/mint"}, "google", "/tmp");
  cr_expect(none.why == "exit status 127");
  cr_expect(none.said == "/nonexistent/mint: No such file or directory", "%s", none.said.c_str());
}

Test(token_command, its_output_is_bounded) {
  const TokenCommandEnd end = run("yes", "/tmp", {20'000, 1'000});
  cr_expect(!end.good && end.why == "it printed more than 1000 bytes", "%s", end.why.c_str());
  const TokenCommandEnd noisy = run("yes | head -c 1000000 >&2; echo token");
  cr_expect(noisy.good && noisy.out == "token\n" && noisy.said.size() <= 1024);
}

Test(token_command, its_time_is_bounded_and_nothing_of_it_is_left) {
  const ScratchFolder folder;
  const TokenCommandEnd end = run("sleep 600 & echo $! > " + folder.path() + "/child; sleep 600",
                                  folder.path(), {4'000, 100});
  cr_expect(!end.good && end.why == "it took longer than 4 s", "%s", end.why.c_str());
  std::ifstream file(folder.path() + "/child");
  pid_t child = 0;
  file >> child;
  cr_assert(child > 1);
  // Who adopted it may not have reaped it yet.
  for (int i = 0; i < 1'000; ++i) {
    std::ifstream state("/proc/" + std::to_string(child) + "/stat");
    std::string text;
    std::getline(state, text);
    if (text.empty() || text.find(") Z ") != std::string::npos) return;
    ::usleep(10'000);
  }
  cr_assert(false, "its child lives on");
}

Test(token_command, does_not_wait_for_who_keeps_its_pipe) {
  const TokenCommandEnd end = run("sleep 600 & echo token");
  cr_expect(end.good && end.out == "token\n");
}
