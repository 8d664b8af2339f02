// MetricSamples: the figures of a queue manager as its answers of type=metric tell them, in the
// order of metrics.h; as JSON and as Prometheus text. A metric of a newer manager that this command
// does not know is passed over.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/record.h"
#include "queue/manager/metrics.h"

namespace waypost::queue {

struct MetricSample {
  struct Label {
    std::string_view key; // of the metric's labels
    std::string value;
  };
  struct Bucket {
    std::uint64_t le_ms = 0;
    std::uint64_t within = 0;
  };
  std::vector<Label> labels; // all of the metric's, in its order
  std::uint64_t value = 0;   // of a histogram: how many there were
  std::uint64_t sum_ms = 0;
  std::vector<Bucket> buckets; // ascending

  [[nodiscard]] std::string_view label(std::string_view key) const;
};

class MetricSamples {
public:
  // Takes one answer. An error when a number is missing or buckets do not ascend.
  [[nodiscard]] Result<> take(const Record& answer);

  [[nodiscard]] const std::vector<MetricSample>& of(const Metric& metric) const;
  // Of a metric without labels; 0 when it was not told.
  [[nodiscard]] std::uint64_t value(const Metric& metric) const;

  // One object: a key for each metric, its name without `waypost_`.
  [[nodiscard]] std::string json() const;
  // Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string prometheus() const;

private:
  std::array<std::vector<MetricSample>, kMetrics.size()> all_;
};

// Milliseconds as decimal seconds: 12345 is "12.345", 100 is "0.1", 5000 is "5".
[[nodiscard]] std::string seconds_text(std::uint64_t ms);

} // namespace waypost::queue
