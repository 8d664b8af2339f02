#include "queue/spool/spool_dirs.h"

#include <fcntl.h>
#include <sys/file.h>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr int kMostNamesakes = 1000;

Result<Fd> made_directory(Fs& fs, int parent, const std::string& name, mode_t mode) {
  const Result<> made = fs.make_directory(parent, name, mode);
  if (!made && made.error().code != EEXIST) return std::unexpected(made.error());
  if (made) {
    // A folder that a power cut takes away would take its messages with it.
    const Result<> synced = fs.sync(parent);
    if (!synced) return std::unexpected(synced.error());
  }
  return fs.open_at(parent, name, kDirectory, 0);
}

Result<Fd> locked(Fs& fs, int root) {
  Result<Fd> lock = fs.open_at(root, "lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (!lock) return lock;
  if (::flock(lock->get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno == EWOULDBLOCK) return fail("spool/lock: another queue manager has it");
    return fail_errno("lock spool/lock");
  }
  return lock;
}

std::string folder_name(int folder) {
  return {static_cast<char>('0' + folder / 10), static_cast<char>('0' + folder % 10)};
}

} // namespace

std::string cur_name(const MessageId& id, Next next) {
  std::string name = id.text();
  name += '.';
  name += next ? std::to_string(*next) : "held";
  return name;
}

std::optional<CurName> parse_cur_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::optional<MessageId> id = MessageId::parse(name.substr(0, dot));
  if (!id) return std::nullopt;
  const std::string_view when = name.substr(dot + 1);
  if (when == "held") return CurName{std::move(*id), std::nullopt};
  const auto next = parse_number(when, INT64_MAX / 2'000'000);
  if (!next || (when.size() > 1 && when.front() == '0')) return std::nullopt;
  return CurName{std::move(*id), static_cast<std::int64_t>(*next)};
}

Result<SpoolDirs> SpoolDirs::open(Fs& fs, const std::string& path) {
  SpoolDirs dirs;
  Result<Fd> root = fs.open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
  if (!root) return std::unexpected(root.error());
  dirs.root_ = std::move(*root);
  Result<Fd> lock = locked(fs, dirs.root());
  if (!lock) return std::unexpected(lock.error());
  dirs.lock_ = std::move(*lock);
  const auto take = [&](Fd& into, int parent, const std::string& name, mode_t mode) -> Result<> {
    Result<Fd> made = made_directory(fs, parent, name, mode);
    if (!made) return std::unexpected(made.error());
    into = std::move(*made);
    return {};
  };
  Fd cur;
  for (const Result<>& taken :
       {take(dirs.new_, dirs.root(), "new", 01770), take(dirs.bad_, dirs.root(), "bad", 0700),
        take(cur, dirs.root(), "cur", 0700)}) {
    if (!taken) return std::unexpected(taken.error());
  }
  for (int i = 0; i < MessageId::kFolders; ++i) {
    const Result<> taken =
        take(dirs.cur_[static_cast<std::size_t>(i)], cur.get(), folder_name(i), 0700);
    if (!taken) return std::unexpected(taken.error());
  }
  return dirs;
}

int SpoolDirs::cur(const MessageId& id) const {
  const std::string folder = id.folder();
  return cur((folder[0] - '0') * 10 + (folder[1] - '0'));
}

Result<> SpoolDirs::adopt(Fs& fs, const MessageId& id, Next next) const {
  return fs.rename_at(fresh(), id.text(), cur(id), cur_name(id, next));
}

Result<> SpoolDirs::reschedule(Fs& fs, const MessageId& id, Next before, Next after) const {
  if (before == after) return {};
  return fs.rename_at(cur(id), cur_name(id, before), cur(id), cur_name(id, after));
}

Result<> SpoolDirs::remove(Fs& fs, const MessageId& id, Next next) const {
  return fs.unlink_at(cur(id), cur_name(id, next));
}

Result<> SpoolDirs::set_aside(Fs& fs, int dir, const std::string& name,
                              std::string_view reason) const {
  // The reason is made first and exclusively: it reserves the name, which rename would replace.
  std::string target = name;
  for (int namesake = 2; namesake < kMostNamesakes; ++namesake) {
    const Result<Fd> text =
        fs.open_at(bad_.get(), target + ".reason", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (text) {
      std::string line = printable(reason);
      line += '\n';
      const Result<> written = fs.write_all(text->get(), line); // a full disk loses the reason only
      static_cast<void>(written);
      return fs.rename_at(dir, name, bad_.get(), target);
    }
    if (text.error().code != EEXIST) return std::unexpected(text.error());
    target = name + '~' + std::to_string(namesake);
  }
  return fail("bad/ holds a thousand namesakes of " + printable(name));
}

} // namespace waypost::queue
