#include "route/compiled.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/temporary_folder.h"
#include "route/child.h"

namespace waypost::route {
namespace {

// A name in the file system that goes when this goes.
class TemporaryFile {
public:
  TemporaryFile() {
    path_ = temporary_folder() + "/waypost-route.XXXXXX";
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

// The exit code of waypost-config; its errors go where ours go.
int compile(const std::optional<std::string>& config, const std::string& output) {
  std::vector<std::string> words{"waypost-config", "compile", "--output", output};
  if (config) words.insert(words.end(), {"--", *config});
  Result<Child> child = Child::start(words, Child::Output::nowhere);
  if (!child) return complain(child.error().text, kTemporary);
  const Result<int> code = child->wait();
  return code ? *code : complain(code.error().text, kTemporary);
}

} // namespace

Promises promises_of_compiling() {
  return {.may = May::fork | May::modules,
          .read = {"/"},
          .write = {temporary_folder(), "/dev/null"},
          .execute = {program_path("")}};
}

int complain(const std::string& text, int code) {
  std::fprintf(stderr, "waypost-route: %s\n", text.c_str());
  return code;
}

std::expected<Snapshot, int> running_snapshot() {
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

std::expected<Snapshot, int> compiled_snapshot(const std::optional<std::string>& config) {
  const TemporaryFile file;
  if (!file.made()) {
    return std::unexpected(complain(fail_errno("create " + file.path()).error().text, kTemporary));
  }
  const int code = compile(config, file.path());
  if (code != 0) return std::unexpected(code == kBad ? kBad : kTemporary);
  Result<Snapshot> snapshot = read_snapshot(file.path());
  if (!snapshot) return std::unexpected(complain(snapshot.error().text, kTemporary));
  return std::move(*snapshot);
}

} // namespace waypost::route
