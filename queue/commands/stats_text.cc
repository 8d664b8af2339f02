#include "queue/commands/stats_text.h"

#include <algorithm>
#include <map>
#include <set>

#include "lib/mail/date.h"
#include "lib/sys/text.h"
#include "queue/commands/list_output.h"
#include "queue/commands/text_table.h"
#include "queue/manager/census.h"

namespace waypost::queue {
namespace {

constexpr std::uint64_t kMostSeconds = 100'000'000'000; // more is no date

std::uint64_t sum(const std::vector<MetricSample>& samples, std::string_view key,
                  std::string_view value) {
  std::uint64_t all = 0;
  for (const MetricSample& one : samples)
    all += one.label(key) == value ? one.value : 0;
  return all;
}

std::string when(std::uint64_t seconds, WallUs now) {
  const auto time = static_cast<WallUs>(std::min(seconds, kMostSeconds)) * 1'000'000;
  return rfc3339_date(time) + " (" + short_span(now - time) + ")";
}

std::string queue_lines(const MetricSamples& samples, WallUs now) {
  const auto& queue = samples.of(metric::kQueue);
  std::uint64_t all = 0;
  std::string states;
  for (const QueueState state : kQueueStates) {
    const std::uint64_t count = sum(queue, "state", name(state));
    all += count;
    states += (states.empty() ? "" : ", ") + std::string(name(state)) + " " + std::to_string(count);
  }
  std::string out = "In the queue: " + std::to_string(all) + " (" + states + ")\n";
  if (!samples.of(metric::kOldest).empty())
    out += "The oldest arrived: " + when(samples.value(metric::kOldest), now) + "\n";
  return out;
}

std::string totals(const MetricSamples& samples, WallUs now) {
  std::uint64_t notices = 0;
  for (const MetricSample& one : samples.of(metric::kNotices))
    notices += one.value;
  const std::uint64_t busy = sum(samples.of(metric::kSenders), "state", "busy");
  const std::uint64_t idle = sum(samples.of(metric::kSenders), "state", "idle");
  return "Counted since: " + when(samples.value(metric::kStart), now) +
         "\nMessages accepted: " + std::to_string(samples.value(metric::kAccepted)) +
         ", finished: " + std::to_string(samples.value(metric::kFinished)) +
         ", notices made: " + std::to_string(notices) + "\n" + queue_lines(samples, now) +
         "Senders: " + std::to_string(busy) + " busy, " + std::to_string(idle) + " idle; " +
         std::to_string(samples.value(metric::kFailing)) + " destinations known to fail\n" +
         "Damaged, in bad/: " + std::to_string(samples.value(metric::kBad)) + "\n";
}

// "1s": half of them took no longer; "-": there were none.
std::string quantile(const std::vector<MetricSample>& samples, std::string_view transport,
                     std::uint64_t percent) {
  for (const MetricSample& one : samples) {
    if (one.label("transport") != transport || one.value == 0) continue;
    const auto at = std::ranges::find_if(one.buckets, [&](const MetricSample::Bucket& bucket) {
      return bucket.within >= one.value / 100 * percent + one.value % 100 * percent / 100;
    });
    if (at == one.buckets.end()) return "more";
    return at->le_ms < 120'000
               ? seconds_text(at->le_ms) + "s"
               : short_span(static_cast<WallUs>(std::min(at->le_ms, kMostSeconds)) * 1000);
  }
  return "-";
}

std::uint64_t outcomes(const MetricSamples& samples, std::string_view transport,
                       std::string_view outcome) {
  std::uint64_t all = 0;
  for (const MetricSample& one : samples.of(metric::kOutcomes))
    all += one.label("transport") == transport && one.label("outcome") == outcome ? one.value : 0;
  return all;
}

std::set<std::string_view> transports(const MetricSamples& samples) {
  std::set<std::string_view> all;
  for (const MetricSample& one : samples.of(metric::kAttempts))
    all.insert(one.label("transport"));
  for (const MetricSample& one : samples.of(metric::kQueue)) {
    if (one.value > 0) all.insert(one.label("transport"));
  }
  return all;
}

std::string transport_table(const MetricSamples& samples) {
  TextTable table(1);
  table.add({"transport", "messages", "jobs", "delivered", "deferred", "failed", "moved",
             "half within", "95% within", "attempts: half"});
  for (const std::string_view one : transports(samples)) {
    const std::uint64_t jobs = sum(samples.of(metric::kJobsWaiting), "transport", one) +
                               sum(samples.of(metric::kJobsUnderWay), "transport", one);
    const std::uint64_t delivered =
        outcomes(samples, one, "delivered") + outcomes(samples, one, "relayed");
    table.add({one.empty() ? "(not tried yet)" : printable(one),
               std::to_string(sum(samples.of(metric::kQueue), "transport", one)),
               std::to_string(jobs), std::to_string(delivered),
               std::to_string(outcomes(samples, one, "deferred")),
               std::to_string(outcomes(samples, one, "failed")),
               std::to_string(outcomes(samples, one, "moved")),
               quantile(samples.of(metric::kDelivery), one, 50),
               quantile(samples.of(metric::kDelivery), one, 95),
               quantile(samples.of(metric::kAttempt), one, 50)});
  }
  std::string out;
  for (const std::string& line : table.lines())
    out += line + "\n";
  return out;
}

std::string failures(const MetricSamples& samples) {
  std::map<std::string_view, std::uint64_t> classes;
  for (const MetricSample& one : samples.of(metric::kOutcomes)) {
    if (!one.label("class").empty()) classes[one.label("class")] += one.value;
  }
  std::string out;
  for (const auto& [klass, count] : classes)
    out += (out.empty() ? "" : ", ") + printable(klass) + " " + std::to_string(count);
  if (!out.empty()) out = "Failures by class: " + out + "\n";
  for (const MetricSample& one : samples.of(metric::kHeld))
    out += "Held back: transport " + printable(one.label("transport")) + " (" +
           printable(one.label("class")) + ")\n";
  return out;
}

} // namespace

std::string stats_text(const MetricSamples& samples, WallUs now) {
  return totals(samples, now) + failures(samples) + "\n" + transport_table(samples);
}

} // namespace waypost::queue
