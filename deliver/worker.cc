#include "deliver/worker.h"

#include <algorithm>

#include "deliver/own_addresses.h"
#include "deliver/policy.h"

namespace waypost::deliver {
namespace {

bool arrived(const Outcome& outcome) {
  return outcome.disposition == Disposition::delivered ||
         outcome.disposition == Disposition::relayed;
}

// Why the rest of a job does not go on with a server that has answered, but by 421 or by nonsense.
Outcome spoiled(const Verdicts& verdicts) {
  Outcome why = lost_connection(Stage::data, "the server ended the session");
  for (const Verdicts::One& one : verdicts.settled) {
    if (one.outcome.disposition == Disposition::deferred) why = one.outcome;
  }
  return why;
}

} // namespace

using net::Task;

Task<> Worker::run() {
  co_await rest();
  for (;;) {
    if (peer_ && peer_->transactions >= kYieldAfter && must_yield()) {
      co_await leave();
    }
    std::optional<Work> work = sender_.take(peer_ != nullptr);
    if (work) {
      co_await deliver(std::move(*work));
    } else {
      co_await rest();
    }
  }
}

// Waits for the sender to have work. An idle connection is given up after a while, or when the
// server has spoken or closed meanwhile.
Task<> Worker::rest() {
  if (peer_ && (!fruitful_ || must_yield())) {
    co_await leave();
  }
  sender_.wait_for_work(*this, peer_ != nullptr);
  if (peer_) {
    const net::Deadline deadline = sender_.loop().in(kKeepMs);
    const bool woken = co_await woken_.wait(deadline);
    if (woken && !peer_->has_spoken()) co_return;
    if (!woken) sender_.stopped_waiting(*this);
    co_await leave();
    if (woken) co_return;
    sender_.wait_for_work(*this, false);
  }
  const bool woken = co_await woken_.wait();
  static_cast<void>(woken);
}

// Another sender waits for a connection to this host.
bool Worker::must_yield() {
  return sender_.permits().yields(peer_->to().where());
}

// Where others wait for the connection, the server shall have seen its end before they open theirs.
Task<> Worker::leave() {
  if (sender_.permits().shared() && peer_->usable()) {
    const Result<Reply> farewell = co_await peer_->ask("QUIT\r\n", kFarewellMs);
    static_cast<void>(farewell);
    peer_->give_up();
  }
  hang_up();
}

void Worker::hang_up() {
  peer_->quit();
  drop();
}

void Worker::drop() {
  const std::string address = peer_->to().where();
  peer_.reset();
  sender_.permits().closed(address);
}

Task<bool> Worker::connect(Attempt& attempt) {
  const Transport& transport = sender_.transport();
  if (!attempt.has_hosts()) attempt.set_hosts(sender_.hosts(), transport.family);
  const std::string domain = to_exchangers(transport) ? sender_.destination() : "";
  Greeter greeter(sender_.loop(), transport, sender_, domain, sender_.oracle(), recorder_,
                  sender_.hosts().proxy);
  for (;;) {
    const std::optional<HostAddress> to = attempt.next_host();
    if (!to) co_return false;
    const std::string address = to->where();
    if (!sender_.permits().take(address, woken_)) {
      const bool permitted = co_await woken_.wait(); // it is no attempt
      static_cast<void>(permitted);
    }
    Opened opened = co_await greeter.open(*to, attempt.steps);
    if (transport.type == TransportType::socks) sender_.proxy_spoke(*to, opened);
    if (opened) {
      recorder_.ready();
      peer_ = std::move(*opened);
      co_return true;
    }
    sender_.permits().closed(address);
    attempt.host_failed(*to, opened.error());
    if (opened.error().fault == socks::Fault::proxy) { // which no other host puts right
      attempt.way_failed(opened.error().outcome);
      co_return false;
    }
    // One wrong password for each attempt is enough: servers lock accounts.
    if (opened.error().of_login) co_return false;
  }
}

Task<> Worker::deliver(Work work) {
  const Transport& transport = sender_.transport();
  Attempt attempt(work.job);
  recorder_.begin(sender_.loop().now_ms(), peer_ != nullptr);
  bool talked = false; // a server was ready for this message
  while (attempt.open()) {
    if (!peer_) {
      const bool ready = co_await connect(attempt);
      if (!ready) {
        if (!talked && sender_.one_too_many(work)) co_return;
        const Outcome outcome = attempt.last_word(to_exchangers(transport));
        if (!attempt.has_way()) {
          sender_.way_failed(outcome);
        } else if (!talked) {
          sender_.destination_failed(outcome);
        }
        report(attempt.give_up(outcome));
        co_return;
      }
    }
    std::vector<std::size_t> next = attempt.next_recipients(*peer_, transport);
    if (next.empty()) {
      part(attempt);
      continue;
    }
    Dialogue dialogue(*peer_, transport, work.job, work.message.get(), std::move(next));
    const Verdicts verdicts = co_await dialogue.run();
    if (!verdicts.stale) talked = true;
    take_verdicts(attempt, verdicts);
  }
}

// Ends a connection that is sound but may carry no more, and goes on at the same host.
void Worker::part(Attempt& attempt) {
  attempt.return_to(peer_->to());
  hang_up();
}

bool Worker::worn() const {
  const std::uint32_t allowed = sender_.transport().messages_per_connection;
  const std::uint32_t told = peer_->offered.mail_max; // RFC 9422 4.1
  if (peer_->has_more()) return true;                 // replies that nobody asked for
  return peer_->transactions >= (told == 0 ? allowed : std::min(allowed, told));
}

// Of what was delivered in full nobody will ask how.
void Worker::report(JobResult result) {
  std::string dialogue = recorder_.take();
  const bool delivered =
      std::ranges::all_of(result.transaction.groups, arrived, &RecipientGroup::outcome);
  if (!delivered) result.transcript = std::move(dialogue);
  sender_.report(result);
}

void Worker::take_verdicts(Attempt& attempt, const Verdicts& verdicts) {
  const HostAddress host = peer_->to();
  if (verdicts.elsewhere && attempt.has_more_hosts()) {
    HostFailure failure;
    failure.outcome = *verdicts.elsewhere;
    failure.replied = true;
    attempt.host_failed(host, failure);
    sender_.answered();
    return hang_up();
  }
  if (!verdicts.settled.empty()) {
    sender_.answered();
    report(attempt.result(verdicts, host, peer_->tls()));
  }
  if (verdicts.trouble && verdicts.hopeless) {
    report(attempt.give_up(*verdicts.trouble));
  } else if (verdicts.stale) {
    attempt.return_to(host);
  } else if (verdicts.trouble || !peer_->usable()) {
    HostFailure failure;
    failure.outcome = verdicts.trouble ? *verdicts.trouble : spoiled(verdicts);
    if (attempt.open()) attempt.host_failed(host, failure);
  } else if (worn()) {
    part(attempt);
  }
  if (peer_ && (verdicts.trouble || !peer_->usable())) drop();
  learn(verdicts);
}

// What a transaction says of the destination's health.
void Worker::learn(const Verdicts& verdicts) {
  const auto any = [&](auto fits) {
    return std::ranges::any_of(verdicts.settled, fits, &Verdicts::One::outcome);
  };
  fruitful_ = any(arrived);
  if (fruitful_) return sender_.delivered();
  const bool too_fast = any([](const Outcome& outcome) {
    return outcome.disposition == Disposition::deferred && outcome.klass == FailureClass::rate;
  });
  if (too_fast) sender_.slow_down();
}

} // namespace waypost::deliver
