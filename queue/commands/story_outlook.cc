// Story, from where it stands on: what the failures mean and who must act, what comes next and
// when, and which commands would change it.
#include <map>

#include "lib/mail/date.h"
#include "lib/sys/text.h"
#include "queue/commands/list_output.h"
#include "queue/commands/story.h"
#include "queue/commands/story_lines.h"
#include "queue/commands/words.h"

namespace waypost::queue {
namespace {

// "2026-11-22T02:14:47Z (in 7m)"
std::string time_and_span(WallUs when, WallUs now) {
  std::string text = rfc3339_date(when);
  if (when - now >= 1'000'000) text += " (in " + short_span(when - now) + ")";
  return text;
}

// "    waypost hold ID        stop it"
void append_command(std::string& out, const std::string& command, std::string_view does) {
  constexpr std::size_t kWidth = 49;
  std::string line = "waypost " + command;
  line.resize(std::max(line.size() + 2, kWidth), ' ');
  append_line(out, "    ", line + std::string(does));
}

} // namespace

Fault Story::fault(std::uint32_t recipient) const {
  for (auto entry = history_.rbegin(); entry != history_.rend(); ++entry) {
    if (entry->kind != HistoryKind::attempt) continue;
    for (const RecipientGroup& group : entry->transaction.groups) {
      if (group.recipients.contains(recipient)) return fault_of(group.outcome);
    }
  }
  return Fault::theirs;
}

void Story::append_standing(std::string& out) const {
  append_line(out, "", "Now");
  Ranges delivered;
  Ranges failed;
  Ranges untried;
  std::map<std::pair<FailureClass, Fault>, Ranges> waiting;
  for (const RecipientRow& one : row_.recipients) {
    if (one.state == "delivered") delivered.add(one.number);
    if (one.state == "failed") failed.add(one.number);
    if (one.state != "pending") continue;
    const auto klass = parse_failure_class(one.klass).value_or(FailureClass::none);
    const bool tried = klass != FailureClass::none;
    (tried ? waiting[{klass, fault(one.number)}] : untried).add(one.number);
  }
  if (!delivered.empty()) append_line(out, "    ", addresses(delivered) + ": delivered");
  if (!failed.empty()) append_line(out, "    ", addresses(failed) + ": failed for good");
  if (!untried.empty()) append_line(out, "    ", addresses(untried) + ": waits");
  for (const auto& [kind, recipients] : waiting) {
    const auto& [klass, whose] = kind;
    const ClassAdvice advice = class_advice(klass, whose);
    append_line(out, "    ", addresses(recipients) + ": waits, " + std::string(name(klass)));
    append_line(out, "        ", advice.means);
    append_line(out, "        ", "Who must act? " + std::string(advice.who));
  }
}

void Story::append_plan(std::string& out, const Plan& plan, WallUs now) const {
  std::string line = addresses(plan.recipients) + ": ";
  if (plan.wait == "held")
    return append_line(out, "    ", line + "held, until somebody releases it");
  if (!plan.wait.empty()) {
    append_line(out, "    ", line + "waits: " + printable(plan.wait));
    append_line(out, "        ",
                "Who must act? The administrator of this host: the routes have no way for it. It "
                "is asked again every minute.");
    return;
  }
  line += "attempt " + std::to_string(plan.attempt);
  if (plan.when && *plan.when > now) line += " at " + time_and_span(*plan.when, now);
  if (plan.when && *plan.when <= now) line += ", due or under way";
  line += plan.transport.empty() ? ", by the route that matches then"
                                 : ", by " + by_route(plan.transport, plan.rule);
  append_line(out, "    ", line);
}

// Only where the way changes: the rest is more of the same.
void Story::append_later(std::string& out, WallUs now) const {
  const Plan* before = plans_.empty() ? nullptr : &plans_.front();
  for (const Plan& later : laters_) {
    const bool same = before != nullptr && later.transport == before->transport &&
                      later.rule == before->rule && later.wait == before->wait;
    before = &later;
    if (same) continue;
    std::string line = "from attempt " + std::to_string(later.attempt) + " on";
    if (later.when) line += ", " + time_and_span(*later.when, now) + " at the earliest";
    line += later.wait.empty() ? ", by " + by_route(later.transport, later.rule)
                               : ", it would wait: " + printable(later.wait);
    append_line(out, "        ", line);
  }
}

void Story::append_future(std::string& out, WallUs now) const {
  if (row_.notice == "owed") append_line(out, "    ", "a notice to the sender is owed");
  if (plans_.empty()) return;
  append_line(out, "", "What comes next");
  if (outlook_.stopped)
    append_line(out, "    ", "No queue manager is running: nothing is tried until one starts.");
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    append_plan(out, plans_[i], now);
    if (i == 0) append_later(out, now);
  }
  if (row_.held || plans_.front().wait == "held") return;
  if (outlook_.delay && *outlook_.delay > now) {
    append_line(out, "    ",
                "the sender is told of the delay at " + time_and_span(*outlook_.delay, now));
  }
  if (!outlook_.expires) return;
  append_line(
      out, "    ",
      *outlook_.expires > now
          ? "what is deferred after " + time_and_span(*outlook_.expires, now) +
                " goes back to the sender"
          : std::string("it is too old: what is deferred once more goes back to the sender"));
}

void Story::append_commands(std::string& out) const {
  if (plans_.empty()) return;
  append_line(out, "", "What would change it");
  const std::string id = printable(row_.id);
  if (row_.held) {
    append_command(out, "release " + id, "let it go on");
  } else {
    append_command(out, "kick " + id, "try it now");
    std::string others;
    for (const std::string& one : outlook_.transports) {
      if (one == plans_.front().transport) continue;
      others += (others.empty() ? "" : ", ") + printable(one);
    }
    if (!others.empty())
      append_command(out, "kick " + id + " --transport NAME", "and by another way: " + others);
    if (!outlook_.hand.empty())
      append_command(out, "kick " + id + " --routes", "and let the routes choose again");
    append_command(out, "hold " + id, "keep it where it is");
  }
  append_command(out, "bounce " + id, "give up: its sender gets a notice");
  append_command(out, "drop " + id, "delete it, and nobody is told");
}

} // namespace waypost::queue
