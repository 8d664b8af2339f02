// waypost-config: checks waypost.toml, shows what it means, makes a first one, and compiles it into
// the snapshot that all others read.
//
// Runs as whoever calls it, root in an installed waypost; reads one file, writes one, opens no
// network and starts nothing. It never sees a secret: credentials stand in the file by name alone.
#include <cstdio>
#include <string_view>
#include <vector>

#include "lib/sys/confine.h"
#include "lib/sys/log.h"
#include "lib/sys/output.h"
#include "route/config_command.h"

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-config");
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const bool asks = !arguments.empty() && (arguments.front() == "--help" ||
                                           (arguments.size() == 2 && arguments[1] == "--help"));
  if (asks) {
    std::fputs(waypost::route::kConfigUsage, stdout);
    return waypost::output_written("waypost-config") ? 0 : 111;
  }
  const auto command = waypost::route::parse_config_command(arguments);
  if (command) {
    waypost::route::make_folders_for(*command);
    waypost::confine(waypost::route::promises_of(*command));
    return waypost::route::run(*command);
  }
  std::fprintf(stderr, "waypost-config: %s\n%s", command.error().text.c_str(),
               waypost::route::kConfigUsage);
  return 100;
}
