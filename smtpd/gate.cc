#include "smtpd/gate.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/sys/signals.h"

namespace waypost::smtpd {
namespace {

// Who is idle gives its place back; waypost-accept then leaves as well.
constexpr BootMs kIdleMs = 2'000;
// For a place. Starting waypost-accept takes some milliseconds.
constexpr BootMs kCallMs = 5'000;
constexpr BootMs kRestMs = 1'000;
// Each has three descriptors. There are no more at a time than clients, or one of them has been
// taken over.
constexpr std::size_t kMostAtOnce = 300;

} // namespace

Result<> Gate::run() {
  const Result<Fd> children = hear_signals({SIGCHLD});
  if (!children) return std::unexpected(children.error());
  std::vector<pollfd> watched;
  for (;;) {
    watched.assign({{full() ? -1 : requests_, POLLIN, 0}, {children->get(), POLLIN, 0}});
    for (const Acceptor& acceptor : acceptors_)
      watched.push_back({acceptor.descriptor(), POLLIN, 0});
    const int ready = ::poll(watched.data(), watched.size(), patience());
    if (ready < 0) {
      if (errno == ENOMEM) ::usleep(10'000); // which passes; messages are under way
      if (errno != EINTR && errno != ENOMEM) return fail_errno("poll");
      continue;
    }
    hear(std::span(watched).subspan(2));
    if (watched[1].revents != 0) reap(children->get());
    if (watched[0].revents != 0) {
      const Result<bool> asked = take_request();
      if (!asked) return std::unexpected(asked.error());
      if (!*asked) return {};
    }
    dispatch();
  }
}

bool Gate::full() const {
  return waiting_.size() + programs_.size() >= kMostAtOnce;
}

Result<bool> Gate::take_request() {
  Request request;
  Result<bool> came = request.take(requests_);
  // Code 0: what came is no request. Who sends that gets no answer.
  if (!came && came.error().code == 0) return true;
  if (!came || !*came) return came;
  if (request.kind() == Request::Kind::message) {
    waiting_.push_back({std::move(request), clock_.boot_ms()});
  } else if (!ways_.route.empty()) {
    programs_.emplace_back(ways_.route, std::move(request));
  }
  return true;
}

void Gate::reap(int children) {
  signalfd_siginfo info{};
  while (::read(children, &info, sizeof info) == sizeof info) {
  }
  std::erase_if(programs_, [](GateProgram& program) { return program.ended(); });
}

// In the order in which they are watched.
void Gate::hear(std::span<const pollfd> watched) {
  const BootMs now = clock_.boot_ms();
  auto acceptor = acceptors_.begin();
  for (const pollfd& one : watched) {
    if (one.revents != 0) acceptor->hear(now);
    ++acceptor;
  }
}

void Gate::dispatch() {
  tidy();
  while (!waiting_.empty()) {
    Waiting& next = waiting_.front();
    const BootMs now = clock_.boot_ms();
    if (Acceptor* const free = free_acceptor()) {
      if (free->hand_over(next.request, now)) waiting_.pop_front();
      tidy();
      continue;
    }
    call();
    if (!acceptors_.empty() && now - next.since < ways_.wait_ms) return;
    programs_.emplace_back(ways_.program, std::move(next.request));
    waiting_.pop_front();
  }
}

// As many as wait, and no more than we may have.
void Gate::call() {
  const BootMs now = clock_.boot_ms();
  if (ways_.acceptor.empty() || now < rests_until_) return;
  auto called = static_cast<std::size_t>(
      std::ranges::count(acceptors_, Acceptor::State::calling, &Acceptor::state));
  for (; called < waiting_.size() && acceptors_.size() < kMostAcceptors; ++called) {
    Result<Acceptor> acceptor = Acceptor::call(ways_.acceptor, now);
    if (!acceptor) return;
    acceptors_.push_back(std::move(*acceptor));
  }
}

Acceptor* Gate::free_acceptor() {
  const auto found = std::ranges::find(acceptors_, Acceptor::State::free, &Acceptor::state);
  return found == acceptors_.end() ? nullptr : &*found;
}

void Gate::tidy() {
  const BootMs now = clock_.boot_ms();
  for (auto at = acceptors_.begin(); at != acceptors_.end();) {
    at->lose_patience(now);
    const BootMs age = now - at->since();
    const bool idle = at->state() == Acceptor::State::free && age >= kIdleMs;
    const bool refused = at->state() == Acceptor::State::refused ||
                         (at->state() == Acceptor::State::calling && age >= kCallMs);
    if (refused) rests_until_ = now + kRestMs;
    const bool over = idle || refused || at->state() == Acceptor::State::gone;
    at = over ? acceptors_.erase(at) : std::next(at);
  }
}

int Gate::patience() const {
  std::optional<BootMs> until;
  const auto no_later_than = [&until](BootMs at) { until = until ? std::min(*until, at) : at; };
  for (const Acceptor& acceptor : acceptors_) {
    if (const auto half = acceptor.half_until()) no_later_than(*half);
    if (acceptor.state() == Acceptor::State::busy) continue;
    no_later_than(acceptor.since() +
                  (acceptor.state() == Acceptor::State::free ? kIdleMs : kCallMs));
  }
  if (!waiting_.empty()) no_later_than(waiting_.front().since + ways_.wait_ms);
  if (!until) return -1;
  return static_cast<int>(std::max<BootMs>(*until - clock_.boot_ms(), 0));
}

} // namespace waypost::smtpd
