// The snapshot as a file, and what holds without one. Used by programs that start for each message:
// system calls only, no name services.
#include "lib/mail/snapshot.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <numeric>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/mail/address.h"
#include "lib/mail/settings_file.h"
#include "lib/sys/fd.h"
#include "lib/sys/netstring.h"
#include "lib/sys/shortage.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

// The settings are the file's first record, and waypost-config keeps them shorter than this.
constexpr std::size_t kFirstBytes = kMaxSettingsBytes;
constexpr std::size_t kMaxFile = std::size_t{256} << 20;

Result<Fd> open_to_read(const std::string& path) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return fail_errno("open " + path);
  return Fd(fd);
}

Result<std::size_t> read_some(int fd, char* bytes, std::size_t size) {
  ssize_t n = -1;
  do {
    n = ::read(fd, bytes, size);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return fail_errno("read");
  return static_cast<std::size_t>(n);
}

// Up to `size` bytes, less only at the end of the file.
Result<std::size_t> read_full(int fd, char* bytes, std::size_t size) {
  std::size_t have = 0;
  while (have < size) {
    const auto n = read_some(fd, bytes + have, size - have);
    if (!n) return n;
    if (*n == 0) break;
    have += *n;
  }
  return have;
}

Result<Settings> first_settings(const std::string& path) {
  const Result<Fd> fd = open_to_read(path);
  if (!fd) return std::unexpected(fd.error());
  std::array<char, kFirstBytes> bytes;
  const auto n = read_full(fd->get(), bytes.data(), bytes.size());
  if (!n) return std::unexpected(n.error());
  std::string_view rest(bytes.data(), *n);
  const auto frame = take_netstring(rest, kFirstBytes);
  if (!frame || !*frame) return fail("no settings");
  const Result<Record> record = Record::decode(**frame);
  if (!record) return std::unexpected(record.error());
  return settings_of(*record);
}

// A name that other machines can be told; an address literal is none.
bool usable(std::string_view name) {
  const Result<Domain> domain = Domain::parse(name);
  return domain && domain->ascii() && !domain->literal();
}

} // namespace

std::vector<std::uint64_t> Settings::default_retry() {
  constexpr std::uint64_t minute = 60;
  constexpr std::uint64_t hour = 60 * minute;
  return {450,      15 * minute, 30 * minute, hour,      2 * hour, 4 * hour,
          8 * hour, 16 * hour,   24 * hour,   24 * hour, 24 * hour};
}

Settings default_settings() {
  Settings settings;
  settings.hostname = system_hostname();
  settings.postmaster = "postmaster@" + settings.hostname;
  settings.retry_s = Settings::default_retry();
  settings.expire_after_s =
      std::accumulate(settings.retry_s.begin(), settings.retry_s.end(), std::uint64_t{0});
  return settings;
}

Result<Snapshot> read_snapshot(const std::string& path) {
  const Result<Fd> fd = open_to_read(path);
  if (!fd) return std::unexpected(fd.error());
  constexpr std::size_t kFirstStep = 4096;
  std::string bytes;
  for (;;) {
    // Twice as much each time: most are small, and who reads one keeps the memory.
    const std::size_t have = bytes.size();
    const std::size_t step = std::max(have, kFirstStep);
    bytes.resize(have + step);
    const auto n = read_some(fd->get(), bytes.data() + have, step);
    if (!n) return std::unexpected(Error{n.error().code, path + ": " + n.error().text});
    bytes.resize(have + *n);
    if (*n == 0) break;
    if (bytes.size() > kMaxFile) return fail(path + ": longer than 256 MiB");
  }
  Result<Snapshot> snapshot = decode_snapshot(bytes);
  if (!snapshot) return fail(path + ": " + snapshot.error().text);
  return snapshot;
}

Settings read_settings(const std::string& path) {
  Result<Settings> settings = first_settings(path);
  return settings ? std::move(*settings) : default_settings();
}

Result<Settings> settings_that_hold(const std::string& path) {
  Result<Settings> settings = first_settings(path);
  if (!settings && !passes(settings.error())) return default_settings();
  return settings;
}

std::string system_hostname() {
  const Result<Fd> fd = open_to_read("/etc/mailname");
  if (fd) {
    std::array<char, 1024> bytes;
    const auto n = read_some(fd->get(), bytes.data(), bytes.size());
    std::string_view text(bytes.data(), n.value_or(0));
    const std::string_view name = trim(cut(text, '\n'));
    if (usable(name)) return std::string(name);
  }
  struct utsname system{};
  if (::uname(&system) == 0 && usable(system.nodename)) return system.nodename;
  return "localhost";
}

} // namespace waypost
