// What `waypost-config init` has to know, from flags or by asking: each answer is checked by the
// form of the key that it becomes.
//
// Pure: the terminal is a function. Without it nothing is asked, and what is missing is an error.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::route {

enum class Way : std::uint8_t { direct, smarthost, service, socks };

// Checked, in the form in which the snapshot keeps it; empty: not given.
struct Answers {
  Way way = Way::direct;
  std::string hostname;
  std::string postmaster;
  std::string host;
  std::string port;
  std::string user;
  std::string credential;
  std::string proxy;
  std::string helo;
  std::vector<std::string> remote_ips;
};

using Flags = std::map<std::string, std::string, std::less<>>; // "host": "smtp.isp.example"

// Shows the prompt and reads a line; none at the end of the input.
using Ask = std::function<std::optional<std::string>(const std::string& prompt)>;

// `way`: "" to ask for it. An error says which flag is wrong or missing, and what would be right.
[[nodiscard]] Result<Answers> collect_answers(std::string_view way, const Flags& flags,
                                              const Ask& ask);

// The flags that init knows, without dashes.
[[nodiscard]] std::vector<std::string_view> init_flags();

} // namespace waypost::route
