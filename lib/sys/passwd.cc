#include "lib/sys/passwd.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::size_t kMaxDatabase = std::size_t{1} << 20;

Result<std::string> read_database(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno("open " + path);
  std::string text;
  char block[8192];
  for (;;) {
    const ssize_t n = ::read(file.get(), block, sizeof block);
    if (n < 0) return fail_errno("read " + path);
    if (n == 0) return text;
    text.append(block, static_cast<std::size_t>(n));
    if (text.size() > kMaxDatabase) return fail_errno("read " + path, EFBIG);
  }
}

template <class Wanted>
Result<std::optional<PasswdEntry>> find(Wanted wanted) {
  const Result<std::string> text = read_database("/etc/passwd");
  if (!text) return std::unexpected(text.error());
  std::string_view rest = *text;
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
Result<> each_group(Each each) {
  const Result<std::string> text = read_database("/etc/group");
  if (!text) return std::unexpected(text.error());
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto group = parse_group_line(cut(rest, '\n'));
    if (group) each(*group);
  }
  return {};
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

Result<std::optional<PasswdEntry>> find_passwd_uid(uid_t uid) {
  return find([uid](const PasswdEntry& entry) { return entry.uid == uid; });
}

Result<std::optional<PasswdEntry>> find_passwd_name(std::string_view name) {
  return find([name](const PasswdEntry& entry) { return entry.name == name; });
}

Result<std::optional<gid_t>> find_group(std::string_view name) {
  std::optional<gid_t> found;
  const Result<> read = each_group([&](const GroupLine& group) {
    if (!found && group.name == name) found = group.gid;
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

Result<std::vector<gid_t>> groups_of(std::string_view user) {
  std::vector<gid_t> all;
  const Result<> read = each_group([&](const GroupLine& group) {
    const auto members = split(group.members, ',');
    if (std::ranges::find(members, user) != members.end()) all.push_back(group.gid);
  });
  if (!read) return std::unexpected(read.error());
  return all;
}

} // namespace waypost
