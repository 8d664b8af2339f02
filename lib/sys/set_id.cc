#include "lib/sys/set_id.h"

#include <sys/stat.h>

namespace waypost {

std::string set_id_bits(const std::string& path) {
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return {};
  const bool user = (st.st_mode & S_ISUID) != 0;
  // Without the right to execute it once meant a kind of lock (inode(7)).
  const bool group = (st.st_mode & S_ISGID) != 0 && (st.st_mode & S_IXGRP) != 0;
  if (user && group) return "set-user-ID and set-group-ID";
  if (user) return "set-user-ID";
  return group ? "set-group-ID" : "";
}

} // namespace waypost
