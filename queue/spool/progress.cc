#include "queue/spool/progress.h"

#include <algorithm>

namespace waypost::queue {

bool RecipientProgress::has_refused(std::string_view name) const {
  return std::ranges::find(refused, name) != refused.end();
}

std::string RecipientProgress::prefer() const {
  return last.klass == FailureClass::greylisted ? address : std::string();
}

std::string RecipientProgress::avoid() const {
  const bool failed = last_time != 0 && last.tried && last.disposition == Disposition::deferred;
  if (!failed || address.empty() || last.klass == FailureClass::greylisted) return {};
  // Where all were tried, the one that failed last says nothing: the other family begins.
  const std::string& met = first.empty() ? address : first;
  return met.find(':') == std::string::npos ? "ipv4" : "ipv6";
}

void apply(RecipientProgress& progress, const HistoryEntry& entry, const Outcome& outcome) {
  // The number in the entry, not a count of entries: records may be lost, numbers then still grow.
  progress.attempts = std::max(progress.attempts, entry.attempt);
  progress.last_time = entry.time;
  progress.last = outcome;
  progress.transport = entry.transport;
  progress.rule = entry.rule;
  progress.host = entry.transaction.host;
  progress.address = entry.transaction.address;
  progress.first = entry.transaction.first;
  const bool delivered = outcome.disposition == Disposition::delivered ||
                         outcome.disposition == Disposition::relayed ||
                         outcome.disposition == Disposition::expanded;
  if (!delivered) progress.classes.add(outcome.klass);
  if (outcome.disposition != Disposition::moved) return;
  ++progress.moves;
  if (!progress.has_refused(entry.transport)) progress.refused.push_back(entry.transport);
}

ProgressFold::ProgressFold(std::vector<std::uint32_t> recipients, std::size_t replies)
    : recipients_(std::move(recipients)),
      progress_(recipients_.size()),
      replies_(replies) {}

template <class Each>
void ProgressFold::each_in(const Ranges& ranges, Each each) {
  for (const Ranges::Range& range : ranges.ranges()) {
    auto at = std::ranges::lower_bound(recipients_, range.first);
    for (; at != recipients_.end() && *at <= range.last; ++at) {
      each(progress_[static_cast<std::size_t>(at - recipients_.begin())]);
    }
  }
}

void ProgressFold::take_attempt(const HistoryEntry& entry) {
  facts_.attempts = std::max(facts_.attempts, entry.attempt);
  for (const RecipientGroup& group : entry.transaction.groups) {
    Outcome outcome = group.outcome;
    outcome.reply = share_of_reply(group.outcome.reply, replies_, recipients_.size());
    each_in(group.recipients,
            [&](RecipientProgress& progress) { apply(progress, entry, outcome); });
  }
}

void ProgressFold::take_requeue(const HistoryEntry& entry) {
  const auto renew = [](RecipientProgress& progress) {
    progress.attempts = 0;
    progress.moves = 0;
    progress.classes = {};
    progress.refused.clear();
    progress.bounced = false;
  };
  facts_.attempts = 0;
  if (entry.transaction.groups.empty()) std::ranges::for_each(progress_, renew);
  for (const RecipientGroup& group : entry.transaction.groups)
    each_in(group.recipients, renew);
}

void ProgressFold::take_overlay(const Overlay& overlay) {
  switch (overlay.part) {
  case Overlay::Part::headers:
    facts_.headers = overlay.bytes;
    facts_.skip = overlay.skip;
    break;
  case Overlay::Part::signature: facts_.signature = overlay.bytes; break;
  case Overlay::Part::sender: facts_.sender = overlay.bytes; break;
  }
}

void ProgressFold::take(const HistoryEntry& entry) {
  switch (entry.kind) {
  case HistoryKind::attempt: take_attempt(entry); break;
  case HistoryKind::hold: facts_.held = true; break;
  case HistoryKind::release: facts_.held = false; break;
  case HistoryKind::hand: facts_.hand = entry.transport; break;
  case HistoryKind::requeue: take_requeue(entry); break;
  case HistoryKind::notice:
    facts_.notices.push_back({entry.name, {}});
    if (!entry.transaction.groups.empty())
      facts_.notices.back().recipients = entry.transaction.groups.front().recipients;
    break;
  case HistoryKind::overlay: take_overlay(entry.overlay); break;
  case HistoryKind::bounce:
    for (const RecipientGroup& group : entry.transaction.groups) {
      each_in(group.recipients, [&](RecipientProgress& progress) {
        progress.last = group.outcome;
        progress.last_time = entry.time;
        progress.bounced = true;
      });
    }
    break;
  case HistoryKind::drop: facts_.dropped = true; break;
  }
}

} // namespace waypost::queue
