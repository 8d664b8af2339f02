// The command line of waypost-submit: sendmail's, read by the table of sendmail's room
// (queue/inject/options.h), and some long options of its own before a "--".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "queue/inject/arguments.h"

namespace waypost::submit {

inline constexpr const char* kUsage =
    "usage: waypost submit [--debug] [--config FILE] [SENDMAIL'S OPTIONS] [RECIPIENT ...] < "
    "MESSAGE\n"
    "       waypost submit [--debug] [--config FILE] --resend FILE ...\n"
    "       waypost submit [--config FILE] --check\n"
    "       waypost submit -bp | --help\n";

struct SubmitArguments {
  enum class What : std::uint8_t { send, resend, check, help };
  What what = What::send;
  bool debug = false;
  std::optional<std::string> config;
  std::vector<std::string> files; // resend
  queue::Arguments mail;          // send
};

// `program` is the last component of argv[0].
[[nodiscard]] Result<SubmitArguments>
parse_submit_arguments(std::string_view program, std::span<const char* const> arguments);

} // namespace waypost::submit
