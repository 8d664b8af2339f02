// `waypost route FROM TO`: the arguments, and doing it.
//
// Exit codes: 0; 100 an argument or the configuration is wrong; 111 something could not be read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/mail/address.h"
#include "lib/mail/outcome.h"
#include "lib/sys/confine.h"

namespace waypost::route {

struct RouteCommand {
  Address from;
  Address to;
  std::string account;
  std::optional<std::string> config; // a waypost.toml that was not compiled
  std::uint32_t attempts = 0;        // 0: as many as there are
  FailureClasses after;
  bool json = false;
};

inline constexpr const char* kRouteUsage =
    "usage: waypost-route FROM TO [--account NAME] [--attempts N] [--after CLASS,...]\n"
    "                     [--config FILE] [--json]\n"
    "       waypost-route --simulate [--config FILE] [--queue FILE] [-v] [--json]\n"
    "       waypost-route < queries > answers\n";

// An error says which argument is wrong.
[[nodiscard]] Result<RouteCommand> parse_route_command(std::span<const std::string_view> arguments);

[[nodiscard]] Promises promises_of(const RouteCommand& command);
[[nodiscard]] int run(const RouteCommand& command);

} // namespace waypost::route
