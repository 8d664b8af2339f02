#include "lib/sys/passwd.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::size_t kMaxPasswd = std::size_t{1} << 20;

std::string read_passwd() {
  std::string text;
  const Fd file(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  if (!file) return text;
  char block[8192];
  for (;;) {
    const ssize_t n = ::read(file.get(), block, sizeof block);
    if (n <= 0 || text.size() > kMaxPasswd) return text;
    text.append(block, static_cast<std::size_t>(n));
  }
}

template <class Wanted>
std::optional<PasswdEntry> find(Wanted wanted) {
  const std::string text = read_passwd();
  std::string_view rest = text;
  while (!rest.empty()) {
    auto entry = parse_passwd_line(cut(rest, '\n'));
    if (entry && wanted(*entry)) return entry;
  }
  return std::nullopt;
}

} // namespace

std::optional<PasswdEntry> parse_passwd_line(std::string_view line) {
  const auto fields = split(line, ':');
  if (fields.size() != 7 || fields[0].empty()) return std::nullopt;
  const auto uid = parse_number(fields[2], UINT32_MAX);
  if (!uid) return std::nullopt;
  return PasswdEntry{std::string(fields[0]), static_cast<uid_t>(*uid), std::string(fields[4])};
}

std::optional<PasswdEntry> find_passwd_uid(uid_t uid) {
  return find([uid](const PasswdEntry& entry) { return entry.uid == uid; });
}

std::optional<PasswdEntry> find_passwd_name(std::string_view name) {
  return find([name](const PasswdEntry& entry) { return entry.name == name; });
}

} // namespace waypost
