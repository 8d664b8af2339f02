// waypost-route: which transport carries a message now. A filter between the queue manager and the
// compiled rules, and for people the story of a message's attempts.
//
// As a filter it runs as wayroute: it knows the rules, and has no spool, no network and no secrets.
// It reads descriptor 0 and one file, writes descriptors 1 and 2, and ends with its input.
// For a person it runs as the caller; --config starts waypost-config, which alone reads TOML, and
// --simulate also waypost-list, which alone reads the queue. What these two need it keeps as well.
#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/output.h"
#include "route/filter.h"
#include "route/local_names.h"
#include "route/route_command.h"
#include "route/simulate_command.h"

namespace {

template <class Command>
int run_command(const waypost::Result<Command>& command, const char* usage) {
  if (!command) {
    std::fprintf(stderr, "waypost-route: %s\n%s", command.error().text.c_str(), usage);
    return 100;
  }
  waypost::confine(waypost::route::promises_of(*command));
  return waypost::route::run(*command);
}

} // namespace

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-route");
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    const waypost::Home home = waypost::find_home();
    waypost::confine({.read = waypost::route::readable_folders(home)});
    return waypost::route::run_filter(0, 1, home.snapshot());
  }
  if (arguments.size() == 1 && arguments.front() == "--help") {
    std::printf("%s%s", waypost::route::kRouteUsage, waypost::route::kSimulateUsage);
    return waypost::output_written("waypost-route") ? 0 : 111;
  }
  const bool simulates = std::ranges::find(arguments, "--simulate") != arguments.end();
  return simulates ? run_command(waypost::route::parse_simulate_command(arguments),
                                 waypost::route::kSimulateUsage)
                   : run_command(waypost::route::parse_route_command(arguments),
                                 waypost::route::kRouteUsage);
}
