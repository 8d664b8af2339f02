// Pins: with which salt and count each server has asked for each credential. A change may be an
// administrator's work there, or somebody who stands between and wants cheaper answers to guess
// from: it is logged. A server that keeps the password itself may make a new salt for each login:
// of changes of the salt alone the first, second, fourth, eighth and so on are logged.
//
// Kept in a file of the oracle's own, replaced by rename after each change that is logged. Without
// a folder, or where it cannot be written, they are remembered as long as the process lives.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "lib/sys/fs.h"
#include "sasl/digest.h"

namespace waypost::sasl {

struct Pin {
  std::string salt;
  std::uint32_t iterations = 0;
  bool operator==(const Pin&) const = default;
};

class Pins {
public:
  // `folder` empty: no file. `fs` outlives this.
  Pins(Fs& fs, std::string folder);

  // Remembers, and logs when it is another than before.
  void note(const std::string& credential, const std::string& host, Digest digest, const Pin& pin);
  [[nodiscard]] const Pin* find(const std::string& credential, const std::string& host,
                                Digest digest) const;

private:
  static constexpr std::size_t kMost = 1000;
  using Key = std::tuple<std::string, std::string, Digest>; // credential, host
  struct Remembered {
    Pin pin;
    std::uint32_t changes = 0; // of the salt, since the process began
  };

  void read();
  [[nodiscard]] Result<> write() const;

  Fs& fs_;
  std::string folder_;
  std::map<Key, Remembered> pins_;
};

} // namespace waypost::sasl
