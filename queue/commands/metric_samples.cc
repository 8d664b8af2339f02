#include "queue/commands/metric_samples.h"

#include <algorithm>

#include "lib/sys/json.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::string_view kPrefix = "waypost_";
constexpr std::size_t kMostBuckets = 100;

Result<> take_buckets(MetricSample& sample, const Record& answer) {
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const Record::Field field = answer.field(i);
    if (field.key != "le_ms" && field.key != "within") continue;
    const auto number = parse_number(field.value);
    if (!number) return fail("the queue manager's answer has a bad " + std::string(field.key));
    if (field.key == "le_ms") {
      const bool ascends = sample.buckets.empty() || *number > sample.buckets.back().le_ms;
      if (!ascends || sample.buckets.size() == kMostBuckets)
        return fail("the queue manager's answer has bad buckets");
      sample.buckets.push_back({*number, 0});
    } else if (!sample.buckets.empty()) {
      sample.buckets.back().within = *number;
    }
  }
  return {};
}

std::string labels_json(JsonObject& object, const MetricSample& sample) {
  for (const MetricSample::Label& one : sample.labels)
    object.some_text(one.key, one.value);
  return object.str();
}

std::string histogram_json(const MetricSample& sample) {
  JsonArray buckets;
  for (const MetricSample::Bucket& one : sample.buckets) {
    JsonObject bucket;
    buckets.add(bucket.raw("le", seconds_text(one.le_ms)).number("count", one.within).str());
  }
  JsonObject object;
  labels_json(object, sample);
  object.number("count", sample.value).raw("sum", seconds_text(sample.sum_ms));
  return object.raw("buckets", buckets.str()).str();
}

std::string samples_json(const Metric& metric, const std::vector<MetricSample>& samples) {
  JsonArray all;
  for (const MetricSample& one : samples) {
    if (metric.kind == MetricKind::histogram) {
      all.add(histogram_json(one));
      continue;
    }
    JsonObject object;
    labels_json(object, one);
    all.add(object.number("value", one.value).str());
  }
  return all.str();
}

// A label's value: backslash, quote and newline are escaped by the format, all else that could do
// harm by printable().
std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : printable(value)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string label_set(const MetricSample& sample, std::string_view le = {}) {
  std::string out;
  for (const MetricSample::Label& one : sample.labels) {
    out += (out.empty() ? "" : ",") + std::string(one.key) + "=" + quoted(one.value);
  }
  if (!le.empty()) out += (out.empty() ? "le=\"" : ",le=\"") + std::string(le) + '"';
  return out.empty() ? "" : "{" + out + "}";
}

std::string histogram_lines(const Metric& metric, const MetricSample& sample) {
  const std::string name(metric.name);
  std::string out;
  const auto bucket = [&](std::string_view le, std::uint64_t within) {
    out += name + "_bucket" + label_set(sample, le) + " " + std::to_string(within) + "\n";
  };
  for (const MetricSample::Bucket& one : sample.buckets)
    bucket(seconds_text(one.le_ms), one.within);
  bucket("+Inf", sample.value);
  out += name + "_sum" + label_set(sample) + " " + seconds_text(sample.sum_ms) + "\n";
  return out + name + "_count" + label_set(sample) + " " + std::to_string(sample.value) + "\n";
}

} // namespace

std::string seconds_text(std::uint64_t ms) {
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 == 0) return text;
  text += '.' + std::to_string(1000 + ms % 1000).substr(1);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

std::string_view MetricSample::label(std::string_view key) const {
  const auto at = std::ranges::find(labels, key, &Label::key);
  return at == labels.end() ? std::string_view() : std::string_view(at->value);
}

Result<> MetricSamples::take(const Record& answer) {
  const auto* const at =
      std::ranges::find(kMetrics, answer.get("name"), [](const Metric* one) { return one->name; });
  if (at == kMetrics.end()) return {};
  const Metric& metric = **at;
  MetricSample sample;
  if (!metric.labels.empty()) {
    for (const std::string_view key : split(metric.labels, ','))
      sample.labels.push_back({key, std::string(answer.get(key))});
  }
  const bool histogram = metric.kind == MetricKind::histogram;
  const auto value = answer.number(histogram ? "count" : "value");
  const auto sum = answer.number("sum_ms");
  if (!value || (histogram && !sum))
    return fail("the queue manager's answer lacks a number of " + std::string(metric.name));
  sample.value = *value;
  sample.sum_ms = sum.value_or(0);
  const Result<> taken = histogram ? take_buckets(sample, answer) : Result<>();
  if (!taken) return taken;
  all_[static_cast<std::size_t>(at - kMetrics.begin())].push_back(std::move(sample));
  return {};
}

const std::vector<MetricSample>& MetricSamples::of(const Metric& metric) const {
  const auto* const at = std::ranges::find(kMetrics, &metric);
  return all_[static_cast<std::size_t>(at - kMetrics.begin())];
}

std::uint64_t MetricSamples::value(const Metric& metric) const {
  const std::vector<MetricSample>& samples = of(metric);
  return samples.empty() ? 0 : samples.front().value;
}

std::string MetricSamples::json() const {
  JsonObject object;
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    const Metric& metric = *kMetrics[i];
    const std::string_view key = metric.name.substr(kPrefix.size());
    if (!metric.labels.empty()) {
      object.raw(key, samples_json(metric, all_[i]));
    } else if (all_[i].empty()) {
      object.null(key);
    } else {
      object.number(key, all_[i].front().value);
    }
  }
  return object.str();
}

std::string MetricSamples::prometheus() const {
  std::string out;
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    const Metric& metric = *kMetrics[i];
    const std::string name(metric.name);
    out += "# HELP " + name + " " + std::string(metric.help) + "\n";
    out += "# TYPE " + name + " " + std::string(waypost::queue::name(metric.kind)) + "\n";
    for (const MetricSample& one : all_[i]) {
      out += metric.kind == MetricKind::histogram
                 ? histogram_lines(metric, one)
                 : name + label_set(one) + " " + std::to_string(one.value) + "\n";
    }
  }
  return out;
}

} // namespace waypost::queue
