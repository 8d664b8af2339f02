#include "lib/sys/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace waypost {

bool output_written(std::string_view program) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  std::string why(program);
  why += ": writing to standard output failed";
  if (errno != 0) why.append(": ").append(std::strerror(errno));
  std::fputs((why + "\n").c_str(), stderr);
  return false;
}

} // namespace waypost
