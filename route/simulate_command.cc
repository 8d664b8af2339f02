#include "route/simulate_command.h"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "lib/sys/fs.h"
#include "lib/sys/home.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"
#include "route/child.h"
#include "route/compiled.h"
#include "route/complaints.h"
#include "route/simulation_output.h"

namespace waypost::route {
namespace {

constexpr int kChanges = 1;

// The exit code of what went wrong; 0: the whole list was read.
int take_listing(int fd, Simulation& simulation, const std::string& whose, int code) {
  const Result<> read =
      read_listing(fd, [&](const WaitingMessage& message) { simulation.take(message); });
  return read ? 0 : complain(whose + ": " + read.error().text, code);
}

// By waypost-list, which asks the manager, or reads the spool where none runs and the caller may.
int take_live_queue(Simulation& simulation) {
  Result<Child> child = Child::start({"waypost-list", "--json"}, Child::Output::piped);
  if (!child) return complain(child.error().text, kTemporary);
  const int taken = take_listing(child->output(), simulation, "waypost list --json", kTemporary);
  const Result<int> code = child->wait();
  if (!code) return complain(code.error().text, kTemporary);
  if (taken != 0 || *code == 0) return taken;
  return complain("the queue could not be read, or not all of it", kTemporary);
}

int take_saved_queue(const std::string& path, Simulation& simulation) {
  if (path == "-") {
    return take_listing(STDIN_FILENO, simulation, "standard input", kBad);
  }
  RealFs fs;
  const Result<Fd> fd = fs.open_at(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0);
  if (!fd) return complain(fd.error().text, kTemporary);
  return take_listing(fd->get(), simulation, printable(path), kBad);
}

} // namespace

Result<SimulateCommand> parse_simulate_command(std::span<const std::string_view> arguments) {
  constexpr std::array<std::string_view, 6> kOptions{"--simulate", "--config",  "--queue",
                                                     "-v",         "--verbose", "--json"};
  SimulateCommand command;
  for (auto rest = arguments; !rest.empty(); rest = rest.subspan(1)) {
    const std::string_view option = rest[0];
    if (option == "--simulate") continue;
    if (option == "-v" || option == "--verbose") {
      command.verbose = true;
    } else if (option == "--json") {
      command.json = true;
    } else if (option == "--config" || option == "--queue") {
      if (rest.size() < 2) return fail(std::string(option) + " takes the name of a file");
      (option == "--config" ? command.config : command.queue) = std::string(rest[1]);
      rest = rest.subspan(1);
    } else if (option.starts_with('-')) {
      return fail("unknown option " + printable(option) + did_you_mean(option, kOptions));
    } else {
      return fail("--simulate looks at the whole queue, and takes no addresses");
    }
  }
  return command;
}

// The live queue is waypost-list's to read: it asks the manager, or is the spool's owner.
Promises promises_of(const SimulateCommand& command) {
  Promises promises = promises_of_compiling();
  if (command.queue) return promises;
  promises.may = promises.may | May::local | May::names | May::identity;
  promises.write.push_back(find_home().spool);
  return promises;
}

int run(const SimulateCommand& command) {
  const std::expected<Snapshot, int> before = running_snapshot();
  if (!before) return before.error();
  const std::expected<Snapshot, int> after = compiled_snapshot(command.config);
  if (!after) return after.error();
  const Routes old_routes(*before);
  const Routes new_routes(*after);
  Simulation simulation(old_routes, new_routes, command.verbose || command.json);
  const int failed =
      command.queue ? take_saved_queue(*command.queue, simulation) : take_live_queue(simulation);
  if (failed != 0) return failed;
  const std::string out = command.json ? simulation_json(simulation) : simulation_text(simulation);
  std::fputs(out.c_str(), stdout);
  if (!output_written("waypost-route")) return kTemporary;
  return simulation.changed_recipients() == 0 ? 0 : kChanges;
}

} // namespace waypost::route
