// waypost-credential's commands, without its main: what each says and with which status it ends.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lib/sys/clock.h"
#include "sasl/store.h"

namespace waypost::sasl {

inline constexpr std::string_view kCredentialUsage =
    "usage: waypost credential add NAME [--token]\n"
    "       waypost credential add NAME --token-command PROGRAM [ARGUMENT ...]\n"
    "       waypost credential list [--json]\n"
    "       waypost credential test NAME [--json]\n"
    "       waypost credential remove NAME\n"
    "       waypost credential rotate\n"
    "       waypost credential init\n";

struct CommandEnd {
  int status = 0;      // 0, 100 permanent, 111 temporary
  std::string output;  // for descriptor 1
  std::string message; // for descriptor 2
};

// `in`: where `add` reads its secret.
[[nodiscard]] CommandEnd run_credential_command(Store& store, std::span<char* const> words, int in,
                                                WallUs now);

} // namespace waypost::sasl
