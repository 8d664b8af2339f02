#include "lib/sys/log.h"

#include <climits>
#include <unistd.h>

#include "lib/sys/text.h"

namespace waypost {
namespace {

// The one mutable global of lib/sys: set once in main before anything else runs.
const char* program_name = "waypost";

} // namespace

void set_log_program(const char* name) {
  program_name = name;
}

Log::Log(std::string_view event) {
  line_ += "event=";
  line_ += event;
}

Log& Log::add(std::string_view key, std::string_view value) {
  const std::string safe = printable(value);
  line_ += ' ';
  line_ += key;
  line_ += '=';
  if (!safe.empty() && safe.find_first_of(" \"=") == std::string::npos) {
    line_ += safe;
    return *this;
  }
  line_ += '"';
  for (const char c : safe) {
    if (c == '"') line_ += '\\';
    line_ += c;
  }
  line_ += '"';
  return *this;
}

void Log::info() {
  write("info");
}

void Log::warning() {
  write("warning");
}

void Log::error() {
  write("error");
}

void Log::write(std::string_view level) {
  std::string out = "level=";
  out += level;
  out += " program=";
  out += program_name;
  out += ' ';
  out += line_;
  if (out.size() > PIPE_BUF - 1) {
    out.resize(PIPE_BUF - 4);
    out += "...";
  }
  out += '\n';
  // A log that nobody reads must not stop mail: the result is of no use to us.
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, out.data(), out.size());
}

} // namespace waypost
