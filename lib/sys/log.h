// Log: one event a line on standard error, `key=value`, for svlogd, s6-log or journald.
//
//   Log("delivered").id(name).add("to", address).add("ms", 17).info();
//
// Values are made printable, and quoted where they hold a space, a quote or nothing. A line leaves
// in one write, so that lines of several programs never mix; it is cut at 4096 bytes (PIPE_BUF).
// Without a reader nothing blocks for good or dies.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace waypost {

class Log {
public:
  explicit Log(std::string_view event);
  Log& add(std::string_view key, std::string_view value);
  template <std::integral T>
  Log& add(std::string_view key, T value) {
    return add(key, std::string_view(std::to_string(value)));
  }
  Log& id(std::string_view message) { return add("id", message); }

  void info();    // something happened
  void warning(); // somebody may have to act
  void error();   // somebody must act

private:
  void write(std::string_view level);
  std::string line_;
};

// The program's name in its log lines; called once, first thing in main.
void set_log_program(const char* name);

} // namespace waypost
