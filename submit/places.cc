#include "submit/places.h"

#include <cstdlib>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/fs.h"
#include "lib/sys/home.h"

namespace waypost::submit {
namespace {

// Cron sets HOME, a daemon may not.
std::string home_folder() {
  const char* const home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return home;
  const passwd* const entry = ::getpwuid(::getuid());
  return entry == nullptr || entry->pw_dir == nullptr ? "/nonexistent" : entry->pw_dir;
}

std::string xdg_folder(const char* variable, const char* otherwise) {
  const char* const folder = std::getenv(variable);
  const bool there = folder != nullptr && *folder == '/';
  return (there ? folder : home_folder() + "/" + otherwise) + "/";
}

} // namespace

std::string config_path() {
  std::string own = xdg_folder("XDG_CONFIG_HOME", ".config") + "waypost/submit.toml";
  // One that cannot be read is not passed over in silence: reading it says so.
  struct stat st{};
  if (::stat(own.c_str(), &st) == 0 || (errno != ENOENT && errno != ENOTDIR && errno != EACCES))
    return own;
  return find_home().etc + "/submit.toml";
}

std::string save_folder() {
  return xdg_folder("XDG_STATE_HOME", ".local/state") + "waypost";
}

std::string expand_home(std::string_view path) {
  if (!path.starts_with("~/")) return std::string(path);
  return home_folder() + std::string(path.substr(1));
}

Result<std::string> read_file(const std::string& path, std::size_t most) {
  RealFs fs;
  const Result<Fd> file = fs.open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
  if (!file) return fail_errno(path, file.error().code);
  const Result<struct stat> status = fs.status(file->get());
  if (!status) return fail_errno(path, status.error().code);
  if (!S_ISREG(status->st_mode)) return fail(path + ": it is no file");
  std::string text(most + 1, '\0');
  const Result<std::size_t> got = fs.read_at(file->get(), text, 0);
  if (!got) return fail_errno(path, got.error().code);
  if (*got > most) return fail(path + ": larger than " + std::to_string(most) + " bytes");
  text.resize(*got);
  return text;
}

} // namespace waypost::submit
