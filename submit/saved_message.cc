#include "submit/saved_message.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mail/message_id.h"
#include "lib/sys/clock.h"

namespace waypost::submit {
namespace {

constexpr std::string_view kEnding = ".eml";
constexpr std::string_view kPart = ".part";

std::string new_name() {
  std::uint32_t random = 0;
  [[maybe_unused]] const ssize_t n = ::getrandom(&random, sizeof random, 0);
  return MessageId::make(RealClock().wall_us(), random).text() + std::string(kEnding);
}

bool no_unnamed_files(int code) {
  // EISDIR is what kernels say that have never heard of O_TMPFILE (open(2)).
  return code == EOPNOTSUPP || code == EISDIR || code == EINVAL;
}

// Folders that are missing, each private; those that are there stay as they are.
void make_folders(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    ::mkdir(path.substr(0, at).c_str(), 0700);
  ::mkdir(path.c_str(), 0700);
}

} // namespace

Result<> SavedMessage::open_folder(const std::string& folder) {
  make_folders(folder);
  Result<Fd> opened = fs_->open_at(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY, 0);
  if (!opened) return fail_errno(folder, opened.error().code);
  const Result<struct stat> status = fs_->status(opened->get());
  if (!status) return std::unexpected(status.error());
  if (status->st_uid != ::geteuid() || (status->st_mode & 022) != 0)
    return fail(folder + ": it must belong to who sends, and be writable by nobody else");
  folder_ = std::move(*opened);
  return {};
}

std::string SavedMessage::part_name() const {
  return "." + name_ + std::string(kPart);
}

// No name until all is in it, so that what bears the right one is whole, and whoever is killed
// leaves nothing behind. Where the file system knows no such files, another name.
Result<Fd> SavedMessage::make_file() {
  Result<Fd> file = fs_->open_unnamed(folder_.get(), 0600);
  if (!file && no_unnamed_files(file.error().code)) {
    file = fs_->open_at(folder_.get(), part_name(), O_RDWR | O_CREAT | O_EXCL, 0600);
    is_part_ = file.has_value();
  }
  if (file) ::flock(file->get(), LOCK_EX | LOCK_NB);
  return file;
}

Result<SavedMessage> SavedMessage::create(Fs& fs, const std::string& folder,
                                          const SavedHead& head) {
  SavedMessage message(fs);
  message.head_ = head;
  message.name_ = new_name();
  Result<> there = message.open_folder(folder);
  if (there) {
    Result<Fd> file = message.make_file();
    if (file) message.file_ = std::move(*file);
    if (!file) there = fail_errno(folder, file.error().code);
  }
  if (there) {
    message.path_ = folder + "/" + message.name_;
  } else {
    message.unsaved_ = there.error().text;
    message.file_ = Fd(::memfd_create("waypost-submit", MFD_CLOEXEC));
    if (!message.file_) return fail_errno("memory for the message");
  }
  const std::string text = saved_head_text(head);
  const Result<> written = message.append(text);
  if (!written) return std::unexpected(written.error());
  message.offset_ = text.size();
  return message;
}

Result<> SavedMessage::append(std::string_view bytes) {
  const Result<> written = fs_->write_at(file_.get(), bytes, size_);
  if (written) size_ += bytes.size();
  return written;
}

Result<> SavedMessage::finish() {
  if (!unsaved_.empty()) return {};
  Result<> done = fs_->sync(file_.get());
  if (done && !is_part_) {
    const std::string name = replaces_ ? part_name() : name_;
    done = fs_->link_at(file_.get(), folder_.get(), name);
    is_part_ = done && replaces_;
  }
  if (done && is_part_) done = fs_->rename_at(folder_.get(), part_name(), folder_.get(), name_);
  if (!done) return done;
  is_part_ = false;
  done = fs_->sync(file_.get()); // of its name, too
  return done ? fs_->sync(folder_.get()) : done;
}

SavedMessage::~SavedMessage() {
  if (!is_part_ || !folder_) return;
  const Result<> gone = fs_->unlink_at(folder_.get(), part_name());
  static_cast<void>(gone); // its name says that it is of no use
}

Result<SavedMessage> SavedMessage::open(Fs& fs, const std::string& path) {
  SavedMessage message(fs);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  message.name_ = path.substr(slash == std::string::npos ? 0 : slash + 1);
  message.path_ = path;
  Result<Fd> opened = fs.open_at(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY, 0);
  if (opened) message.folder_ = std::move(*opened);
  Result<Fd> file = opened ? fs.open_at(message.folder_.get(), message.name_,
                                        O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
                           : std::unexpected(opened.error());
  if (!file) return fail_errno(path, file.error().code);
  if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0)
    return fail(path + ": it is being sent at this moment");
  const Result<struct stat> status = fs.status(file->get());
  if (!status) return std::unexpected(status.error());
  if (status->st_nlink == 0) return fail(path + ": it has just been sent");
  if (!S_ISREG(status->st_mode) || status->st_uid != ::geteuid() || (status->st_mode & 077) != 0)
    return fail(path + ": it must be a file that only its owner can read, and yours");
  message.size_ = static_cast<std::uint64_t>(status->st_size);
  std::string begin(std::min<std::uint64_t>(message.size_, kMaxSavedHead), '\0');
  const Result<std::size_t> got = fs.read_at(file->get(), begin, 0);
  if (!got) return fail_errno(path, got.error().code);
  begin.resize(*got);
  Result<ParsedHead> head = parse_saved_head(begin);
  if (!head) return fail(path + ": " + head.error().text);
  message.head_ = std::move(head->head);
  message.offset_ = head->length;
  message.file_ = std::move(*file);
  return message;
}

Result<> SavedMessage::remove() {
  return unsaved_.empty() ? fs_->unlink_at(folder_.get(), name_) : Result<>();
}

Result<> SavedMessage::keep_for(const SavedHead& head) {
  if (!unsaved_.empty()) return fail(unsaved_);
  SavedMessage next(*fs_);
  next.head_ = head;
  next.name_ = name_;
  next.replaces_ = true;
  next.folder_ = Fd(::fcntl(folder_.get(), F_DUPFD_CLOEXEC, 3));
  // What a killed one may have left behind: nobody else makes it while we hold the lock.
  const Result<> stale = fs_->unlink_at(folder_.get(), part_name());
  static_cast<void>(stale);
  Result<Fd> file = next.make_file();
  if (!file) return std::unexpected(file.error());
  next.file_ = std::move(*file);
  Result<> done = next.append(saved_head_text(head));
  std::string block(std::size_t{64} << 10, '\0');
  for (std::uint64_t at = offset_; done && at < size_;) {
    const Result<std::size_t> got = fs_->read_at(file_.get(), block, at);
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return fail("the saved message has become shorter");
    done = next.append(std::string_view(block).substr(0, *got));
    at += *got;
  }
  return done ? next.finish() : done;
}

Result<std::vector<std::string>> saved_messages(Fs& fs, const std::string& folder) {
  std::vector<std::string> paths;
  const Result<Fd> opened = fs.open_at(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY, 0);
  if (!opened && opened.error().code == ENOENT) return paths;
  if (!opened) return fail_errno(folder, opened.error().code);
  const Result<> listed = fs.list(opened->get(), [&](const char* name) {
    const std::string_view one(name);
    if (!one.starts_with('.') && one.ends_with(kEnding))
      paths.push_back(folder + "/" + std::string(one));
    return true;
  });
  if (!listed) return std::unexpected(listed.error());
  std::ranges::sort(paths);
  return paths;
}

} // namespace waypost::submit
