// waypost-reload: checks and compiles the configuration, and has the running tree take it.
// waypost-reload(1).
//
// Privileges: the caller's, who must be able to write the compiled snapshot.
#include <spawn.h>
#include <sys/wait.h>

#include "lib/sys/log.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"

namespace {

constexpr const char* kName = "waypost reload";

// waypost-config says itself what is wrong, on the descriptors that it shares with us.
waypost::Result<int> compile() {
  std::string program = waypost::program_path("waypost-config");
  std::string name = "waypost-config";
  std::string verb = "compile";
  char* const argv[] = {name.data(), verb.data(), nullptr};
  pid_t child = 0;
  const int code = ::posix_spawn(&child, program.c_str(), nullptr, nullptr, argv, environ);
  if (code != 0) return waypost::fail_errno("start " + program, code);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return waypost::fail_errno("wait for waypost-config");
  }
  if (!WIFEXITED(status)) return waypost::fail("waypost-config was killed");
  return WEXITSTATUS(status);
}

} // namespace

int main(int argc, char** argv) {
  using namespace waypost::queue;
  waypost::set_log_program("waypost-reload");
  const auto arguments = Arguments::parse(argc, argv, {});
  if (!arguments) return finish_badly(kName, arguments.error().text, kPermanent);
  if (!arguments->operands().empty())
    return finish_badly(kName, "usage: waypost reload", kPermanent);

  const auto compiled = compile();
  if (!compiled) return finish_badly(kName, compiled.error().text, kTemporary);
  if (*compiled != 0) {
    const int status = *compiled == kPermanent ? kPermanent : kTemporary;
    return finish_badly(kName, "the running configuration stays as it is", status);
  }
  waypost::Record request;
  request.add("command", "reload");
  const auto ending =
      ask_manager(waypost::find_home().control(), request,
                  [](const waypost::Record&, std::string_view) { return waypost::Result<>(); });
  if (!ending && nobody_listens(ending.error()))
    return finish_badly(kName, "compiled; nothing is running, the next start takes it", 0);
  return finish(kName, ending);
}
