// What waypost-dkimsign is asked for, from its arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dkim/key.h"
#include "dkim/signature.h"
#include "lib/sys/error.h"

namespace waypost::dkim {

inline constexpr std::string_view kUsage =
    "usage: waypost-dkimsign [-d DOMAIN] -s SELECTOR[=FILE] ... [--keys FOLDER] [--whole]\n"
    "                        [-c simple|relaxed[/simple|relaxed]] [-i IDENTITY]\n"
    "                        [--expires SECONDS] [--time SECONDS] < MESSAGE\n"
    "       waypost-dkimsign keygen DOMAIN SELECTOR [--type rsa|ed25519] [--bits N] [--keys "
    "FOLDER]\n"
    "       waypost-dkimsign record DOMAIN SELECTOR [--keys FOLDER]\n";

struct Arguments {
  enum class Task : std::uint8_t { sign, keygen, record, help };
  struct Selector {
    std::string name;
    std::string file; // empty: in the folder of keys
  };

  Task task = Task::sign;
  std::string domain; // in normal form; empty: the author's
  std::vector<Selector> selectors;
  std::string keys; // a folder; empty: the home's
  bool whole = false;
  Manner manner;
  std::optional<std::uint64_t> time; // in place of now
  KeyType type = KeyType::rsa;
  unsigned bits = Key::kBits;
};

// An error: what is wrong with them.
[[nodiscard]] Result<Arguments> parse_arguments(int count, char** values);

} // namespace waypost::dkim
