#include "queue/commands/replace_file.h"

#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "lib/sys/fs.h"

namespace waypost::queue {

Result<> replace_file(const std::string& path, std::string_view bytes) {
  RealFs fs;
  const std::string made = path + "." + std::to_string(::getpid());
  const Result<Fd> file =
      fs.open_at(AT_FDCWD, made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  if (!file) return std::unexpected(file.error());
  Result<> done = fs.write_all(file->get(), bytes);
  if (done) done = fs.rename_at(AT_FDCWD, made, AT_FDCWD, path);
  if (!done) static_cast<void>(fs.unlink_at(AT_FDCWD, made));
  return done;
}

} // namespace waypost::queue
