// The figures as a person reads them.
#pragma once

#include <string>

#include "lib/sys/clock.h"
#include "queue/commands/metric_samples.h"

namespace waypost::queue {

[[nodiscard]] std::string stats_text(const MetricSamples& samples, WallUs now);

} // namespace waypost::queue
