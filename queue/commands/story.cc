#include "queue/commands/story.h"

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::uint32_t kMostRecipients = 10'000'000; // far above what a message may have

Result<Plan> plan_of(const Record& answer) {
  Plan plan;
  const auto recipients = Ranges::parse(answer.get("rcpt"));
  if (!recipients || recipients->empty() || recipients->ranges().back().last >= kMostRecipients)
    return fail("the queue manager's answer has bad recipients in a plan");
  plan.recipients = *recipients;
  if (answer.has("when")) {
    const auto when = parse_number(answer.get("when"), INT64_MAX);
    if (!when) return fail("the queue manager's answer has a bad time in a plan");
    plan.when = static_cast<WallUs>(*when);
  }
  plan.attempt = answer.number("attempt").value_or(0);
  plan.transport = answer.get("transport");
  plan.rule = answer.get("rule");
  plan.wait = answer.get("wait");
  return plan;
}

Result<Outlook> outlook_of(const Record& answer) {
  Outlook outlook;
  for (const auto& [key, into] :
       {std::pair{"expires", &outlook.expires}, std::pair{"delay", &outlook.delay}}) {
    if (!answer.has(key)) continue;
    const auto when = parse_number(answer.get(key), INT64_MAX);
    if (!when) return fail("the queue manager's answer has a bad time in its outlook");
    *into = static_cast<WallUs>(*when);
  }
  outlook.hand = answer.get("hand");
  outlook.stopped = answer.get("stopped") == "1";
  for (std::size_t i = 0; i < answer.size(); ++i) {
    if (answer.field(i).key == "transport") outlook.transports.emplace_back(answer.field(i).value);
  }
  return outlook;
}

} // namespace

bool Plan::same_but_recipients(const Plan& other) const {
  return when == other.when && attempt == other.attempt && transport == other.transport &&
         rule == other.rule && wait == other.wait;
}

void Story::add_plan(Plan plan) {
  const bool joins =
      !plans_.empty() && plans_.back().same_but_recipients(plan) &&
      plans_.back().recipients.ranges().back().last < plan.recipients.ranges().front().first;
  if (!joins) {
    plans_.push_back(std::move(plan));
    return;
  }
  for (const Ranges::Range& range : plan.recipients.ranges()) {
    for (std::uint64_t n = range.first; n <= range.last; ++n)
      plans_.back().recipients.add(static_cast<std::uint32_t>(n));
  }
}

Result<> Story::take(const Record& answer) {
  const std::string_view type = answer.get("type");
  if (type == "message") return rows_.take(answer);
  rows_.end();
  if (type == "history") {
    Result<HistoryEntry> entry = history_entry(answer);
    if (!entry) return std::unexpected(entry.error());
    for (const RecipientGroup& group : entry->transaction.groups) {
      if (!group.recipients.empty() && group.recipients.ranges().back().last >= kMostRecipients)
        return fail("the queue manager's answer has bad recipients in a history");
    }
    history_.push_back(std::move(*entry));
  } else if (type == "transcript") {
    Result<Transcript> transcript = transcript_of(answer);
    if (!transcript) return std::unexpected(transcript.error());
    transcripts_.push_back(std::move(*transcript));
  } else if (type == "plan" || type == "later") {
    Result<Plan> plan = plan_of(answer);
    if (!plan) return std::unexpected(plan.error());
    if (type == "later")
      laters_.push_back(std::move(*plan));
    else
      add_plan(std::move(*plan));
  } else if (type == "outlook") {
    Result<Outlook> outlook = outlook_of(answer);
    if (!outlook) return std::unexpected(outlook.error());
    outlook_ = std::move(*outlook);
  }
  return {};
}

std::string Story::address(std::uint32_t number) const {
  if (number < row_.recipients.size()) return row_.recipients[number].address;
  return "recipient " + std::to_string(number);
}

} // namespace waypost::queue
