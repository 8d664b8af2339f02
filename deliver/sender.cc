#include "deliver/sender.h"

#include <algorithm>

#include "deliver/own_addresses.h"
#include "deliver/policy.h"
#include "deliver/sender_records.h"
#include "deliver/worker.h"
#include "lib/mail/login.h"
#include "lib/sys/log.h"

namespace waypost::deliver {

Sender::Sender(net::Loop& loop, Start start, Fd channel, std::unique_ptr<net::TlsContext> prepared)
    : loop_(loop),
      start_(std::move(start)),
      channel_(loop.uv(), std::move(channel), Fd(), kMaxJobFrame, *this),
      tls_(std::move(prepared)),
      resolver_(loop, start_.settings.resolvers),
      permits_(channel_, !to_exchangers(start_.transport)),
      concurrency_(start_.transport.connections, start_.proven),
      failing_(start_.failing),
      query_{start_.settings, start_.transport, start_.destination, {}} {}

Sender::~Sender() = default;

void Sender::on_frame(Frame frame) {
  if (frame.record.get("type") == "oracle" && frame.descriptor) {
    // Before the first job. When it goes away while we have nothing to do, the next job shall meet
    // a sender that has another.
    oracle_.emplace(loop_, std::move(frame.descriptor), [this] { leave_if_useless(); });
    return;
  }
  if (frame.record.get("type") != "job") {
    static_cast<void>(permits_.on_record(frame.record)); // others are newer than this program
    if (!connected_.empty() && frame.record.get("type") == "yield") {
      Worker* const idle = connected_.front();
      connected_.erase(connected_.begin());
      idle->wake(); // and sees that it has to
    }
    return;
  }
  if (leaving_) return; // deliver takes it back
  Result<Job> job = job_of(frame.record);
  if (!job || !frame.descriptor) {
    // deliver has checked it before: the two do not understand each other.
    Log("bad_job").add("error", job ? "no descriptor" : job.error().text).error();
    channel_.close();
    loop_.stop();
    return;
  }
  queue_.push_back({std::move(*job), std::move(frame.descriptor), loop_.now_ms()});
  dispatch();
}

void Sender::on_closed(const std::optional<Error>&) {
  loop_.stop();
}

OracleLine* Sender::oracle() {
  never_had_oracle_ = logs_in(start_.transport) && !oracle_;
  return oracle_ ? &*oracle_ : nullptr;
}

void Sender::on_drained() {
  leave_if_useless();
}

bool Sender::can_log_in() const {
  return oracle_ ? !oracle_->gone() : !never_had_oracle_;
}

// The first job finds out why, for deliver takes none back from one that has ended none.
bool Sender::may_connect() const {
  return can_log_in() || !worked_;
}

// One that can log in no more would defer whatever needs a new connection: it tells deliver so
// behind its last result, and the next one has a line of its own to the oracle. What waits here or
// is on its way to us then has not been tried.
void Sender::leave_if_useless() {
  const bool idle = working() == 0 && channel_.queued() == 0 && (worked_ || queue_.empty());
  if (!idle || can_log_in() || std::exchange(leaving_, true)) return;
  channel_.send(Record().add("type", "leaving"));
}

Result<net::TlsContext*> Sender::tls() {
  if (!tls_) {
    Result<std::unique_ptr<net::TlsContext>> opened = net::open_tls(trust_of(start_.transport));
    if (!opened) return std::unexpected(opened.error());
    tls_ = std::move(*opened);
  }
  if (!tls_told_) {
    tls_told_ = true;
    channel_.send(Record().add("type", "tls")); // the next sender may be prepared for it
  }
  return tls_.get();
}

// Gives waiting jobs to workers, as far as there may be one more.
void Sender::dispatch() {
  if (!hosts_known()) return refresh_hosts();
  while (!queue_.empty()) {
    Worker* const next = next_worker();
    if (next == nullptr) return;
    next->wake(); // takes a job before it returns
  }
}

// One with a connection, while so many may work; else one that will open a connection, when that
// is worth it.
Worker* Sender::next_worker() {
  const std::uint64_t now = loop_.now_ms();
  if (!connected_.empty()) {
    if (working() >= concurrency_.allowed(now)) return nullptr;
    Worker* const next = connected_.back();
    connected_.pop_back();
    return next;
  }
  if (!may_connect()) return nullptr;
  if (!concurrency_.worth_one_more(working(), queue_.size(), now)) return nullptr;
  if (spare_.empty()) {
    workers_.push_back(std::make_unique<Worker>(*this));
    workers_.back()->start(); // and is spare
  }
  Worker* const next = spare_.back();
  spare_.pop_back();
  return next;
}

void Sender::wait_for_work(Worker& worker, bool connected) {
  (connected ? connected_ : spare_).push_back(&worker);
  leave_if_useless();
}

void Sender::stopped_waiting(Worker& worker) {
  std::erase(connected_, &worker);
  std::erase(spare_, &worker);
}

void Sender::refresh_hosts() {
  if (!lookup_.done()) return;
  lookup_ = look_up_hosts();
  lookup_.start();
}

net::Task<> Sender::look_up_hosts() {
  query_.own = own_addresses(start_.settings, start_.transport);
  hosts_ = co_await find_hosts(resolver_, query_);
  const std::uint64_t seconds = hosts_.outcome || hosts_.proxy.outcome ? 5 : hosts_.ttl_s;
  hosts_until_ms_ = loop_.now_ms() + seconds * 1000;
  permits_.announce(hosts_);
  dispatch();
}

std::optional<Work> Sender::take(bool connected) {
  // Fewer may work than do.
  if (working() > concurrency_.allowed(loop_.now_ms())) return std::nullopt;
  if (leaving_ || (!connected && !may_connect())) return std::nullopt;
  while (!queue_.empty()) {
    Work work = std::move(queue_.front());
    queue_.pop_front();
    if (!hosts_known()) refresh_hosts(); // meanwhile the old ones serve
    if (!down_ || work.arrived_ms > down_at_ms_) return work;
    Attempt attempt(work.job);
    report(attempt.give_up(not_tried(*down_)));
  }
  return std::nullopt;
}

void Sender::report(const JobResult& result) {
  worked_ = worked_ || result.end;
  channel_.send(to_record(result));
}

void Sender::delivered() {
  concurrency_.delivered();
  dispatch();
}

void Sender::answered() {
  down_.reset();
  if (std::exchange(failing_, false)) channel_.send(Record().add("type", "up"));
}

bool Sender::one_too_many(Work& work) {
  const std::size_t others = working() - 1;
  if (others == 0) return false;
  concurrency_.refused(others, loop_.now_ms());
  queue_.push_front(std::move(work));
  return true;
}

void Sender::proxy_spoke(const HostAddress& to, const Opened& opened) {
  if (opened || opened.error().replied || opened.error().of_tls)
    return channel_.send(proxy_record(ProxyNews::reached));
  const HostFailure& failure = opened.error();
  const bool of_family = failure.fault == socks::Fault::family;
  if (!of_family && failure.fault != socks::Fault::destination) return;
  ProxyNews news = ProxyNews::not_reached;
  if (of_family && !to.by_name) news = to.address.v6() ? ProxyNews::no_ipv6 : ProxyNews::no_ipv4;
  channel_.send(proxy_record(news, &failure.outcome));
}

void Sender::way_failed(const Outcome& outcome) {
  concurrency_.failed();
  down_ = outcome;
  down_at_ms_ = loop_.now_ms();
  channel_.send(proxy_record(ProxyNews::at_fault, &outcome));
}

void Sender::destination_failed(const Outcome& outcome) {
  concurrency_.failed();
  if (outcome.disposition != Disposition::deferred) return;
  down_ = outcome;
  down_at_ms_ = loop_.now_ms();
  failing_ = true;
  channel_.send(down_record(outcome));
}

} // namespace waypost::deliver
