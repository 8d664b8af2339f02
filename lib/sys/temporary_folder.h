// Where files go that nobody needs for long: TMPDIR, else /tmp.
#pragma once

#include <cstdlib>
#include <string>

namespace waypost {

inline std::string temporary_folder() {
  const char* const folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder == '/' ? folder : "/tmp";
}

} // namespace waypost
