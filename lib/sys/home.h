// Home: where this waypost lives.
//
// Installed: /etc/waypost, /var/spool/waypost, /run/waypost. With WAYPOST_HOME=DIR in the
// environment everything lives under DIR (etc/ spool/ run/), every program runs as the caller and
// drops nothing: tests, demos, a person's own queue. A set-gid program that obeys it has given up
// its group first (see privilege.h).
#pragma once

#include <string>
#include <string_view>

namespace waypost {

struct Home {
  std::string etc;       // holds waypost.toml and the compiled snapshot
  std::string spool;     // holds new/ cur/ tmp/ bad/ lock
  std::string run;       // holds the control socket
  bool personal = false; // WAYPOST_HOME is set: as the caller, nothing dropped

  [[nodiscard]] std::string config() const { return etc + "/waypost.toml"; }
  [[nodiscard]] std::string snapshot() const { return etc + "/snapshot"; }
  [[nodiscard]] std::string control() const { return run + "/control"; }
};

// From the environment; WAYPOST_HOME counts only when it is an absolute path.
[[nodiscard]] Home find_home();

// Where another program of ours lies: beside the running executable, as in a build folder, else in
// libexec/waypost.
[[nodiscard]] std::string program_path(std::string_view name);

} // namespace waypost
