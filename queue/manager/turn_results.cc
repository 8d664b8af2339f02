// What comes back: outcomes become marks and history, and refusals another way.
#include "queue/manager/turn.h"

#include <algorithm>

#include "lib/sys/log.h"

namespace waypost::queue {
namespace {

constexpr BootMs kFailureNoticeWait = 300'000; // others may still be tried for long

void add_to(std::vector<RecipientGroup>& groups, const Outcome& outcome, std::uint32_t number) {
  const auto at = std::ranges::find(groups, outcome, &RecipientGroup::outcome);
  RecipientGroup& group = at == groups.end() ? groups.emplace_back(Ranges(), outcome) : *at;
  group.recipients.add(number);
}

Outcome unsaid() {
  Outcome outcome;
  outcome.klass = FailureClass::other;
  outcome.status = {4, 3, 0};
  outcome.reply = "the sender ended without a word on this recipient";
  return outcome;
}

std::string_view event(Disposition disposition) {
  return name(disposition);
}

} // namespace

Result<> Turn::result(const Ticket& ticket, std::uint64_t job, const Transaction& found, bool end) {
  std::vector<std::uint32_t> told;
  for (const RecipientGroup& group : found.groups) {
    for (const Ranges::Range& range : group.recipients.ranges()) {
      if (range.last - range.first >= ticket.recipients.size()) return fail("recipients of no job");
      for (std::uint32_t n = range.first; n <= range.last; ++n) {
        const auto at = open_.find(n);
        const bool ours = std::ranges::binary_search(ticket.recipients, n) && at != open_.end() &&
                          at->second.stage == Stage::sent && at->second.job == job;
        if (!ours) return fail("recipient " + std::to_string(n) + " is not in the job, or twice");
        told.push_back(n);
      }
    }
  }
  std::ranges::sort(told);
  if (std::ranges::adjacent_find(told) != told.end()) return fail("a recipient is told twice");

  Transaction whole = found;
  if (end) {
    for (const std::uint32_t n : ticket.recipients) {
      const auto at = open_.find(n);
      const bool left = at != open_.end() && at->second.job == job &&
                        at->second.stage == Stage::sent && !std::ranges::binary_search(told, n);
      if (left) add_to(whole.groups, unsaid(), n);
    }
  }
  for (const std::uint32_t n : told) {
    const Open& one = open_.at(n);
    if (one.choice && !one.choice->to.empty())
      whole.steps.push_back(one.recipient.address.text() + " is " + one.choice->to);
  }
  const RouteAnswer& choice = ticket.choice;
  const bool here = is_local_type(choice.type);
  settle_all({ticket.attempt, choice.transport, choice.rule, here}, whole, true);
  advance();
  return {};
}

void Turn::settle_all(const Way& way, const Transaction& found, bool may_move) {
  const SettlePolicy policy{age(), host_.settings().expire_after_s, reporting_,
                            may_move && !bounced_, way.here};
  HistoryEntry entry;
  entry.time = host_.time().now();
  entry.attempt = way.attempt;
  entry.transport = way.transport;
  entry.rule = way.rule;
  entry.transaction = found;
  entry.transaction.groups.clear();
  attempts_ = std::max(attempts_, way.attempt);
  std::vector<std::pair<Outcome, std::vector<std::uint32_t>>> refused;
  bool moved_mark = false;
  for (const RecipientGroup& group : found.groups) {
    std::vector<std::uint32_t> ask;
    const Outcome outcome = as_decided(group.outcome);
    for (const Ranges::Range& range : group.recipients.ranges()) {
      for (std::uint32_t n = range.first; n <= range.last; ++n) {
        Open& one = open_.at(n);
        const Settlement settled = settle(outcome, one.recipient.notify, one.progress, policy);
        if (settled.ask) {
          one.stage = Stage::refused;
          ask.push_back(n);
          continue;
        }
        add_to(entry.transaction.groups, settled.outcome, n);
        tell_outcome(way, found, one, settled.outcome);
        if (settled.mark != Mark::pending) moved_mark |= file_->set_mark(n, settled.mark);
        if (settled.outcome.disposition == Disposition::failed) log_dropped(one);
        open_.erase(n);
      }
    }
    if (!ask.empty()) refused.emplace_back(group.outcome, std::move(ask));
  }
  if (!entry.transaction.groups.empty() && !all_closed()) write_down(entry);
  if (moved_mark && !all_closed()) wants_flush_ = true;
  for (const auto& [outcome, numbers] : refused)
    ask_elsewhere(way, found, outcome, numbers);
}

// A refusal that says more of our address than of the recipient may be tried another way.
void Turn::ask_elsewhere(const Way& way, const Transaction& found, const Outcome& outcome,
                         const std::vector<std::uint32_t>& numbers) {
  std::map<std::string, std::pair<RouteQuery, std::vector<std::uint32_t>>> questions;
  for (const std::uint32_t number : numbers) {
    const Open& one = open_.at(number);
    RouteQuery query = query_for(one);
    query.attempt = way.attempt + 1;
    query.classes.add(outcome.klass);
    if (!one.progress.has_refused(way.transport)) query.refused.push_back(way.transport);
    query.refusal = outcome.klass;
    const Address to = address_now(one);
    query.to = to.domain();
    query.local = to.local();
    auto& [asked, whom] = questions[to_record(query).encode()];
    asked = std::move(query);
    whom.push_back(number);
  }
  for (auto& [key, one] : questions) {
    Transaction refusal = found;
    refusal.groups = {{{}, outcome}};
    for (const std::uint32_t number : one.second)
      refusal.groups.front().recipients.add(number);
    ++asking_;
    host_.ask_route(one.first, [self = shared_from_this(), way, refusal = std::move(refusal),
                                whom = std::move(one.second)](const RouteAnswer& answer) {
      --self->asking_;
      self->answered_elsewhere(way, refusal, whom, answer);
      self->advance();
    });
  }
}

void Turn::answered_elsewhere(const Way& way, Transaction found,
                              const std::vector<std::uint32_t>& numbers,
                              const RouteAnswer& answer) {
  if (answer.bounce) return settle_all(way, found, false);
  Outcome& outcome = found.groups.front().outcome;
  if (!answer.wait.empty()) {
    // The routes cannot say now: never an early bounce, the next turn asks again.
    outcome.disposition = Disposition::deferred;
    return settle_all(way, found, false);
  }
  outcome.disposition = Disposition::moved;
  HistoryEntry entry;
  entry.time = host_.time().now();
  entry.attempt = way.attempt;
  entry.transport = way.transport;
  entry.rule = way.rule;
  entry.transaction = found;
  attempts_ = std::max(attempts_, way.attempt);
  for (const std::uint32_t number : numbers) {
    Open& one = open_.at(number);
    apply(one.progress, entry, outcome);
    tell_outcome(way, found, one, outcome);
    RouteAnswer choice = answer;
    if (choice.to.empty() && one.choice) choice.to = one.choice->to; // where an alias led
    one.choice = std::make_shared<const RouteAnswer>(std::move(choice));
    one.stage = Stage::routed;
  }
  // Flushed, so that losing the end of the history costs one more move at most.
  write_down(entry);
  wants_flush_ = true;
}

// EDQUOT or ENOSPC on the history loses the record, never the mark.
void Turn::write_down(const HistoryEntry& entry) {
  const Result<> appended = file_->append_history(entry);
  if (!appended) Log("history_lost").id(id().text()).add("reason", appended.error().text).warning();
}

// Marks of one or more transactions leave by one flush, while recipients are still open; when none
// are, the file goes and nothing needs to be on disk.
void Turn::flush_soon() {
  if (!wants_flush_ || flushing_ || !loading_) return;
  const bool over = open_.empty() && asking_ == 0 && !more_to_load();
  if (over && all_closed() && !marks_trouble_) return;
  wants_flush_ = false;
  const Result<> written = file_->write_marks();
  if (!written) marks_trouble_ = true; // finish_pass() writes again before it ends
  if (!over && file_->count(Mark::failed) > 0 && !std::exchange(failure_timed_, true)) {
    host_.later(kFailureNoticeWait, [turn = weak_from_this()] { // which is mostly over by then
      const std::shared_ptr<Turn> self = turn.lock();
      if (self && !self->ended_ && self->file_->count(Mark::failed) > 0) self->begin_notice();
    });
  }
  flushing_ = true;
  sync([self = shared_from_this()](const Result<>& done) {
    self->flushing_ = false;
    if (!done) {
      Log("unsynced").id(self->id().text()).add("reason", done.error().text).error();
      self->marks_trouble_ = true;
    }
    self->advance();
  });
}

// The end of what nobody can be told about.
void Turn::log_dropped(const Open& one) const {
  if (reporting_ != Reporting::nobody) return;
  Log("dropped")
      .id(id().text())
      .add("to", one.recipient.address.text())
      .add("reason", is_notice(id()) ? "a notice about a notice has failed" : "no sender to tell")
      .warning();
}

void Turn::tell_outcome(const Way& way, const Transaction& found, const Open& one,
                        const Outcome& outcome) const {
  Log line(event(outcome.disposition));
  line.id(id().text()).add("to", one.recipient.address.text()).add("attempt", way.attempt);
  if (!way.transport.empty()) line.add("transport", way.transport).add("rule", way.rule);
  if (!found.host.empty()) line.add("host", found.host).add("address", found.address);
  if (outcome.klass != FailureClass::none) line.add("class", name(outcome.klass));
  if (outcome.code != 0) line.add("code", outcome.code);
  const std::string status = outcome.status.text();
  if (!status.empty()) line.add("status", status);
  line.add("reply", std::string_view(outcome.reply).substr(0, 400)).info();
  static const std::string nowhere;
  host_.outcome(id(),
                {way.transport, one.choice ? one.choice->destination : nowhere, outcome, age()});
}

} // namespace waypost::queue
