#include "local/deliver.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mail/alias_file.h"
#include "lib/sys/confine.h"
#include "lib/sys/text.h"
#include "local/command.h"
#include "local/lmtp.h"
#include "local/maildir.h"
#include "local/mbox.h"

namespace waypost::local {
namespace {

constexpr mode_t kSharedMode = 0660; // in /var/mail, whose group is mail

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

BootMs milliseconds(const std::string& word) {
  return static_cast<BootMs>(parse_number(word, 86'400'000).value_or(600'000));
}

Verdict to_maildir(const std::string& path, const LocalEnvelope& envelope, Letter& letter) {
  ::umask(077);
  confine({.write = {folder_of(path)}}, EX_TEMPFAIL);
  RealFs fs;
  const RealClock clock;
  return deliver_to_maildir(fs, clock, path, envelope, letter);
}

// A folder of mailboxes that is missing, in a home or the user's own queue, is made before we may
// write nothing else. A message is as durable as the folder that it lies in.
Result<> make_missing(Fs& fs, const std::string& folder) {
  const Result<Fd> there = fs.open_at(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY, 0);
  if (there || there.error().code != ENOENT) return {};
  const Result<> made = fs.make_directory(AT_FDCWD, folder, 0700);
  if (!made && made.error().code != EEXIST) return made;
  const Result<Fd> above = fs.open_at(AT_FDCWD, folder_of(folder), O_RDONLY | O_DIRECTORY, 0);
  return above ? fs.sync(above->get()) : std::unexpected(above.error());
}

Verdict to_mbox(const MboxPlace& place, const LocalEnvelope& envelope, Letter& letter) {
  ::umask(007);
  confine({.write = {folder_of(place.path)}}, EX_TEMPFAIL);
  RealFs fs;
  const RealClock clock;
  return deliver_to_mbox(fs, clock, place, envelope, letter);
}

Verdict to_command(const std::vector<std::string>& words, BootMs limit,
                   const LocalEnvelope& envelope, Letter& letter, char* const* inherited) {
  const Result<std::vector<std::string>> filled = fill_in(words, envelope);
  if (!filled) return {EX_USAGE, "553 5.1.3 " + filled.error().text};
  const RealClock clock;
  const Command command{*filled, command_environment(envelope, inherited), limit};
  return deliver_to_command(clock, command, envelope, letter);
}

Result<std::string> read_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return fail_errno("open " + path);
  std::string text;
  char block[16 * 1024];
  for (;;) {
    const ssize_t n = ::read(file.get(), block, sizeof block);
    if (n < 0) return fail_errno("read " + path);
    if (n == 0) return text;
    text.append(block, static_cast<std::size_t>(n));
    if (text.size() > kMaxAliasFile) return fail(path + " is longer than 16 MiB");
  }
}

// Whoever asked: only what the alias file names now is run or written.
Verdict to_alias(BootMs limit, const std::string& alias_file, const LocalEnvelope& envelope,
                 Letter& letter, char* const* inherited) {
  const std::optional<AliasTarget> target = target_of_local_part(envelope.recipient.local());
  if (!target) return {EX_NOUSER, "550 5.1.1 not a command and not a file"};
  const Result<std::string> text = read_file(alias_file);
  if (!text) return again(text.error());
  if (!AliasFile::parse(*text).names(*target))
    return {EX_NOUSER, "550 5.1.1 " + alias_file + " names no such command or file (any more)"};
  if (target->kind == AliasTarget::Kind::command) {
    const Result<std::vector<std::string>> words = split_command(target->text);
    if (!words) return again(words.error());
    return to_command(*words, limit, envelope, letter, inherited);
  }
  if (target->text.ends_with('/') && target->text.size() > 1)
    return to_maildir(target->text.substr(0, target->text.size() - 1), envelope, letter);
  MboxPlace place;
  place.path = target->text;
  place.dot = DotLock::where_possible;
  place.owned = false;
  return to_mbox(place, envelope, letter);
}

} // namespace

Verdict deliver(const std::vector<std::string>& words, const LocalEnvelope& envelope,
                Letter& letter, char* const* inherited) {
  const std::string& how = words.front();
  if (how == "maildir" && words.size() == 2) return to_maildir(words[1], envelope, letter);
  if (how == "mbox" && words.size() == 2) {
    MboxPlace place;
    place.path = words[1];
    place.mode = kSharedMode;
    RealFs fs;
    const Result<> made = make_missing(fs, folder_of(place.path));
    if (!made) return again(made.error());
    return to_mbox(place, envelope, letter);
  }
  if (how == "pipe" && words.size() >= 3)
    return to_command({words.begin() + 2, words.end()}, milliseconds(words[1]), envelope, letter,
                      inherited);
  if (how == "aliases" && words.size() == 3)
    return to_alias(milliseconds(words[1]), words[2], envelope, letter, inherited);
  if (how == "lmtp" && words.size() == 6) {
    const LmtpServer server{words[4], static_cast<std::uint16_t>(milliseconds(words[5])),
                            milliseconds(words[1]), milliseconds(words[2]), milliseconds(words[3])};
    return deliver_to_lmtp(server, envelope, letter);
  }
  return {EX_USAGE, "450 waypost-local was started with strange words"};
}

} // namespace waypost::local
