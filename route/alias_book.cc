#include "route/alias_book.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/log.h"

namespace waypost::route {
namespace {

constexpr std::size_t kMaxLogged = 20;
constexpr std::size_t kCostOfOpening = 4096; // as if it were as many bytes

// A FIFO or a device would block us, or never end.
Result<Fd> open_regular(const std::string& path, struct stat& status) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return fail_errno("open " + path);
  if (::fstat(file.get(), &status) != 0) return fail_errno("stat " + path);
  if (!S_ISREG(status.st_mode)) return fail(path + " is no regular file");
  if (static_cast<std::size_t>(status.st_size) > kMaxAliasFile)
    return fail(path + " is longer than 16 MiB");
  return file;
}

Result<std::string> read_whole(int file, const std::string& path) {
  std::string text;
  char block[16 * 1024];
  for (;;) {
    const ssize_t n = ::read(file, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("read " + path);
    if (n == 0) return text;
    text.append(block, static_cast<std::size_t>(n));
    if (text.size() > kMaxAliasFile) return fail(path + " is longer than 16 MiB");
  }
}

void tell_errors(const std::string& path, const AliasFile& file) {
  std::size_t told = 0;
  for (const AliasFile::Wrong& one : file.errors()) {
    if (++told > kMaxLogged) return;
    Log("alias_error").add("at", path + ":" + std::to_string(one.line)).add("is", one.text).error();
  }
}

} // namespace

bool AliasBook::same(const Stamp& one, const Stamp& other) {
  return one.device == other.device && one.inode == other.inode && one.size == other.size &&
         one.changed.tv_sec == other.changed.tv_sec && one.changed.tv_nsec == other.changed.tv_nsec;
}

Result<const AliasFile*> AliasBook::current() {
  struct stat status{};
  const Result<Fd> file = open_regular(path_, status);
  if (!file && file.error().code == ENOENT) {
    file_ = AliasFile();
    stamp_ = Stamp();
    return &file_;
  }
  if (!file) return std::unexpected(file.error());
  const Stamp now{status.st_dev, status.st_ino, status.st_size, status.st_ctim};
  if (same(now, stamp_)) return &file_;
  const Result<std::string> text = read_whole(file->get(), path_);
  if (!text) return std::unexpected(text.error());
  file_ = AliasFile::parse(*text);
  // Times have the kernel's ticks: what was written a moment ago may be written to again in the
  // same one.
  timespec clock{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &clock);
  stamp_ = clock.tv_sec - now.changed.tv_sec < 2 ? Stamp() : now;
  if (same(now, told_)) return &file_;
  told_ = now;
  if (logs_reading_) Log("aliases_loaded").add("file", path_).add("aliases", file_.size()).info();
  tell_errors(path_, file_);
  return &file_;
}

Result<std::vector<AliasTarget>> AliasBook::included(const std::string& path, std::size_t& left) {
  struct stat status{};
  const Result<Fd> file = open_regular(path, status);
  if (!file) return std::unexpected(file.error());
  const Result<std::string> text = read_whole(file->get(), path);
  if (!text) return std::unexpected(text.error());
  const std::size_t cost = kCostOfOpening + text->size();
  if (cost > left) return fail(path + ": more lists, or longer ones, than are read for one alias");
  left -= cost;
  Result<std::vector<AliasTarget>> targets = parse_alias_list(*text);
  if (!targets) return fail(path + ": " + targets.error().text);
  return targets;
}

std::string AliasBook::place(const Alias& alias) const {
  return path_.substr(path_.rfind('/') + 1) + ":" + std::to_string(alias.line);
}

} // namespace waypost::route
