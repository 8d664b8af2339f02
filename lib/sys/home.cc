#include "lib/sys/home.h"

#include <climits>
#include <cstdlib>
#include <unistd.h>

namespace waypost {
namespace {

// Where an installation has its programs; a package below /usr goes before what was installed by
// hand. WAYPOST_LIBEXEC: that of a PREFIX other than these two.
constexpr std::string_view kLibexec[] = {
#ifdef WAYPOST_LIBEXEC
    WAYPOST_LIBEXEC "/",
#endif
    "/usr/libexec/waypost/",
    "/usr/local/libexec/waypost/",
};

} // namespace

Home find_home() {
  const char* dir = std::getenv("WAYPOST_HOME");
  if (dir == nullptr || *dir != '/') {
    return {"/etc/waypost", "/var/spool/waypost", "/run/waypost", false};
  }
  const std::string base(dir);
  return {base + "/etc", base + "/spool", base + "/run", true};
}

std::string program_path(std::string_view name) {
  char self[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self);
  if (length > 0) {
    std::string path(self, static_cast<std::size_t>(length));
    path.resize(path.rfind('/') + 1);
    path += name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  std::string path;
  for (const std::string_view folder : kLibexec) {
    path = std::string(folder).append(name);
    if (::access(path.c_str(), X_OK) == 0) break;
  }
  return path;
}

} // namespace waypost
