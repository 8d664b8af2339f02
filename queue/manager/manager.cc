#include "queue/manager/manager.h"

#include <algorithm>

#include "lib/sys/log.h"

namespace waypost::queue {
namespace {

// Turns started before the loop may look at other things again.
constexpr int kTurnsAtOnce = 64;
constexpr BootMs kRestAfter = 5'000;
constexpr BootMs kSlowAfter = 5'000;
constexpr std::uint32_t kSlowShare = 50; // of all places, jobs that wait for a slow destination
// As many as wait at a sender before it opens a further connection, and one on its way.
constexpr std::uint32_t kJobsPerConnection = 4;

JobEnd end_of(const Transaction& last) {
  bool tried = false;
  for (const RecipientGroup& group : last.groups) {
    const Disposition became = group.outcome.disposition;
    if (became == Disposition::delivered || became == Disposition::relayed)
      return JobEnd::delivered;
    tried = tried || group.outcome.tried;
  }
  return tried ? JobEnd::tried : JobEnd::untried;
}

} // namespace

// NOLINTNEXTLINE(readability-function-size): all that it has of the world, each part by its name
Manager::Manager(Fs& fs, const Clock& clock, SpoolDirs dirs, DropBox box, mode_t mode,
                 Snapshot snapshot, ManagerLimits limits, Outside& outside)
    : fs_(fs),
      dirs_(std::move(dirs)),
      box_(std::move(box)),
      mode_(mode),
      time_(clock),
      snapshot_(std::move(snapshot)),
      limits_(limits),
      outside_(outside),
      accounts_([this](std::function<void()> blocking, std::function<void()> then) {
        work(std::move(blocking), std::move(then));
      }),
      jobs_([this](const std::string& transport) { return limits_of(transport); }, limits.jobs),
      figures_(time_.now()) {}

TransportLimits Manager::limits_of(const std::string& transport) const {
  const Transport* const known = snapshot_.transport(transport);
  if (known == nullptr) return {};
  // A local delivery is a process: it keeps no connection for the next one.
  const std::uint32_t jobs = is_local(known->type) ? 1 : kJobsPerConnection;
  return {jobs * known->connections, known->rate, known->rate_period_s};
}

// Everything that may be started is started. Steps may end turns and call this again: the outer
// call goes on for them.
void Manager::run() {
  if (std::exchange(running_, true)) return;
  const bool more = start_turns();
  start_jobs();
  running_ = false;
  set_wake(more);
}

bool Manager::start_turns() {
  for (int i = 0; i < kTurnsAtOnce; ++i) {
    blocked_ = draining_ || turns_.size() >= limits_.turns || weight_ >= limits_.recipients;
    if (blocked_ && !draining_) make_room_soon();
    if (blocked_) return false;
    // Half of the places are for fresh messages.
    const bool fresh_only =
        due_turns_ >= limits_.turns / 2 || (weight_ >= limits_.recipients / 2 && due_turns_ > 0);
    const std::optional<MessageId> id = schedule_.take(time_.boot(), fresh_only);
    blocked_ = !id && fresh_only;
    if (!id) return false;
    start_turn(*id);
    start_jobs();
  }
  return true;
}

void Manager::start_turn(const MessageId& id) {
  QueueEntry& entry = *schedule_.find(id);
  TurnStart start{id, entry.next()};
  start.verify = entry.unverified;
  start.full = time_.boot() >= entry.full_due;
  start.began = entry.began;
  start.deliver = !to_settle_.contains(id);
  start.fresh = entry.began == 0 && !entry.unverified;
  start.kick = std::exchange(entry.kicked, false) ? kicks_ : 0;
  start.ahead = clock_settings_.ahead(entry.arrived_by);
  // Not made together with its counts: an alarm that outlives it would keep its memory.
  const std::shared_ptr<Turn> turn(new Turn(*this, std::move(start)));
  Active& active = turns_[id.text()];
  active.turn = turn;
  active.fresh = entry.began == 0;
  active.settles_only = to_settle_.erase(id) > 0;
  ++weight_;
  if (!active.fresh) ++due_turns_;
  turn->begin();
  const auto at = turns_.find(id.text());
  if (at == turns_.end()) return;
  at->second.weight = turn->weight();
  weight_ += at->second.weight - 1;
}

void Manager::ended(const MessageId& id, const TurnEnd& end) {
  const auto at = turns_.find(id.text());
  if (at == turns_.end()) return;
  const Active active = std::move(at->second);
  turns_.erase(at);
  weight_ -= active.weight;
  if (!active.fresh) --due_turns_;
  QueueEntry& entry = *schedule_.find(id);
  entry.active = false;
  const bool over = end.kind != TurnEnd::Kind::waits && end.kind != TurnEnd::Kind::held;
  if (end.kind == TurnEnd::Kind::removed) figures_.removed();
  if (end.kind == TurnEnd::Kind::bad) figures_.damaged();
  if (over) {
    schedule_.erase(id);
    if (end.kind == TurnEnd::Kind::removed && settings().remove_sync_batch) removals_.removed(id);
  } else {
    entry.unverified = false;
    if (end.counted) {
      entry.began = end.began;
      entry.full_due = end.full_due;
    }
    if (end.kind == TurnEnd::Kind::held) {
      rename(id, entry, std::nullopt);
      schedule_.unset_due(id);
    } else if (end.again) {
      due_now(id, entry);
    } else {
      if (end.counted || entry.name_next == QueueEntry::kHeld)
        rename(id, entry, time_.wall(entry.full_due) / 1'000'000);
      BootMs due = entry.full_due;
      if (end.retry) {
        const BootMs soon = time_.boot() + requery_ms(entry.requeries);
        due = due <= time_.boot() ? soon : std::min(due, soon);
        if (entry.requeries < UINT8_MAX) ++entry.requeries;
      } else {
        entry.requeries = 0;
      }
      if (end.counted)
        Log("scheduled").id(id.text()).add("seconds", (due - time_.boot() + 999) / 1000).info();
      schedule_.set_due(id, end.notice_due == 0 ? due : std::min(due, end.notice_due));
    }
  }
  if (over || active.settles_only) release_parked(id);
  if (turns_.empty()) rest_soon();
  run();
}

// All places are taken. Messages that only wait for a slow destination give theirs back for a
// while, which is no attempt.
void Manager::make_room_soon() {
  if (std::exchange(making_room_, true)) return;
  later(kSlowAfter, [this] {
    making_room_ = false;
    if (!blocked_) return;
    for (const Ticket& ticket :
         jobs_.give_back(time_.boot() - kSlowAfter, limits_.turns / kSlowShare, time_.boot()))
      ticket.turn->put_off(ticket);
  });
}

void Manager::rest_soon() {
  if (std::exchange(resting_soon_, true)) return;
  later(kRestAfter, [this] {
    resting_soon_ = false;
    if (turns_.empty()) outside_.at_rest();
  });
}

void Manager::start_jobs() {
  while (credits_ > 0 && !draining_) {
    std::optional<Ticket> ticket = jobs_.next(time_.boot());
    if (!ticket) return;
    const std::uint64_t number = ++last_job_;
    const std::shared_ptr<Turn> turn = ticket->turn;
    if (!turn->wants(*ticket)) {
      jobs_.ended(*ticket, JobEnd::untried, time_.boot());
      continue;
    }
    if (is_local_type(ticket->choice.type)) {
      local_line_.push_back(number);
      ticket->begun = time_.boot();
      under_way_.emplace(number, std::move(*ticket));
      start_local_jobs();
      continue;
    }
    Result<std::pair<Job, Fd>> job = turn->compose(*ticket, number);
    if (!job) {
      Log("trouble").id(ticket->id).add("at", "open").add("reason", job.error().text).error();
      jobs_.ended(*ticket, JobEnd::untried, time_.boot());
      turn->put_off(*ticket);
      continue;
    }
    --credits_;
    ticket->begun = time_.boot();
    under_way_.emplace(number, std::move(*ticket));
    outside_.send_job(job->first, std::move(job->second));
  }
}

void Manager::submit(Ticket ticket) {
  const BootMs now = time_.boot();
  ticket.queued = now;
  note_destination(ticket);
  jobs_.push(std::move(ticket), now);
  run();
}

void Manager::on_taken() {
  if (credits_ >= kJobCredits) return broken("deliver took a job that it was not given");
  ++credits_;
  run();
}

void Manager::on_result(const JobResult& result) {
  const auto at = under_way_.find(result.job);
  if (at == under_way_.end()) return broken("deliver answers a job that is not under way");
  const Ticket ticket = result.end ? std::move(at->second) : at->second;
  const std::shared_ptr<Turn> turn = ticket.turn;
  if (result.end) {
    under_way_.erase(at);
    end_job(ticket, end_of(result.transaction));
  }
  const std::uint32_t owner = turn->owner(); // its file is closed when it ends
  const Result<> fits = turn->result(ticket, result.job, result.transaction, result.end);
  if (!fits) return broken("deliver's result does not fit its job: " + fits.error().text);
  if (!result.transcript.empty()) keep_transcript(ticket, owner, result);
  run();
}

void Manager::on_untried(std::uint64_t job, Untried why) {
  const auto at = under_way_.find(job);
  if (at == under_way_.end()) return broken("deliver gives back a job that is not under way");
  const Ticket ticket = std::move(at->second);
  under_way_.erase(at);
  jobs_.ended(ticket, JobEnd::untried, time_.boot());
  if (why == Untried::sender_left || ticket.choice.generation != snapshot_.settings.generation) {
    ticket.turn->ask_again(ticket);
  } else {
    ticket.turn->put_off(ticket); // deliver cannot follow yet: not a race between the two of us
  }
  run();
}

void Manager::ask_route(RouteQuery query, std::function<void(const RouteAnswer&)> then) {
  query.query = ++last_query_;
  queries_.emplace_back(query.query, std::move(then));
  watch_.asked(Member::route);
  outside_.send_query(query);
}

void Manager::on_route_answer(const RouteAnswer& answer) {
  if (queries_.empty() || queries_.front().first != answer.query)
    return broken("route answers a query out of order");
  const auto then = std::move(queries_.front().second);
  queries_.pop_front();
  watch_.answered(Member::route);
  then(answer);
  run();
}

void Manager::ask_notice(NoticeRequest request, std::function<void(Result<std::string>)> then) {
  notices_.push_back({request.id, std::move(then)});
  watch_.asked(Member::bounce);
  outside_.send_notice_request(request);
}

void Manager::on_notice(const std::string& id, Result<std::string> text) {
  if (notices_.empty() || notices_.front().id != id)
    return broken("bounce answers a request out of order");
  const auto then = std::move(notices_.front().then);
  notices_.pop_front();
  watch_.answered(Member::bounce);
  then(std::move(text));
  run();
}

void Manager::account(const MessageHead& head, Accounts::Then then) {
  accounts_.name(head, std::move(then));
}

void Manager::work(std::function<void()> blocking, std::function<void()> then) {
  outside_.work(std::move(blocking), [this, then = std::move(then)] {
    then();
    run();
  });
}

void Manager::later(BootMs wait, std::function<void()> then) {
  alarms_.emplace(time_.boot() + wait, std::move(then));
  set_wake(false);
}

void Manager::wake() {
  run_alarms();
  run();
}

void Manager::run_alarms() {
  const BootMs now = time_.boot();
  while (!alarms_.empty() && alarms_.begin()->first <= now) {
    const auto then = std::move(alarms_.begin()->second);
    alarms_.erase(alarms_.begin());
    then();
  }
}

void Manager::set_wake(bool soon) {
  std::optional<BootMs> next;
  if (!alarms_.empty()) next = alarms_.begin()->first;
  // While no place is free, the end of a turn is what wakes.
  const std::optional<BootMs> due = blocked_ ? std::nullopt : schedule_.next_due();
  if (due && (!next || *due < *next)) next = due;
  // Nor does a rate while no job may start.
  const bool may_start = credits_ > 0 && !draining_ && jobs_.under_way() < limits_.jobs;
  const std::optional<BootMs> opens = may_start ? jobs_.opens_at(time_.boot()) : std::nullopt;
  if (opens && (!next || *opens < *next)) next = opens;
  if (soon) next = time_.boot();
  if (next) outside_.wake_at(*next);
}

void Manager::reload(Snapshot snapshot) {
  snapshot_ = std::move(snapshot);
  accounts_.forget();
  jobs_.reconfigure(time_.boot());
  outside_.send_reload();
  Log("reloaded").add("generation", snapshot_.settings.generation).info();
  run(); // what waited for a rate, or for a place, may find more room now
}

void Manager::drain() {
  draining_ = true;
  give_local_jobs_back();
}

} // namespace waypost::queue
