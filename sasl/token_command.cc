#include "sasl/token_command.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/clock.h"
#include "lib/sys/fd.h"
#include "lib/sys/pipe.h"
#include "lib/sys/signals.h"
#include "lib/sys/text.h"

namespace waypost::sasl {
namespace {

constexpr int kLookMs = 20; // between two looks at a command that has closed its pipes and goes on
constexpr std::size_t kTail = 1024;

// One that is longer than the limit, so that too much can be told from enough.
std::array<char, (std::size_t{64} << 10)>& buffer() {
  static std::array<char, (std::size_t{64} << 10)> bytes;
  [[maybe_unused]] static const int locked = ::mlock(bytes.data(), bytes.size());
  return bytes;
}

struct Limit {
  decltype(RLIMIT_CPU) what;
  rlim_t most;
};
constexpr Limit kLimits[] = {{RLIMIT_CORE, 0},
                             {RLIMIT_CPU, 30},
                             {RLIMIT_NOFILE, 256},
                             {RLIMIT_FSIZE, rlim_t{16} << 20},
                             {RLIMIT_DATA, rlim_t{1} << 30}};

bool limit_itself() {
  return std::ranges::all_of(kLimits, [](const Limit& one) {
    rlimit now{};
    if (::getrlimit(one.what, &now) != 0) return false;
    const rlim_t most = std::min(one.most, now.rlim_max);
    const rlimit wanted{most, most};
    return ::setrlimit(one.what, &wanted) == 0;
  });
}

[[noreturn]] void give_up(const char* what) {
  const std::string text = std::string(what) + ": " + std::strerror(errno) + "\n";
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(127);
}

[[noreturn]] void become_command(const std::vector<std::string>& words,
                                 const std::vector<std::string>& environment, int out, int err) {
  default_signals();
  ::setsid(); // a group that ends as one
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  const int nothing = ::open("/dev/null", O_RDONLY);
  const bool placed = nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0 &&
                      ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(err, STDERR_FILENO) >= 0 &&
                      ::close_range(STDERR_FILENO + 1, ~0U, 0) == 0;
  if (!placed || !limit_itself() || ::chdir("/") != 0) give_up("limits");
  ::umask(077);
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const std::string& text : texts)
      all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
  };
  ::execve(words.front().c_str(), pointers(words).data(), pointers(environment).data());
  give_up(words.front().c_str());
}

class Running {
public:
  Running(pid_t pid, Fd out, Fd err) : pid_(pid), out_(std::move(out)), err_(std::move(err)) {}

  TokenCommandEnd finish(const CommandLimits& limits) {
    const RealClock clock;
    const BootMs until = clock.boot_ms() + limits.milliseconds;
    while (!ended_ && size_ <= limits.output && clock.boot_ms() < until) {
      wait_a_little();
      ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
      read_all(limits);
    }
    ::kill(-pid_, SIGKILL); // what it may have left behind too
    if (!ended_) ::waitpid(pid_, &status_, 0);
    TokenCommandEnd end;
    end.why = reason(limits);
    end.good = end.why.empty();
    end.said = last_line();
    end.out = {buffer().data(), std::min(size_, limits.output)};
    return end;
  }

private:
  // One that has closed both is not asked all the time.
  void wait_a_little() {
    pollfd pipes[2] = {{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}};
    ::poll(pipes, 2, kLookMs);
  }
  void read_all(const CommandLimits& limits) {
    char block[4096];
    for (ssize_t got = 1; out_ && got > 0 && size_ <= limits.output;) {
      const std::size_t room = std::min(buffer().size() - size_, limits.output + 1 - size_);
      got = ::read(out_.get(), buffer().data() + size_, room);
      if (got > 0) size_ += static_cast<std::size_t>(got);
      if (got == 0) out_.reset();
    }
    // So much at once as it may have written between two looks; one that never stops runs into
    // the limit of time.
    for (int i = 0; err_ && i < 16; ++i) {
      const ssize_t got = ::read(err_.get(), block, sizeof block);
      if (got == 0) err_.reset();
      if (got <= 0) break;
      tail_.append(block, static_cast<std::size_t>(got));
      if (tail_.size() > kTail) tail_.erase(0, tail_.size() - kTail);
    }
  }
  [[nodiscard]] std::string reason(const CommandLimits& limits) const {
    if (size_ > limits.output)
      return "it printed more than " + std::to_string(limits.output) + " bytes";
    if (!ended_) return "it took longer than " + std::to_string(limits.milliseconds / 1000) + " s";
    if (WIFSIGNALED(status_)) return "it was killed by signal " + std::to_string(WTERMSIG(status_));
    const int code = WEXITSTATUS(status_);
    return code == 0 ? "" : "exit status " + std::to_string(code);
  }
  [[nodiscard]] std::string last_line() const {
    std::string_view text = tail_;
    while (text.ends_with('\n'))
      text.remove_suffix(1);
    const std::size_t line = text.rfind('\n');
    return std::string(line == std::string_view::npos ? text : text.substr(line + 1));
  }

  pid_t pid_;
  Fd out_;
  Fd err_;
  std::size_t size_ = 0;
  std::string tail_;
  bool ended_ = false;
  int status_ = 0;
};

std::vector<std::string> environment_of(const std::string& credential, const std::string& folder) {
  return {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=" + folder,
          "TMPDIR=" + folder, "WAYPOST_CREDENTIAL=" + credential};
}

TokenCommandEnd not_run(const Error& error) {
  TokenCommandEnd end;
  end.why = error.text;
  return end;
}

} // namespace

TokenCommandEnd run_token_command(const std::vector<std::string>& words,
                                  const std::string& credential, const std::string& folder,
                                  const CommandLimits& limits) {
  Result<Pipe> out = open_pipe();
  if (!out) return not_run(out.error());
  Result<Pipe> err = open_pipe();
  if (!err) return not_run(err.error());
  for (const Fd* const end : {&out->read, &err->read})
    ::fcntl(end->get(), F_SETFL, O_NONBLOCK);
  const std::vector<std::string> environment = environment_of(credential, folder);
  const pid_t child = ::fork();
  if (child < 0) return not_run(fail_errno("fork").error());
  if (child == 0) become_command(words, environment, out->write.get(), err->write.get());
  Running running(child, std::move(out->read), std::move(err->read));
  return running.finish(limits);
}

} // namespace waypost::sasl
