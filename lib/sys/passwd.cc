#include "lib/sys/passwd.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::size_t kMaxPasswd = std::size_t{1} << 20;

std::string read_database(const char* path) {
  std::string text;
  const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
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
  const std::string text = read_database("/etc/passwd");
  std::string_view rest = text;
  while (!rest.empty()) {
    auto entry = parse_passwd_line(cut(rest, '\n'));
    if (entry && wanted(*entry)) return entry;
  }
  return std::nullopt;
}

// name:password:gid:member,member
struct GroupLine {
  std::string_view name;
  gid_t gid = 0;
  std::string_view members;
};

std::optional<GroupLine> parse_group_line(std::string_view line) {
  const auto fields = split(line, ':');
  if (fields.size() != 4 || fields[0].empty()) return std::nullopt;
  const auto gid = parse_number(fields[2], UINT32_MAX);
  if (!gid) return std::nullopt;
  return GroupLine{fields[0], static_cast<gid_t>(*gid), fields[3]};
}

template <class Each>
void each_group(Each each) {
  const std::string text = read_database("/etc/group");
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto group = parse_group_line(cut(rest, '\n'));
    if (group) each(*group);
  }
}

} // namespace

std::optional<PasswdEntry> parse_passwd_line(std::string_view line) {
  const auto fields = split(line, ':');
  if (fields.size() != 7 || fields[0].empty()) return std::nullopt;
  const auto uid = parse_number(fields[2], UINT32_MAX);
  const auto gid = parse_number(fields[3], UINT32_MAX);
  if (!uid || !gid) return std::nullopt;
  return PasswdEntry{std::string(fields[0]),   static_cast<uid_t>(*uid), std::string(fields[4]),
                     static_cast<gid_t>(*gid), std::string(fields[5]),   std::string(fields[6])};
}

std::optional<PasswdEntry> find_passwd_uid(uid_t uid) {
  return find([uid](const PasswdEntry& entry) { return entry.uid == uid; });
}

std::optional<PasswdEntry> find_passwd_name(std::string_view name) {
  return find([name](const PasswdEntry& entry) { return entry.name == name; });
}

std::optional<gid_t> find_group(std::string_view name) {
  std::optional<gid_t> found;
  each_group([&](const GroupLine& group) {
    if (!found && group.name == name) found = group.gid;
  });
  return found;
}

std::vector<gid_t> groups_of(std::string_view user) {
  std::vector<gid_t> all;
  each_group([&](const GroupLine& group) {
    const auto members = split(group.members, ',');
    if (std::ranges::find(members, user) != members.end()) all.push_back(group.gid);
  });
  return all;
}

} // namespace waypost
