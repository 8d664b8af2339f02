#include "queue/manager/metrics.h"

namespace waypost::queue {

std::string_view name(MetricKind kind) {
  switch (kind) {
  case MetricKind::counter: return "counter";
  case MetricKind::gauge: return "gauge";
  case MetricKind::histogram: return "histogram";
  }
  return "";
}

} // namespace waypost::queue
