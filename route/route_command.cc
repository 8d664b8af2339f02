#include "route/route_command.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "lib/sys/home.h"
#include "lib/sys/text.h"
#include "route/explain.h"
#include "route/story_output.h"

namespace waypost::route {
namespace {

constexpr int kBad = 100;
constexpr int kTemporary = 111;
constexpr std::uint64_t kMostAttempts = 1000;

int complain(const std::string& text, int code) {
  std::fprintf(stderr, "waypost-route: %s\n", text.c_str());
  return code;
}

// A name in the file system that goes when this goes.
class TemporaryFile {
public:
  TemporaryFile() {
    const char* folder = std::getenv("TMPDIR");
    path_ = std::string(folder != nullptr && *folder == '/' ? folder : "/tmp") +
            "/waypost-route.XXXXXX";
    const int fd = ::mkstemp(path_.data());
    made_ = fd >= 0;
    if (made_) ::close(fd);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (made_) ::unlink(path_.c_str());
  }
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
  bool made_ = false;
};

// The exit code of waypost-config, which alone knows TOML; its errors go where ours go.
int compile(const std::string& config, const std::string& output) {
  std::string program = program_path("waypost-config");
  std::string words[] = {"waypost-config", "compile", "--output", output, "--", config};
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // Its own line of success is not what was asked for.
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int failed =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return complain(fail_errno("start " + program, failed).error().text, kTemporary);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kTemporary;
}

std::expected<Snapshot, int> load(const RouteCommand& command) {
  if (!command.config) {
    const std::string path = find_home().snapshot();
    Result<Snapshot> snapshot = read_snapshot(path);
    if (snapshot) return std::move(*snapshot);
    const bool missing = snapshot.error().code == ENOENT;
    return std::unexpected(
        complain(missing ? path + " does not exist: until waypost-config compile has made it, all "
                                  "mail waits; --config FILE explains a file as it is"
                         : snapshot.error().text,
                 kTemporary));
  }
  const TemporaryFile file;
  if (!file.made()) {
    return std::unexpected(complain(fail_errno("create " + file.path()).error().text, kTemporary));
  }
  const int code = compile(*command.config, file.path());
  if (code != 0) return std::unexpected(code == kBad ? kBad : kTemporary);
  Result<Snapshot> snapshot = read_snapshot(file.path());
  if (!snapshot) return std::unexpected(complain(snapshot.error().text, kTemporary));
  return std::move(*snapshot);
}

// The rules that mail goes by are the compiled ones; a file changed since is a common surprise.
void warn_of_newer_file(const Settings& settings) {
  struct stat st{};
  if (settings.source.empty() || ::stat(settings.source.c_str(), &st) != 0) return;
  const auto changed = static_cast<std::uint64_t>(st.st_mtim.tv_sec) * 1'000'000 +
                       static_cast<std::uint64_t>(st.st_mtim.tv_nsec) / 1'000;
  if (changed <= settings.generation) return;
  std::fprintf(stderr,
               "waypost-route: %s was changed after it was compiled; this is what holds now "
               "(--config explains the file)\n",
               printable(settings.source).c_str());
}

Result<Address> take_address(std::string_view text) {
  if (text == "<>") return Address();
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  return Address::parse(text);
}

Result<> take_option(RouteCommand& command, std::string_view option, std::string_view value) {
  if (option == "--account") {
    command.account = value;
    return {};
  }
  if (option == "--config") {
    command.config = std::string(value);
    return {};
  }
  if (option == "--attempts") {
    const auto attempts = parse_number(value, kMostAttempts);
    if (!attempts || *attempts == 0) return fail("--attempts takes a number from 1 to 1000");
    command.attempts = static_cast<std::uint32_t>(*attempts);
    return {};
  }
  if (option != "--after") return fail("unknown option " + printable(option));
  const auto classes = FailureClasses::parse(value);
  if (!classes) return fail("--after takes classes of failure, as in --after blocked,rate");
  command.after = *classes;
  return {};
}

} // namespace

Result<RouteCommand> parse_route_command(std::span<const std::string_view> arguments) {
  RouteCommand command;
  std::vector<std::string_view> addresses;
  bool options = true;
  for (auto rest = arguments; !rest.empty(); rest = rest.subspan(1)) {
    if (options && rest[0] == "--") {
      options = false;
    } else if (options && rest[0] == "--json") {
      command.json = true;
    } else if (options && rest[0].starts_with("--")) {
      if (rest.size() < 2) return fail(printable(rest[0]) + " takes a value");
      const Result<> taken = take_option(command, rest[0], rest[1]);
      if (!taken) return std::unexpected(taken.error());
      rest = rest.subspan(1);
    } else {
      addresses.push_back(rest[0]);
    }
  }
  if (addresses.size() != 2) return fail("two addresses are wanted: FROM and TO");
  Result<Address> from = take_address(addresses[0]);
  Result<Address> to = take_address(addresses[1]);
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  if (to->null()) return fail("TO is empty");
  command.from = std::move(*from);
  command.to = std::move(*to);
  return command;
}

int run(const RouteCommand& command) {
  std::expected<Snapshot, int> snapshot = load(command);
  if (!snapshot) return snapshot.error();
  const Routes routes(std::move(*snapshot));
  const Settings& settings = routes.snapshot().settings;
  RouteQuery query;
  query.account = command.account;
  query.from = command.from.domain();
  query.to = command.to.domain();
  query.classes = command.after;
  const auto all = static_cast<std::uint32_t>(settings.retry_s.size() + 1);
  const Story story = explain(routes, query, command.attempts != 0 ? command.attempts : all);
  const StoryTitle title{command.from.text(), command.to.text(), command.account};
  const std::string out = command.json ? story_json(story) : story_text(story, title, settings);
  if (std::fputs(out.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    return complain("write: no room, or nobody reads", kTemporary);
  }
  if (!command.config) warn_of_newer_file(settings);
  return 0;
}

} // namespace waypost::route
