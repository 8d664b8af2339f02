#include "start/tree.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "lib/mail/wiring.h"
#include "lib/sys/clock.h"
#include "start/descriptors.h"

namespace waypost::start {
namespace {

// How long members may take to leave when the lifeline ends, before they are killed.
constexpr int kFarewellMs = 2'000;
constexpr int kKilledMs = 5'000;

} // namespace

// Every descriptor of one life. All but two ends, and what sleepers will need, are closed when the
// members are started.
struct Tree::Wires {
  Ends lifeline;
  Ends queries; // manager -> route
  Ends answers;
  Ends requests; // manager -> bounce
  Ends notices;
  Ends jobs;     // manager <-> deliver
  Ends prepared; // deliver <-> the template of senders
  Ends scopes;   // deliver <-> the oracle
  Ends locals;   // manager <-> lspawn
  Ends overlays; // manager <-> overlay
  Ends starter;  // manager -> this program
  Fd control;
  Fd nothing; // /dev/null

  [[nodiscard]] static Result<Wires> make(const Home& home);
};

Result<Tree::Wires> Tree::Wires::make(const Home& home) {
  Wires wires;
  for (Ends* const ends : {&wires.lifeline, &wires.queries, &wires.answers, &wires.requests,
                           &wires.notices, &wires.starter}) {
    Result<Ends> made = make_pipe();
    if (!made) return std::unexpected(made.error());
    *ends = std::move(*made);
  }
  for (Ends* const ends :
       {&wires.jobs, &wires.prepared, &wires.scopes, &wires.locals, &wires.overlays}) {
    Result<Ends> made = make_socket_pair();
    if (!made) return std::unexpected(made.error());
    *ends = std::move(*made);
  }
  // Everyone may connect to an installed queue: the manager knows its callers by their uid.
  Result<Fd> control = listen_at(home.control(), home.personal ? 0600 : 0666);
  if (!control) return std::unexpected(control.error());
  wires.control = std::move(*control);
  wires.nothing = Fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!wires.nothing) return fail_errno("open /dev/null");
  return wires;
}

Result<Tree> Tree::start(const Home& home, const std::optional<Accounts>& accounts,
                         const Outpost& outpost) {
  Result<Wires> wires = Wires::make(home);
  if (!wires) return std::unexpected(wires.error());
  Tree tree(outpost);
  const Result<> started = tree.start_members(*wires, accounts);
  if (!started) return std::unexpected(started.error());
  tree.lay_to_sleep(*wires, accounts);
  tree.lifeline_ = std::move(wires->lifeline.write);
  tree.from_manager_ = std::move(wires->starter.read);
  return tree;
}

Result<> Tree::start_members(const Wires& wires, const std::optional<Accounts>& accounts) {
  using namespace wiring;
  const Placement lifeline{kLifeline, wires.lifeline.read.get()};
  const int nothing = wires.nothing.get();
  struct Plan {
    const char* program;
    const Identity* identity;
    std::vector<Placement> placements;
  };
  const auto as = [&accounts](const Identity Accounts::* who) {
    return accounts ? &((*accounts).*who) : nullptr;
  };
  const Plan plans[] = {
      {"waypost-qmgr",
       as(&Accounts::queue),
       {{0, nothing},
        {1, nothing},
        lifeline,
        {kRouteQueries, wires.queries.write.get()},
        {kRouteAnswers, wires.answers.read.get()},
        {kNoticeRequests, wires.requests.write.get()},
        {kNoticeAnswers, wires.notices.read.get()},
        {kJobs, wires.jobs.read.get()},
        {kControl, wires.control.get()},
        {kStarter, wires.starter.write.get()},
        {kLocalJobs, wires.locals.read.get()},
        {kOverlays, wires.overlays.read.get()}}},
      {"waypost-route",
       as(&Accounts::route),
       {{0, wires.queries.read.get()}, {1, wires.answers.write.get()}, lifeline}},
      {"waypost-bounce",
       as(&Accounts::bounce),
       {{0, wires.requests.read.get()}, {1, wires.notices.write.get()}, lifeline}},
      {"waypost-deliver",
       as(&Accounts::deliver),
       {{kManager, wires.jobs.write.get()},
        {1, nothing},
        lifeline,
        {kTemplate, wires.prepared.read.get()},
        {kOracle, wires.scopes.read.get()}}},
      {"waypost-sender",
       as(&Accounts::send),
       {{kSpawner, wires.prepared.write.get()}, {1, nothing}, lifeline}},
  };
  for (const Plan& plan : plans) {
    const Result<> started = start_one({plan.program, plan.placements}, plan.identity);
    if (!started) return started;
  }
  return {};
}

Result<> Tree::start_one(const Member& member, const Identity* identity) {
  const Result<pid_t> pid = start_member(member, identity, group_);
  if (!pid) return std::unexpected(pid.error());
  members_.push_back({member.program, *pid});
  if (group_ == 0) group_ = *pid;
  return {};
}

Result<> Tree::start_outside(const char* program, int socket) {
  const Result<pid_t> pid =
      outpost_->start_lspawn(socket, sleepers_nothing_.get(), sleepers_lifeline_.get(), group_);
  if (!pid) return std::unexpected(pid.error());
  ::setpgid(*pid, group_); // as the child does: whoever comes first
  members_.push_back({program, *pid});
  return {};
}

// The oracle is needed by transports that log in, and many machines have none.
void Tree::lay_to_sleep(Wires& wires, const std::optional<Accounts>& accounts) {
  static_assert(wiring::kScopes == STDIN_FILENO);
  const auto lay = [&](const char* program, const Identity Accounts::* who, Fd socket) {
    sleepers_.push_back({program, std::nullopt, std::move(socket), false});
    if (accounts) sleepers_.back().identity = (*accounts).*who;
  };
  lay("waypost-sasl", &Accounts::sasl, std::move(wires.scopes.write));
  // Only where mail is rewritten or signed.
  lay("waypost-overlay", &Accounts::dkim, std::move(wires.overlays.write));
  // Root: it becomes the recipient of each delivery. Many machines never deliver any mail here.
  sleepers_.push_back({"waypost-lspawn", std::nullopt, std::move(wires.locals.write), true});
  sleepers_lifeline_ = std::move(wires.lifeline.read);
  sleepers_nothing_ = std::move(wires.nothing);
}

std::vector<int> Tree::sleepers() const {
  std::vector<int> sockets;
  sockets.reserve(sleepers_.size());
  for (const Sleeper& one : sleepers_)
    sockets.push_back(one.socket.get());
  return sockets;
}

Result<std::string> Tree::wake(int socket) {
  const auto sleeps_there = [socket](const Sleeper& one) { return one.socket.get() == socket; };
  const auto found = std::ranges::find_if(sleepers_, sleeps_there);
  if (found == sleepers_.end()) return fail("nobody sleeps there");
  const char* const program = found->program;
  const Member member{program,
                      {{STDIN_FILENO, socket},
                       {STDOUT_FILENO, sleepers_nothing_.get()},
                       {wiring::kLifeline, sleepers_lifeline_.get()}}};
  const Result<> started = found->outside
                               ? start_outside(program, socket)
                               : start_one(member, found->identity ? &*found->identity : nullptr);
  forget(socket);
  if (!started) return std::unexpected(started.error());
  return std::string(program);
}

void Tree::forget(int socket) {
  std::erase_if(sleepers_, [socket](const Sleeper& one) { return one.socket.get() == socket; });
  if (!sleepers_.empty()) return;
  sleepers_lifeline_.reset();
  sleepers_nothing_.reset();
}

Tree::Tree(Tree&& other) noexcept
    : outpost_(other.outpost_),
      members_(std::move(other.members_)),
      sleepers_(std::move(other.sleepers_)),
      sleepers_lifeline_(std::move(other.sleepers_lifeline_)),
      sleepers_nothing_(std::move(other.sleepers_nothing_)),
      group_(std::exchange(other.group_, 0)),
      lifeline_(std::move(other.lifeline_)),
      from_manager_(std::move(other.from_manager_)) {}

Tree::~Tree() {
  if (group_ != 0) end_all();
}

std::optional<std::string_view> Tree::member(pid_t pid) const {
  for (const Running& one : members_)
    if (one.pid == pid) return one.program;
  return std::nullopt;
}

void Tree::ended(pid_t pid) {
  for (Running& one : members_)
    if (one.pid == pid) one.pid = -1;
}

void Tree::signal_manager(int number) const {
  if (!members_.empty() && members_.front().pid > 0) ::kill(members_.front().pid, number);
}

// First the polite way. A process that was stopped, or hangs, is killed with its whole group, so
// that no sender of this life works beside those of the next.
void Tree::end_all() {
  lifeline_.reset();
  from_manager_.reset();
  sleepers_.clear(); // whoever talks to one sees it go with all others
  if (wait_for_all(kFarewellMs)) return;
  ::kill(-group_, SIGKILL);
  outpost_->kill_group(group_);
  wait_for_all(kKilledMs);
}

// Reaps until no process of the group is left; false when the time is over.
bool Tree::wait_for_all(int milliseconds) {
  const RealClock clock;
  const BootMs until = clock.boot_ms() + milliseconds;
  for (;;) {
    pid_t ended = ::waitpid(-group_, nullptr, WNOHANG);
    while (ended > 0)
      ended = ::waitpid(-group_, nullptr, WNOHANG);
    // Senders become our children only when their template has ended: ask for the group itself.
    if (ended < 0 && errno == ECHILD && ::kill(-group_, 0) != 0) return true;
    if (clock.boot_ms() >= until) return false;
    ::usleep(5'000);
  }
}

} // namespace waypost::start
