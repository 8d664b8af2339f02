#include "deliver/spawner.h"

#include <algorithm>
#include <poll.h>
#include <sys/resource.h>

#include "deliver/concurrency.h"
#include "deliver/own_addresses.h"
#include "deliver/policy.h"
#include "deliver/settle.h"
#include "deliver/start.h"
#include "lib/mail/login.h"
#include "lib/mail/wiring.h"
#include "lib/sys/log.h"
#include "lib/sys/shortage.h"

namespace waypost::deliver {
namespace {

// Descriptors of messages that may wait here: half of what the process may have.
std::size_t most_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65'536);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_cur) / 2;
}

// Jobs that one sender may have in hand: so many that all its connections are worth it, and a few
// to go on with.
std::size_t room_of(const Transport& transport) {
  constexpr std::size_t ahead = 8;
  return Concurrency::jobs_for(transport.connections) + ahead;
}

} // namespace

// The template and the oracle speak only by closing: without the first nothing can be delivered,
// without the second nobody logs in.
class Spawner::MemberWatch final : public ChannelHandler {
public:
  MemberWatch(net::Loop& loop, const char* event) : loop_(loop), event_(event) {}
  void on_frame(Frame) override {}
  void on_closed(const std::optional<Error>&) override {
    if (!tree_ends()) Log(event_).error();
    loop_.stop();
  }

private:
  // When the tree ends, all its members see that at once, and the template may be quicker than we.
  static bool tree_ends() {
    pollfd lifeline{wiring::kLifeline, POLLIN, 0};
    return ::poll(&lifeline, 1, 0) == 1 && (lifeline.revents & (POLLIN | POLLHUP)) != 0;
  }

  net::Loop& loop_;
  const char* event_;
};

Spawner::Spawner(net::Loop& loop, Fd manager, Fd senders, Fd oracle, std::string snapshot)
    : loop_(loop),
      snapshot_path_(std::move(snapshot)),
      most_held_(most_descriptors()),
      idle_timer_(std::make_unique<uv_timer_t>().release()),
      template_watch_(std::make_unique<MemberWatch>(loop, "template_gone")),
      oracle_watch_(std::make_unique<MemberWatch>(loop, "oracle_gone")),
      manager_(loop.uv(), std::move(manager), Fd(), kMaxJobFrame, *this),
      senders_(loop.uv(), std::move(senders), Fd(), kMaxStartFrame, *template_watch_),
      oracle_(loop.uv(), std::move(oracle), Fd(), kMaxLoginFrame, *oracle_watch_),
      report_(
          loop.uv(), [this] { return sender_record(); },
          [this](Record record) { manager_.send(std::move(record)); }) {
  uv_timer_init(loop.uv(), idle_timer_);
  idle_timer_->data = this;
  reload();
}

Spawner::~Spawner() {
  uv_close(reinterpret_cast<uv_handle_t*>(idle_timer_), [](uv_handle_t* closed) {
    const std::unique_ptr<uv_timer_t> freed(reinterpret_cast<uv_timer_t*>(closed));
  });
}

void Spawner::on_frame(Frame frame) {
  report_.changed();
  const std::string_view type = frame.record.get("type");
  if (type == "job") return take_job(std::move(frame));
  if (type == "reload") return reload();
  Log("unknown_record").add("type", type).warning();
}

void Spawner::on_closed(const std::optional<Error>& error) {
  if (error) Log("manager_lost").add("error", error->text).error();
  loop_.stop();
}

void Spawner::reload() {
  Result<Snapshot> read = read_snapshot(snapshot_path_);
  if (!read) {
    Log("no_snapshot").add("error", read.error().text).error();
    if (passes(read.error())) loop_.stop(); // to be started again
    return;
  }
  snapshot_ = std::move(*read);
  roster_.set_limit(snapshot_.settings.senders);
  failures_.reset(snapshot_.settings.retry_s);
  holds_.reset(snapshot_.settings.retry_s);
  tls_used_.clear();
  // Senders know only the configuration that they were started with. What they have in hand they
  // finish; what still waits was routed by the old one.
  for (auto& [key, destination] : destinations_) {
    for (const Waiting& one : destination.waiting)
      send_stale(one.job.job);
    held_ -= destination.waiting.size();
    if (!destination.link) continue;
    if (destination.link->running() > 0) {
      leaving_.push_back(std::move(destination.link));
    } else {
      roster_.ended(destination.link->standing);
    }
  }
  destinations_.clear();
  hungry_ = {};
  idle_.clear();
  send_taken_held();
}

void Spawner::take_job(Frame frame) {
  Result<Job> job = job_of(frame.record);
  if (!job || !frame.descriptor) {
    Log("bad_job").add("error", job ? "no descriptor" : job.error().text).error();
    return;
  }
  untold_.push_back(job->job);
  send_taken_held();
  if (job->generation != snapshot_.settings.generation) return send_stale(job->job);
  const Transport* const transport = snapshot_.transport(job->transport);
  if (transport == nullptr) {
    return answer(*job, own_trouble("no transport " + job->transport));
  }
  const bool able = transport->type != TransportType::fail && !is_local(transport->type);
  if (!able) {
    return answer(*job, own_trouble("this build has no sender of type " +
                                    std::string(name(transport->type))));
  }
  const Key key{job->transport, job->destination};
  const Outcome* const known = known_failure(key, job->kick);
  if (known != nullptr) return answer(*job, not_tried(*known));
  ++held_;
  destinations_[key].waiting.push_back(
      {std::move(*job), std::move(frame.record), std::move(frame.descriptor)});
  feed(key);
}

// The manager's credits. Held back while too many descriptors wait here already.
void Spawner::send_taken_held() {
  while (!untold_.empty() && held_ < most_held_) {
    manager_.send(Record().add("type", "taken").add_number("job", untold_.front()));
    untold_.pop_front();
  }
}

void Spawner::send_stale(std::uint64_t job) {
  manager_.send(Record().add("type", "stale").add_number("job", job));
}

void Spawner::answer(const Job& job, const Outcome& outcome) {
  manager_.send(to_record(settle_all(job.job, recipients_of(job), outcome)));
}

// What waits for a destination whose failure is known, but for a kick that has had no probe yet.
void Spawner::answer_known(const Key& key) {
  std::deque<Waiting>& waiting = destinations_[key].waiting;
  const std::size_t before = waiting.size();
  std::erase_if(waiting, [&](const Waiting& one) {
    const Outcome* const known = known_failure(key, one.job.kick);
    if (known != nullptr) answer(one.job, not_tried(*known));
    return known != nullptr;
  });
  held_ -= before - waiting.size();
  drop_if_empty(key);
  send_taken_held();
}

// Gives waiting jobs to the destination's sender as far as it has room, and starts one if need be.
void Spawner::feed(const Key& key) {
  const bool failing = failures_.failing(key) || holds_.failing(key.first);
  if (failing && destinations_.contains(key)) answer_known(key);
  const auto found = destinations_.find(key);
  if (found == destinations_.end() || found->second.waiting.empty()) return;
  Destination& destination = found->second;
  if (!holds_.may_go(key)) return; // another's job finds out first
  if (!destination.link && !start(key)) return queue_for_sender(key);
  // One job finds out for all whether a destination that failed has come back.
  const std::size_t room = failing ? 1 : room_of(*snapshot_.transport(key.first));
  while (!destination.waiting.empty() && destination.link->running() < room) {
    Waiting next = std::move(destination.waiting.front());
    destination.waiting.pop_front();
    --held_;
    std::erase(idle_, destination.link.get());
    destination.kick = std::max(destination.kick, next.job.kick);
    failures_.probing(key, next.job.kick);
    holds_.probing(key.first, next.job.kick);
    destination.link->give(next.job, std::move(next.record), std::move(next.message));
  }
  send_taken_held();
}

void Spawner::on_result(Link& link, const JobResult& result, Record record) {
  report_.changed();
  const bool success =
      std::ranges::any_of(result.transaction.groups, [](const RecipientGroup& group) {
        return group.outcome.disposition == Disposition::delivered ||
               group.outcome.disposition == Disposition::relayed;
      });
  manager_.send(std::move(record));
  const bool place_left = success && note_success(link);
  if (!result.end) return;
  const Key key{link.transport, link.destination};
  const auto found = destinations_.find(key);
  if (found != destinations_.end() && found->second.link.get() == &link) {
    feed(key);
    settle_probe(link);
    settle_idle(link); // may end it, to make room
    if (place_left) feed_hungry();
  } else if (link.running() == 0) { // of an older configuration
    roster_.ended(take_link(link)->standing);
    feed_hungry();
  }
}

// Before the results of the jobs that found it out.
void Spawner::on_down(Link& link, const Outcome& outcome) {
  report_.changed();
  const Key key{link.transport, link.destination};
  const auto found = destinations_.find(key);
  if (found == destinations_.end() || found->second.link.get() != &link) return;
  const bool place_left = stands(link, Standing::failing);
  if (failures_.failed(key, outcome, loop_.now_ms(), found->second.kick)) log_down(key, outcome);
  answer_known(key);
  if (place_left) feed_hungry();
}

void Spawner::log_down(const Key& key, const Outcome& outcome) const {
  const Transport& transport = *snapshot_.transport(key.first);
  if (!to_exchangers(transport)) return log_held(transport, key.second);
  Log line("destination_down");
  line.add("transport", key.first).add("destination", key.second);
  line.add("class", name(outcome.klass)).add("reply", outcome.reply).info();
}

void Spawner::on_up(Link& link) {
  const Key key{link.transport, link.destination};
  if (!failures_.answered(key)) return;
  report_.changed();
  const bool whole = !to_exchangers(*snapshot_.transport(key.first));
  Log(whole ? "transport_released" : "destination_up")
      .add("transport", key.first)
      .add("destination", key.second)
      .info();
  feed(key);
}

bool Spawner::on_hosts_record(Link& link, const Record& record) {
  return link.permits->take(record);
}

void Spawner::on_tls_used(Link& link) {
  tls_used_.insert(link.transport);
}

void Spawner::drop_if_empty(const Key& key) {
  const auto found = destinations_.find(key);
  if (found == destinations_.end()) return;
  if (!found->second.link && found->second.waiting.empty()) destinations_.erase(found);
}

// Takes a link out of wherever it is kept.
std::unique_ptr<Link> Spawner::take_link(const Link& link) {
  std::erase(idle_, &link);
  const auto found = destinations_.find({link.transport, link.destination});
  if (found != destinations_.end() && found->second.link.get() == &link) {
    return std::move(found->second.link);
  }
  const auto leaving = std::ranges::find(leaving_, &link, &std::unique_ptr<Link>::get);
  std::unique_ptr<Link> taken = std::move(*leaving);
  leaving_.erase(leaving);
  return taken;
}

} // namespace waypost::deliver
