#include "queue/commands/metric_samples.h"
#include "queue/commands/stats_text.h"

#include <cctype>
#include <criterion/criterion.h>
#include <fstream>
#include <set>
#include <sstream>

#include "lib/sys/text.h"
#include "tests/unit/queue-commands/answers.h"

using namespace waypost;
using namespace waypost::queue;
using namespace waypost::queue::testing;

namespace {

Record metric_answer(const Metric& metric, std::uint64_t value) {
  Record record;
  record.add("type", "metric").add("name", metric.name).add_number("value", value);
  return record;
}

Record histogram_answer(std::string_view transport, std::vector<std::uint64_t> within) {
  constexpr std::array kBounds{100, 1'500, 60'000};
  Record record;
  record.add("type", "metric").add("name", metric::kDelivery.name).add("transport", transport);
  record.add_number("count", within.back()).add_number("sum_ms", 12'345);
  for (std::size_t i = 0; i < kBounds.size(); ++i)
    record.add_number("le_ms", static_cast<std::uint64_t>(kBounds[i]))
        .add_number("within", within[i]);
  return record;
}

MetricSamples samples(const std::vector<Record>& answers) {
  MetricSamples all;
  for (const Record& one : answers)
    cr_assert(all.take(one).has_value());
  return all;
}

// Unit tests run in the root of the tree.
std::string manual() {
  std::ifstream file("man/waypost-metrics.7");
  cr_assert(file.good(), "no man/waypost-metrics.7 here");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string entry_of(const Metric& metric) {
  std::string kind(name(metric.kind));
  kind[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(kind[0])));
  std::string entry = ".It Ic " + std::string(metric.name) + "\n" + kind;
  const auto labels =
      metric.labels.empty() ? std::vector<std::string_view>() : split(metric.labels, ',');
  for (std::size_t i = 0; i < labels.size(); ++i) {
    entry += i == 0 ? ", by " : i + 1 == labels.size() ? " and " : ", ";
    entry += labels[i];
  }
  return entry + ".\n";
}

} // namespace

Test(metrics, the_manual_names_them_all_and_no_other) {
  const std::string page = manual();
  std::set<std::string> known;
  for (const Metric* metric : kMetrics) {
    known.insert(std::string(metric->name));
    const std::string entry = entry_of(*metric);
    cr_expect(has(page, entry), "not in the page: %s", entry.c_str());
  }
  cr_expect_eq(known.size(), kMetrics.size(), "a name stands for two");
  std::size_t entries = 0;
  for (const std::string_view line : split(page, '\n')) {
    if (!line.starts_with(".It Ic ")) continue;
    ++entries;
    cr_expect(known.contains(std::string(line.substr(7))), "not told: %s",
              std::string(line).c_str());
  }
  cr_expect_eq(entries, known.size());
}

// https://prometheus.io/docs/practices/naming/
Test(metrics, are_named_as_prometheus_wants_it) {
  for (const Metric* metric : kMetrics) {
    const bool total = metric->name.ends_with("_total");
    cr_expect(metric->name.starts_with("waypost_"));
    cr_expect_eq(total, metric->kind == MetricKind::counter, "%s", metric->name.data());
    cr_expect(!metric->help.empty() && !has(metric->help, "\n") && !has(metric->help, "\\"));
    if (metric->kind == MetricKind::histogram) cr_expect(metric->name.ends_with("_seconds"));
  }
}

Test(metric_samples, are_an_object_with_a_key_for_each_metric) {
  Record queue = metric_answer(metric::kQueue, 3);
  queue.add("state", "held").add("transport", "");
  const MetricSamples all =
      samples({metric_answer(metric::kAccepted, 17), queue, histogram_answer("direct", {1, 2, 4})});
  const std::string json = all.json();
  for (const Metric* metric : kMetrics)
    cr_expect(has(json, "\"" + std::string(metric->name.substr(8)) + "\":"), "%s",
              metric->name.data());
  for (const char* part :
       {R"("messages_accepted_total":17)", R"("oldest_message_time_seconds":null)",
        R"("queue_messages":[{"state":"held","transport":null,"value":3}])",
        R"("notices_total":[])",
        R"("delivery_seconds":[{"transport":"direct","count":4,"sum":12.345,"buckets":[)"
        R"({"le":0.1,"count":1},{"le":1.5,"count":2},{"le":60,"count":4}]}])"})
    cr_expect(has(json, part), "%s\nnot in\n%s", part, json.c_str());
}

Test(metric_samples, are_prometheus_text) {
  Record held = metric_answer(metric::kHeld, 1);
  held.add("transport", "a\"b\\c\nd\x1b[2J").add("class", "auth");
  const std::string text =
      samples({metric_answer(metric::kAccepted, 17), held, histogram_answer("direct", {1, 2, 3})})
          .prometheus();
  for (const char* part :
       {"# TYPE waypost_messages_accepted_total counter\nwaypost_messages_accepted_total 17\n",
        "# TYPE waypost_delivery_seconds histogram\n"
        "waypost_delivery_seconds_bucket{transport=\"direct\",le=\"0.1\"} 1\n"
        "waypost_delivery_seconds_bucket{transport=\"direct\",le=\"1.5\"} 2\n"
        "waypost_delivery_seconds_bucket{transport=\"direct\",le=\"60\"} 3\n"
        "waypost_delivery_seconds_bucket{transport=\"direct\",le=\"+Inf\"} 3\n"
        "waypost_delivery_seconds_sum{transport=\"direct\"} 12.345\n"
        "waypost_delivery_seconds_count{transport=\"direct\"} 3\n",
        "waypost_transport_held{transport=\"a\\\"b"})
    cr_expect(has(text, part), "%s\nnot in\n%s", part, text.c_str());
  cr_expect(text.ends_with("\n"));
  for (const std::string_view line : split(text, '\n')) {
    cr_expect_eq(printable(line), std::string(line));
    const bool known = line.empty() || line.starts_with("# HELP waypost_") ||
                       line.starts_with("# TYPE waypost_") || line.starts_with("waypost_");
    cr_expect(known, "a forged line: %s", std::string(line).c_str());
  }
}

Test(metric_samples, refuse_what_lacks_a_number_and_pass_over_what_is_newer) {
  MetricSamples all;
  Record newer;
  newer.add("type", "metric").add("name", "waypost_of_tomorrow").add("value", "many");
  cr_expect(all.take(newer).has_value());
  Record lacks;
  lacks.add("type", "metric").add("name", metric::kAccepted.name);
  cr_expect(!all.take(lacks).has_value());
  Record falls;
  falls.add("type", "metric").add("name", metric::kDelivery.name).add("count", "1");
  falls.add("sum_ms", "1").add("le_ms", "5").add("within", "1").add("le_ms", "5");
  cr_expect(!all.take(falls).has_value());
}

Test(stats_text, is_for_people) {
  Record queue = metric_answer(metric::kQueue, 3);
  queue.add("state", "held").add("transport", "direct");
  Record outcome = metric_answer(metric::kOutcomes, 5);
  outcome.add("transport", "direct").add("outcome", "deferred").add("class", "greylisted");
  Record oldest = metric_answer(metric::kOldest, kArrived / 1'000'000 - 7'200);
  const std::string text = stats_text(
      samples({queue, outcome, oldest, histogram_answer("direct", {1, 2, 4})}), kArrived);
  for (const char* part : {"In the queue: 3 (", "held 3", "2023-11-14T20:13:20Z (2h)",
                           "Failures by class: greylisted 5", "direct", "1.5s", "60s"})
    cr_expect(has(text, part), "%s\nnot in\n%s", part, text.c_str());
}

Test(stats_text, seconds) {
  cr_expect_eq(seconds_text(0), "0");
  cr_expect_eq(seconds_text(5'000), "5");
  cr_expect_eq(seconds_text(100), "0.1");
  cr_expect_eq(seconds_text(12'034), "12.034");
}
