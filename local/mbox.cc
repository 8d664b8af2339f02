#include "local/mbox.h"

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

namespace waypost::local {
namespace {

constexpr std::string_view kFrom = "From ";
constexpr int kMostReplaced = 10;

// Could `begin`, the beginning of a line, still become a line ">>From "?
bool may_be_from(std::string_view begin) {
  const std::size_t marks = std::min(begin.find_first_not_of('>'), begin.size());
  const std::string_view rest = begin.substr(marks);
  const std::size_t n = std::min(rest.size(), kFrom.size());
  return rest.substr(0, n) == kFrom.substr(0, n);
}

bool is_from(std::string_view begin) {
  const std::size_t marks = std::min(begin.find_first_not_of('>'), begin.size());
  return begin.substr(marks).starts_with(kFrom);
}

struct Parts {
  std::string folder;
  std::string name;
};

Parts split_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// Another's file with our name in a folder that others may write is not ours to append to.
Result<> check_file(Fs& fs, int file, const std::string& path, bool owned) {
  const Result<struct stat> status = fs.status(file);
  if (!status) return std::unexpected(status.error());
  if (!S_ISREG(status->st_mode)) return fail(path + " is no regular file");
  const bool ours = status->st_uid == ::geteuid() || status->st_uid == 0;
  if (owned && !ours) return fail(path + " belongs to another user");
  if (status->st_nlink != 1) return fail(path + " has more than one name");
  return {};
}

Result<> append(Fs& fs, int file, std::uint64_t& at, std::string_view bytes) {
  const Result<> written = fs.write_at(file, bytes, at);
  if (written) at += bytes.size();
  return written;
}

// The file's end, behind a line's end: what is there may have been cut off by a crash.
Result<std::uint64_t> find_end(Fs& fs, int file) {
  const Result<struct stat> status = fs.status(file);
  if (!status) return std::unexpected(status.error());
  return static_cast<std::uint64_t>(status->st_size);
}

Result<> begin_letter(Fs& fs, int file, std::uint64_t& at, const LocalEnvelope& envelope,
                      WallUs now) {
  std::string head;
  char last = '\n';
  if (at > 0) {
    const Result<std::size_t> n = fs.read_at(file, {&last, 1}, at - 1);
    if (!n) return std::unexpected(n.error());
  }
  if (last != '\n') head = "\n\n";
  head += from_line(envelope.sender, now) + trace_lines(envelope, "\n");
  return append(fs, file, at, head);
}

Result<> write_letter(Fs& fs, int file, std::uint64_t& at, Letter& letter) {
  UnixLines lines;
  MboxQuote quote;
  for (;;) {
    const Result<std::string_view> piece = letter.next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) break;
    const Result<> written = append(fs, file, at, quote.take(lines.take(*piece)));
    if (!written) return written;
  }
  const Result<> ended = append(fs, file, at, quote.finish());
  return ended ? fs.sync(file) : ended;
}

Verdict swallow(Letter& letter) {
  for (;;) {
    const Result<std::string_view> piece = letter.next();
    if (!piece) return again(piece.error());
    if (piece->empty()) return {EX_OK, "thrown away into /dev/null"};
  }
}

struct Opened {
  Fd file;
  bool fresh = false;
};

Result<Opened> open_mbox(Fs& fs, int folder, const std::string& name, mode_t mode) {
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  Result<Fd> file = fs.open_at(folder, name, kFlags, 0);
  if (file) return Opened{std::move(*file), false};
  if (file.error().code != ENOENT) return std::unexpected(file.error());
  file = fs.open_at(folder, name, kFlags | O_CREAT | O_EXCL, mode);
  if (file) return Opened{std::move(*file), true};
  if (file.error().code != EEXIST) return std::unexpected(file.error());
  file = fs.open_at(folder, name, kFlags, 0); // somebody was quicker
  if (!file) return std::unexpected(file.error());
  return Opened{std::move(*file), false};
}

// Does the name still lead to the file that we have open? O_PATH: closing any other descriptor of
// the file would give up its fcntl lock.
Result<bool> leads_to(Fs& fs, int folder, const std::string& name, int file) {
  const Result<Fd> named = fs.open_at(folder, name, O_PATH | O_NOFOLLOW, 0);
  if (!named && named.error().code == ENOENT) return false;
  if (!named) return std::unexpected(named.error());
  const Result<struct stat> there = fs.status(named->get());
  if (!there) return std::unexpected(there.error());
  const Result<struct stat> ours = fs.status(file);
  if (!ours) return std::unexpected(ours.error());
  return there->st_dev == ours->st_dev && there->st_ino == ours->st_ino;
}

struct Locked {
  Opened mbox;
  MboxLock lock;
};

// Whoever held the lock before may have put another file in the mailbox's place, as mail readers
// do, or have removed an empty one: what is written into the former would be lost.
Result<Locked> open_locked(Fs& fs, const Clock& clock, int folder, const std::string& name,
                           const MboxPlace& place) {
  for (int i = 0; i < kMostReplaced; ++i) {
    Result<Opened> mbox = open_mbox(fs, folder, name, place.mode);
    if (!mbox) return std::unexpected(mbox.error());
    const int file = mbox->file.get();
    const Result<> ours = check_file(fs, file, place.path, place.owned);
    if (!ours) return std::unexpected(ours.error());
    Result<MboxLock> lock =
        MboxLock::take(fs, clock, file, folder, name, place.dot, place.patience_ms);
    if (!lock) return std::unexpected(lock.error());
    const Result<bool> same = leads_to(fs, folder, name, file);
    if (!same) return std::unexpected(same.error());
    if (*same) return Locked{std::move(*mbox), std::move(*lock)};
  }
  return fail(place.path + " is replaced again and again");
}

} // namespace

std::string_view MboxQuote::take(std::string_view lines) {
  out_.clear();
  while (!lines.empty()) {
    if (!at_start_) {
      const std::size_t end = lines.find('\n');
      const std::size_t n = end == std::string_view::npos ? lines.size() : end + 1;
      out_ += lines.substr(0, n);
      lines.remove_prefix(n);
      at_start_ = end != std::string_view::npos;
      continue;
    }
    begin_ += lines.front();
    lines.remove_prefix(1);
    decide(false);
  }
  return out_;
}

// A line of nothing but marks is bounded by giving up on it: it gets one more than it needs.
void MboxQuote::decide(bool at_end) {
  constexpr std::size_t kLongest = 1000;
  const bool from = is_from(begin_) || begin_.size() >= kLongest;
  if (!from && !at_end && may_be_from(begin_)) return;
  if (from) out_ += '>';
  out_ += begin_;
  at_start_ = begin_.ends_with('\n');
  begin_.clear();
}

std::string MboxQuote::finish() {
  out_.clear();
  if (!begin_.empty()) decide(true);
  return at_start_ ? out_ + "\n" : out_ + "\n\n";
}

// asctime(3)'s form; UTC, as the zone is not in it.
std::string from_line(const Address& sender, WallUs now) {
  std::string who = sender.null() ? "MAILER-DAEMON" : sender.text();
  std::ranges::replace(who, ' ', '_'); // of a quoted local part: readers split here
  const auto seconds = static_cast<std::time_t>(now / 1'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char date[32];
  if (std::strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &parts) == 0) date[0] = '\0';
  return "From " + who + " " + date + "\n";
}

Verdict deliver_to_mbox(Fs& fs, const Clock& clock, const MboxPlace& place,
                        const LocalEnvelope& envelope, Letter& letter) {
  if (place.path == "/dev/null") return swallow(letter);
  const Parts parts = split_path(place.path);
  const Result<Fd> folder = fs.open_at(AT_FDCWD, parts.folder, O_RDONLY | O_DIRECTORY, 0);
  if (!folder) return again(folder.error());
  const Result<Locked> locked = open_locked(fs, clock, folder->get(), parts.name, place);
  if (!locked) return again(locked.error());
  const int file = locked->mbox.file.get();
  const Result<std::uint64_t> end = find_end(fs, file);
  if (!end) return again(end.error());
  std::uint64_t at = *end;
  Result<> done = begin_letter(fs, file, at, envelope, clock.wall_us());
  if (done) done = write_letter(fs, file, at, letter);
  if (done && locked->mbox.fresh) done = fs.sync(folder->get());
  if (!done) {
    const Result<> cut = fs.truncate(file, *end);
    return again(done.error().text + (cut ? "" : "; and the part written could not be cut off"));
  }
  return {EX_OK, "delivered to the mailbox " + place.path};
}

} // namespace waypost::local
