// waypost-reload: checks and compiles the configuration, and has the running tree take it. With
// --simulate it changes nothing, and has waypost-route say what would go elsewhere.
// waypost-reload(1).
//
// Privileges: the caller's, who must be able to write the compiled snapshot; waypost-privilege(7)
// says what of them it keeps, for itself and for the programs that it starts.
#include <spawn.h>
#include <sys/wait.h>
#include <vector>

#include "lib/mail/snapshot.h"
#include "lib/sys/log.h"
#include "lib/sys/temporary_folder.h"
#include "lib/sys/wait_for.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"

namespace {

constexpr const char* kName = "waypost reload";

using namespace waypost::queue;
using waypost::Record;

// Another program of ours, which says itself what is wrong, on the descriptors that it shares with
// us. Its exit code.
waypost::Result<int> run(std::vector<std::string> words) {
  std::string program = waypost::program_path(words.front());
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int code = ::posix_spawn(&child, program.c_str(), nullptr, nullptr, argv.data(), environ);
  if (code != 0) return waypost::fail_errno("start " + program, code);
  const waypost::Result<int> status = waypost::wait_for(child);
  if (!status) return waypost::fail(words.front() + ": " + status.error().text);
  if (!WIFEXITED(*status)) return waypost::fail(words.front() + " was ended by a signal");
  return WEXITSTATUS(*status);
}

// Asks the running manager; the answer's field `generation`, if it has one.
waypost::Result<Ending> ask(const char* command, std::uint64_t& generation) {
  Record request;
  request.add("command", command);
  return ask_manager(waypost::find_home().control(), request,
                     [&](const Record& answer, std::string_view) -> waypost::Result<> {
                       generation = answer.number("generation").value_or(generation);
                       return {};
                     });
}

// waypost-config reads what the configuration names, and writes the snapshot. To simulate it writes
// that somewhere else, and waypost-route reads the queue by waypost-list.
waypost::Promises promises(bool simulates) {
  using waypost::May;
  const waypost::Home home = waypost::find_home();
  waypost::Promises all =
      simulates ? promises_of_command(home) : waypost::Promises{.may = May::local};
  all.may = all.may | May::fork | May::modules;
  all.read.emplace_back("/");
  all.write.push_back(simulates ? waypost::temporary_folder() : home.etc);
  all.write.emplace_back("/dev/null");
  all.execute.push_back(waypost::program_path(""));
  return all;
}

bool verbose(const Arguments& arguments) {
  return arguments.has("verbose") || arguments.has("v");
}

// What runs can be compared only where it is what was compiled last.
int simulate(const Arguments& arguments) {
  const std::uint64_t compiled = waypost::read_settings(waypost::find_home().snapshot()).generation;
  std::uint64_t running = compiled;
  const auto ending = ask("status", running);
  if (!ending && !nobody_listens(ending.error())) return finish(kName, ending);
  if (ending && ending->status != 0) return finish(kName, ending);
  std::vector<std::string> words{"waypost-route", "--simulate"};
  if (verbose(arguments)) words.emplace_back("--verbose");
  if (arguments.has("json")) words.emplace_back("--json");
  const auto code = run(std::move(words));
  if (!code) return finish_badly(kName, code.error().text, kTemporary);
  if (running == compiled || *code > 1) return *code;
  return finish_badly(kName,
                      "what runs is not what was compiled last (somebody compiled without a "
                      "reload), so a reload changes more than this",
                      kTemporary);
}

int reload() {
  const auto compiled = run({"waypost-config", "compile"});
  if (!compiled) return finish_badly(kName, compiled.error().text, kTemporary);
  if (*compiled != 0) {
    const int status = *compiled == kPermanent ? kPermanent : kTemporary;
    return finish_badly(kName, "the running configuration stays as it is", status);
  }
  std::uint64_t generation = 0;
  const auto ending = ask("reload", generation);
  if (!ending && nobody_listens(ending.error()))
    return finish_badly(kName, "compiled; nothing is running, the next start takes it", 0);
  return finish(kName, ending);
}

} // namespace

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-reload");
  const auto arguments = Arguments::parse(argc, argv, {{"simulate"}, {"json"}, {"verbose"}, {"v"}});
  if (!arguments) return refuse_arguments(kName, arguments.error());
  const bool simulates = arguments->has("simulate");
  const bool shows = arguments->has("json") || verbose(*arguments);
  if (!arguments->operands().empty() || (shows && !simulates))
    return finish_badly(kName, "usage: waypost reload [--simulate [--verbose] [--json]]",
                        kPermanent);
  waypost::confine(promises(simulates));
  return simulates ? simulate(*arguments) : reload();
}
