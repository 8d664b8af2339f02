// waypost-route: which transport carries a message now. A filter between the queue manager and the
// compiled rules, and for people the story of a message's attempts.
//
// As a filter it runs as wayroute: it knows the rules, and has no spool, no network and no secrets.
// It reads descriptor 0 and one file, writes descriptors 1 and 2, and ends with its input.
// For a person it runs as the caller; --config starts waypost-config, which alone reads TOML.
#include <cstdio>
#include <string_view>
#include <vector>

#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "route/filter.h"
#include "route/route_command.h"

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-route");
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.empty()) return waypost::route::run_filter(0, 1, waypost::find_home().snapshot());
  const auto command = waypost::route::parse_route_command(arguments);
  if (command) return waypost::route::run(*command);
  std::fprintf(stderr, "waypost-route: %s\n%s", command.error().text.c_str(),
               waypost::route::kRouteUsage);
  return 100;
}
