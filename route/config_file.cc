#include "route/config_file.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <iterator>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/fs.h"
#include "lib/sys/home.h"
#include "route/machine_warnings.h"

namespace waypost::route {
namespace {

constexpr std::size_t kMaxFile = std::size_t{64} << 20;

// Whoever reads the snapshot stands in another folder.
std::string absolute(const std::string& path) {
  char* const found = ::realpath(path.c_str(), nullptr);
  const std::unique_ptr<char, void (*)(void*)> owned(found, std::free);
  return found != nullptr ? found : path;
}

void print(const std::string& path, const Complaint& one, const char* kind) {
  std::fprintf(stderr, "%s:%u: %s%s\n", path.c_str(), one.line, kind, one.text.c_str());
}

void add_machine_warnings(Configuration& configuration) {
  auto more = machine_warnings(configuration.snapshot, configuration.origins, find_home().etc);
  auto& all = configuration.warnings;
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  std::ranges::stable_sort(all, {}, &Complaint::line);
}

// Gives the temporary file its name. A link never takes the place of what is there.
Result<> name_file(Fs& fs, const std::string& temporary, const std::string& path,
                   Existing existing) {
  if (existing == Existing::replace) return fs.rename_at(AT_FDCWD, temporary, AT_FDCWD, path);
  if (::link(temporary.c_str(), path.c_str()) != 0) return fail_errno("link to " + path);
  return fs.unlink_at(AT_FDCWD, temporary);
}

} // namespace

Result<std::string> read_text_file(const std::string& path) {
  RealFs fs;
  // A FIFO must not hold us up, a device must not be read.
  const Result<Fd> fd = fs.open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (!fd) return std::unexpected(fd.error());
  const Result<struct stat> st = fs.status(fd->get());
  if (!st) return std::unexpected(st.error());
  if (!S_ISREG(st->st_mode)) return fail(path + " is not a file");
  if (static_cast<std::size_t>(st->st_size) > kMaxFile) return fail(path + " is above 64 MiB");
  std::string bytes(static_cast<std::size_t>(st->st_size), '\0');
  const Result<std::size_t> n = fs.read_at(fd->get(), bytes, 0);
  if (!n) return fail(path + ": " + n.error().text);
  bytes.resize(*n);
  return bytes;
}

std::expected<Configuration, int> load(const std::optional<std::string>& file, std::FILE* notices) {
  const std::string path = file.value_or(find_home().config());
  const Result<std::string> text = read_text_file(path);
  if (!text && text.error().code == ENOENT && !file) {
    std::fprintf(notices,
                 "%s does not exist: the defaults hold, and all mail is delivered directly\n",
                 path.c_str());
    return default_configuration();
  }
  if (!text) {
    std::fprintf(stderr, "waypost-config: %s\n", text.error().text.c_str());
    return std::unexpected(kTemporary);
  }
  auto configuration = read_configuration(*text, path);
  if (configuration) {
    // A file that is tried out may be meant for another machine.
    if (!file) add_machine_warnings(*configuration);
    print_warnings(*configuration, path);
    configuration->snapshot.settings.source = absolute(path);
    return std::move(*configuration);
  }
  for (const Complaint& one : configuration.error())
    print(path, one, "");
  return std::unexpected(kBad);
}

void print_warnings(const Configuration& configuration, const std::string& path) {
  for (const Complaint& one : configuration.warnings)
    print(path, one, "warning: ");
}

std::string summary(const Configuration& configuration) {
  const auto count = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  const auto in_file = [](const TableOrigin& origin) { return origin.line != 0; };
  const auto transports = std::ranges::count_if(configuration.origins.transports, in_file);
  return count(static_cast<std::size_t>(transports), "transport") + ", " +
         count(configuration.snapshot.routes.size(), "rule") +
         (configuration.snapshot.routes.empty() ? ": mail goes directly" : "");
}

Result<> write_file(const std::string& path, std::string_view bytes, Existing existing) {
  RealFs fs;
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const Result<Fd> directory =
      fs.open_at(AT_FDCWD, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY, 0);
  if (!directory) return std::unexpected(directory.error());
  std::string temporary = path + ".XXXXXX";
  const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd && errno == EACCES)
    return std::unexpected(
        Error{EACCES, "you may not write " + path + "; on an installed system root may"});
  if (!fd) return fail_errno("create " + path + ".XXXXXX");
  // Every program of waypost reads it, whatever its user; there is no secret in it.
  constexpr mode_t kReadable = 0644;
  Result<> done =
      ::fchmod(fd.get(), kReadable) == 0 ? Result<>() : fail_errno("chmod " + temporary);
  if (done) done = fs.write_all(fd.get(), bytes);
  if (done) done = fs.sync(fd.get());
  if (done) done = name_file(fs, temporary, path, existing);
  if (!done) {
    ::unlink(temporary.c_str());
    return std::unexpected(Error{done.error().code, path + ": " + done.error().text});
  }
  return fs.sync(directory->get());
}

} // namespace waypost::route
