// The commands of waypost-config(8): check a file, compile it, list the keys.
//
// Exit codes: 0; 100 the file is wrong, and nothing was changed; 111 it could not be read, or the
// snapshot could not be written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace waypost::route {

struct ConfigCommand {
  enum class What : std::uint8_t { check, compile, keys };
  What what = What::check;
  std::optional<std::string> file;   // else the home's waypost.toml, which may be missing
  std::optional<std::string> output; // of compile; else the home's snapshot
};

inline constexpr const char* kConfigUsage =
    "usage: waypost-config check [FILE]\n"
    "       waypost-config compile [--output SNAPSHOT] [FILE]\n"
    "       waypost-config keys\n";

[[nodiscard]] std::optional<ConfigCommand>
parse_config_command(std::span<const std::string_view> arguments);

// Does it, says what it did, and returns the exit code.
[[nodiscard]] int run(const ConfigCommand& command);

} // namespace waypost::route
