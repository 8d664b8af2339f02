#include "route/compile.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/clock.h"
#include "lib/sys/fs.h"
#include "lib/sys/home.h"
#include "route/configuration.h"
#include "route/key.h"

namespace waypost::route {
namespace {

constexpr int kBad = 100;
constexpr int kTemporary = 111;
constexpr std::size_t kMaxFile = std::size_t{64} << 20;

int complain(const Error& error) {
  std::fprintf(stderr, "waypost-config: %s\n", error.text.c_str());
  return kTemporary;
}

Result<std::string> read_file(const std::string& path) {
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

// Whoever reads the snapshot stands in another folder.
std::string absolute(const std::string& path) {
  char* const found = ::realpath(path.c_str(), nullptr);
  const std::unique_ptr<char, void (*)(void*)> owned(found, std::free);
  return found != nullptr ? found : path;
}

// The file's snapshot, or the exit code after everything wrong with it was said.
std::expected<Snapshot, int> load(const ConfigCommand& command) {
  const std::string path = command.file.value_or(find_home().config());
  const Result<std::string> text = read_file(path);
  if (!text && text.error().code == ENOENT && !command.file) {
    std::printf("%s does not exist: the defaults hold, and all mail is delivered directly\n",
                path.c_str());
    return default_snapshot();
  }
  if (!text) return std::unexpected(complain(text.error()));
  auto snapshot = configure(*text, path);
  if (snapshot) {
    snapshot->settings.source = absolute(path);
    return std::move(*snapshot);
  }
  for (const Complaint& one : snapshot.error())
    std::fprintf(stderr, "%s:%u: %s\n", path.c_str(), one.line, one.text.c_str());
  return std::unexpected(kBad);
}

// By a temporary file beside it, so that `path` holds the old snapshot or the new one at any
// moment, also after the power failed.
Result<> replace_file(const std::string& path, std::string_view bytes) {
  RealFs fs;
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const Result<Fd> directory =
      fs.open_at(AT_FDCWD, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY, 0);
  if (!directory) return std::unexpected(directory.error());
  std::string temporary = path + ".XXXXXX";
  const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return fail_errno("create " + path + ".XXXXXX");
  // Every program of waypost reads it, whatever its user; there is no secret in it.
  constexpr mode_t kReadable = 0644;
  Result<> done =
      ::fchmod(fd.get(), kReadable) == 0 ? Result<>() : fail_errno("chmod " + temporary);
  if (done) done = fs.write_all(fd.get(), bytes);
  if (done) done = fs.sync(fd.get());
  if (done) done = fs.rename_at(AT_FDCWD, temporary, AT_FDCWD, path);
  if (!done) {
    ::unlink(temporary.c_str());
    return fail(path + ": " + done.error().text);
  }
  return fs.sync(directory->get());
}

// Later than the one before it, also when the clock went back.
std::uint64_t next_generation(const std::string& path) {
  const auto now = static_cast<std::uint64_t>(RealClock().wall_us());
  return std::max(now, read_settings(path).generation + 1);
}

std::string summary(const Snapshot& snapshot) {
  const auto count = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  return count(snapshot.transports.size(), "transport") + ", " +
         count(snapshot.routes.size(), "rule");
}

int check(const ConfigCommand& command) {
  const std::expected<Snapshot, int> snapshot = load(command);
  if (!snapshot) return snapshot.error();
  std::printf("no errors: %s\n", summary(*snapshot).c_str());
  return 0;
}

int compile(const ConfigCommand& command) {
  std::expected<Snapshot, int> snapshot = load(command);
  if (!snapshot) return snapshot.error();
  const std::string path = command.output.value_or(find_home().snapshot());
  snapshot->settings.generation = next_generation(path);
  const Result<> written = replace_file(path, encode_snapshot(*snapshot));
  if (!written) return complain(written.error());
  std::printf("%s: generation %llu, %s\n", path.c_str(),
              static_cast<unsigned long long>(snapshot->settings.generation),
              summary(*snapshot).c_str());
  return 0;
}

template <class Target>
void print_keys(const char* section, const std::vector<Key<Target>>& keys) {
  for (const Key<Target>& key : keys) {
    std::printf("%s\t%.*s\t%s\t%s\n", section, static_cast<int>(key.name.size()), key.name.data(),
                key.takes.c_str(), key.fallback.empty() ? "none" : key.fallback.c_str());
  }
}

} // namespace

std::optional<ConfigCommand> parse_config_command(std::span<const std::string_view> arguments) {
  ConfigCommand command;
  if (arguments.empty()) return std::nullopt;
  if (arguments[0] == "compile") {
    command.what = ConfigCommand::What::compile;
  } else if (arguments[0] == "keys" && arguments.size() == 1) {
    command.what = ConfigCommand::What::keys;
  } else if (arguments[0] != "check") {
    return std::nullopt;
  }
  for (auto rest = arguments.subspan(1); !rest.empty(); rest = rest.subspan(1)) {
    const bool compiles = command.what == ConfigCommand::What::compile;
    if (rest[0] == "--output" && compiles && rest.size() > 1) {
      command.output = std::string(rest[1]);
      rest = rest.subspan(1);
    } else if (rest[0] == "--" && rest.size() == 2 && !command.file) {
      command.file = std::string(rest[1]);
      rest = rest.subspan(1);
    } else if (rest[0].starts_with('-') || command.file) {
      return std::nullopt;
    } else {
      command.file = std::string(rest[0]);
    }
  }
  return command;
}

int run(const ConfigCommand& command) {
  switch (command.what) {
  case ConfigCommand::What::check: return check(command);
  case ConfigCommand::What::compile: return compile(command);
  case ConfigCommand::What::keys: break;
  }
  print_keys("file", settings_keys());
  print_keys("transport", transport_keys());
  print_keys("route", rule_keys());
  return 0;
}

} // namespace waypost::route
