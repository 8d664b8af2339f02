// The arguments of waypost-config(8), and doing what they say.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/sys/confine.h"
#include "route/import_command.h"
#include "route/init.h"

namespace waypost::route {

struct ConfigCommand {
  enum class What : std::uint8_t { check, compile, show, init, keys, take_over };
  What what = What::check;
  std::optional<std::string> file;   // else the home's waypost.toml, which may be missing
  std::optional<std::string> output; // of compile and import; else the home's snapshot
  bool json = false;                 // of show
  InitCommand init;
  ImportCommand take_over;
};

inline constexpr const char* kConfigUsage =
    "usage: waypost-config check [FILE]\n"
    "       waypost-config compile [--output SNAPSHOT] [FILE]\n"
    "       waypost-config show [--json] [FILE]\n"
    "       waypost-config init [direct | smarthost | service | socks] [--force] [--file FILE]\n"
    "                           [--hostname NAME] [--postmaster ADDRESS]\n"
    "                           [--host HOST] [--port PORT] [--user NAME] [--credential NAME]\n"
    "                           [--proxy HOST:PORT] [--helo NAME] [--remote-ips IP,...]\n"
    "       waypost-config import msmtp | nullmailer | postfix [--output NEW] [FILE]\n"
    "       waypost-config keys\n";

// An error says which argument is wrong.
[[nodiscard]] Result<ConfigCommand>
parse_config_command(std::span<const std::string_view> arguments);

// init is the first command of a new home: makes its folders where they are missing. What fails is
// told when the file is written.
void make_folders_for(const ConfigCommand& command);

// What doing it needs: to read any file, and to write into the folder of the one that it makes.
[[nodiscard]] Promises promises_of(const ConfigCommand& command);

// Does it, says what it did, and returns the exit code.
[[nodiscard]] int run(const ConfigCommand& command);

} // namespace waypost::route
