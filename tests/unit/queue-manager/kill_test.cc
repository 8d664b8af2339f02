// kill -9 of the manager at every system call of a message's life: whatever is on disk then, the
// next manager delivers what is pending and makes the notices that are owed, and the message that
// an alias becomes, each once.
#include <sys/wait.h>

#include "lib/sys/text.h"
#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;

namespace {

constexpr int kKilled = 77;

// What reached the outside, kept in a file: it must outlive the manager.
void note(const SpoolFolder& folder, const std::string& line) {
  const Fd fd(::open((folder.path() + "/ledger").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  const std::string whole = line + "\n";
  cr_assert_eq(::write(fd.get(), whole.data(), whole.size()), static_cast<ssize_t>(whole.size()));
}

// The real file system, until the process dies at the nth call that changes something.
class KillFs final : public Fs {
public:
  KillFs(const SpoolFolder& folder, int at) : folder_(folder), left_(at) {}
  Result<Fd> open_at(int dir, const std::string& name, int flags, mode_t mode) override {
    return real_.open_at(dir, name, flags, mode);
  }
  Result<Fd> open_unnamed(int dir, mode_t mode) override { return real_.open_unnamed(dir, mode); }
  Result<> link_at(int fd, int dir, const std::string& name) override {
    return around([&] {
      Result<> linked = real_.link_at(fd, dir, name);
      if (linked) note(folder_, "created " + name);
      return linked;
    });
  }
  Result<> rename_at(int from, const std::string& a, int to, const std::string& b) override {
    return around([&] { return real_.rename_at(from, a, to, b); });
  }
  Result<> unlink_at(int dir, const std::string& name) override {
    return around([&] { return real_.unlink_at(dir, name); });
  }
  Result<> make_directory(int dir, const std::string& name, mode_t mode) override {
    return real_.make_directory(dir, name, mode);
  }
  Result<> write_all(int fd, std::string_view bytes) override {
    return around([&] { return real_.write_all(fd, bytes); });
  }
  Result<> write_at(int fd, std::string_view bytes, std::uint64_t offset) override {
    // Half of a write may have happened.
    return around(
        [&] { return real_.write_at(fd, bytes, offset); },
        [&] { static_cast<void>(real_.write_at(fd, bytes.substr(0, bytes.size() / 2), offset)); });
  }
  Result<std::size_t> read_at(int fd, std::span<char> bytes, std::uint64_t offset) override {
    return real_.read_at(fd, bytes, offset);
  }
  Result<> truncate(int fd, std::uint64_t length) override {
    return around([&] { return real_.truncate(fd, length); });
  }
  Result<> sync(int) override {
    return around([] { return Result<>(); });
  }
  Result<> sync_data(int) override {
    return around([] { return Result<>(); });
  }
  Result<struct stat> status(int fd) override { return real_.status(fd); }
  Result<FreeSpace> free_space(int fd) override { return real_.free_space(fd); }
  Result<> list(int dir, const std::function<bool(const char*)>& each) override {
    return real_.list(dir, each);
  }

private:
  template <class Call>
  Result<> around(Call call) {
    return around(call, [] {});
  }
  template <class Call, class Partly>
  Result<> around(Call call, Partly partly) {
    if (--left_ == 0) {
      partly();
      ::_exit(kKilled);
    }
    return call();
  }
  const SpoolFolder& folder_;
  RealFs real_;
  int left_; // calls; never when it begins below 1
};

// good@ is delivered, bad@ refused, moved@ refused by direct and delivered by the relay.
void live(Fs& fs, const SpoolFolder& folder, bool fresh) {
  QueueRig rig(fs, folder.path());
  rig.settings.delay_notice_after_s = 50; // slow@ has had its first attempt, and waits for 60 s
  const auto direct = rig.route;
  rig.route = [&](const RouteQuery& query) {
    RouteAnswer answer = direct(query);
    if (query.to == "here.test" && query.local.empty()) answer.ask_local = true;
    if (query.local == "team") answer.members = {"one@x.test", "two@y.test"};
    if (query.classes.has(FailureClass::blocked)) answer.transport = "relay";
    return answer;
  };
  rig.deliver = [&](const Job& job, const JobRecipient& one) {
    const std::string to = one.recipient.address.text();
    if (job.sender.sender.null()) {
      note(folder, "notice " + job.id);
      return delivered();
    }
    if (to.starts_with("bad")) return refused();
    if (to.starts_with("moved") && job.transport == "direct") return refused(FailureClass::blocked);
    if (to.starts_with("slow") && job.attempt < 3) return deferred();
    note(folder, "to " + to);
    return delivered();
  };
  if (fresh) {
    RealFs real;
    QueueRig writer(real, folder.path());
    writer.accept("a@b.test", {"good@x.test", "bad@x.test", "moved@y.test", "slow@z.test",
                               "bad2@w.test", "team@here.test"});
  }
  rig.start();
  rig.pass(2'000'000);
  cr_assert(rig.broke.empty(), "%s", rig.broke.c_str());
}

// Runs `body` in a process of its own; its exit code.
template <class Body>
int apart(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++n;
  return n;
}

// Notices with this suffix that were created.
int count_made(const std::string& ledger, const std::string& suffix) {
  int n = 0;
  for (const std::string_view line : split(ledger, '\n'))
    n += line.starts_with("created ") && line.ends_with(suffix) ? 1 : 0;
  return n;
}

} // namespace

Test(kill, at_every_call_nothing_is_lost_and_each_recipient_reported_once, .timeout = 300) {
  int at = 1;
  for (bool killed = true; killed; ++at) {
    SpoolFolder folder;
    const int code = apart([&] {
      KillFs fs(folder, at);
      live(fs, folder, true);
    });
    cr_assert(code == 0 || code == kKilled, "call %d: exit %d", at, code);
    killed = code == kKilled;
    const int after = apart([&] {
      KillFs fs(folder, -1);
      live(fs, folder, false);
    });
    cr_assert_eq(after, 0, "after call %d: exit %d", at, after);
    const std::string ledger = folder.read("/ledger");
    for (const char* to : {"to good@x.test\n", "to moved@y.test\n", "to slow@z.test\n",
                           "to one@x.test\n", "to two@y.test\n"})
      cr_expect(count(ledger, to) >= 1, "call %d: %s lost\n%s", at, to, ledger.c_str());
    cr_expect(cur_names(folder).empty() && folder.names("/new").empty(), "call %d: left over", at);
    cr_expect(folder.names("/bad").empty(), "call %d: set aside", at);
    // A notice may be carried twice, but is only made once; that of the delay is left out when the
    // next manager finds nobody waiting any more.
    const int delays = count_made(ledger, ".d");
    cr_expect_eq(count_made(ledger, ".c6"), 1, "call %d\n%s", at, ledger.c_str());
    cr_expect_eq(count_made(ledger, ".b1"), 1, "call %d\n%s", at, ledger.c_str());
    cr_expect(killed ? delays <= 1 : delays == 1, "call %d\n%s", at, ledger.c_str());
    cr_expect(count(ledger, "created ") == 2 + delays && count(ledger, "notice ") >= 1 + delays &&
                  count(ledger, "notice ") <= 2 * (1 + delays),
              "call %d: notices\n%s", at, ledger.c_str());
  }
  cr_expect(at > 20, "only %d calls were tried", at);
}
