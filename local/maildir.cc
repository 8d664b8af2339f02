#include "local/maildir.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace waypost::local {
namespace {

// maildir(5): the host's name with / as \057 and : as \072.
std::string host_part() {
  struct utsname system{};
  ::uname(&system);
  std::string name;
  for (const char c : std::string_view(system.nodename)) {
    if (c == '/') {
      name += "\\057";
    } else if (c == ':') {
      name += "\\072";
    } else {
      name += c;
    }
  }
  return name.empty() ? "localhost" : name;
}

// Time, microseconds, process, and randomness for machines that share the folder.
std::string unique_name(const Clock& clock) {
  const WallUs now = clock.wall_us();
  std::uint64_t random = 0;
  [[maybe_unused]] const ssize_t n = ::getrandom(&random, sizeof random, 0);
  return std::to_string(now / 1'000'000) + ".M" + std::to_string(now % 1'000'000) + "P" +
         std::to_string(::getpid()) + "R" + std::to_string(random) + "." + host_part();
}

Result<Fd> open_folder(Fs& fs, int dir, const std::string& name) {
  return fs.open_at(dir, name, O_RDONLY | O_DIRECTORY, 0);
}

Result<Fd> open_or_make(Fs& fs, int dir, const std::string& name) {
  Result<Fd> folder = open_folder(fs, dir, name);
  if (folder || folder.error().code != ENOENT) return folder;
  const Result<> made = fs.make_directory(dir, name, 0700);
  if (!made && made.error().code != EEXIST) return std::unexpected(made.error());
  // A message is as durable as the folder that it lies in.
  const std::size_t slash = name.rfind('/');
  const std::string above = slash == std::string::npos ? "." : name.substr(0, slash + 1);
  const Result<Fd> parent = open_folder(fs, dir, above);
  if (!parent) return std::unexpected(parent.error());
  const Result<> synced = fs.sync(parent->get());
  if (!synced) return std::unexpected(synced.error());
  return open_folder(fs, dir, name);
}

struct Maildir {
  Fd top;
  Fd tmp;
  Fd fresh;
};

Result<Maildir> open_maildir(Fs& fs, const std::string& path) {
  Maildir all;
  Result<Fd> top = open_or_make(fs, AT_FDCWD, path);
  if (!top) return std::unexpected(top.error());
  all.top = std::move(*top);
  Result<Fd> cur = open_or_make(fs, all.top.get(), "cur");
  if (!cur) return std::unexpected(cur.error());
  for (const auto& [name, place] : {std::pair{"tmp", &all.tmp}, std::pair{"new", &all.fresh}}) {
    Result<Fd> folder = open_or_make(fs, all.top.get(), name);
    if (!folder) return std::unexpected(folder.error());
    *place = std::move(*folder);
  }
  return all;
}

Result<> write_letter(Fs& fs, int file, const LocalEnvelope& envelope, Letter& letter) {
  Result<> done = fs.write_all(file, trace_lines(envelope, "\n"));
  UnixLines lines;
  while (done) {
    const Result<std::string_view> piece = letter.next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) return fs.sync(file);
    done = fs.write_all(file, lines.take(*piece));
  }
  return done;
}

} // namespace

Verdict deliver_to_maildir(Fs& fs, const Clock& clock, const std::string& path,
                           const LocalEnvelope& envelope, Letter& letter) {
  const Result<Maildir> maildir = open_maildir(fs, path);
  if (!maildir) return again(maildir.error());
  const std::string name = unique_name(clock);
  const Result<Fd> file =
      fs.open_at(maildir->tmp.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  if (!file) return again(file.error());
  Result<> done = write_letter(fs, file->get(), envelope, letter);
  if (done) done = fs.rename_at(maildir->tmp.get(), name, maildir->fresh.get(), name);
  if (!done) {
    static_cast<void>(fs.unlink_at(maildir->tmp.get(), name));
    return again(done.error());
  }
  // The name must survive a power cut before the queue forgets the message. After an error it may
  // be there or not: delivered twice at worst.
  const Result<> named = fs.sync(maildir->fresh.get());
  if (!named) return again(named.error());
  return {EX_OK, "delivered to the maildir " + path};
}

} // namespace waypost::local
