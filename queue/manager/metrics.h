// Metrics: the names of all figures that waypost tells, as they stand in waypost-metrics(7). The
// queue manager sends them by these names, `waypost stats` prints them as JSON and as Prometheus
// text: a name that is not here is nowhere. Names may be added, and are never changed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace waypost::queue {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };
[[nodiscard]] std::string_view name(MetricKind kind);

struct Metric {
  std::string_view name;
  MetricKind kind;
  std::string_view labels; // parted by commas
  std::string_view help;
};

namespace metric {

using enum MetricKind;
inline constexpr Metric kStart{"waypost_start_time_seconds", gauge, "",
                               "When the queue manager began to count, in seconds since 1970."};
inline constexpr Metric kQueue{"waypost_queue_messages", gauge, "state,transport",
                               "Messages in the queue, by the transport that tried them last."};
inline constexpr Metric kOldest{"waypost_oldest_message_time_seconds", gauge, "",
                                "When the oldest message in the queue arrived, in seconds since "
                                "1970, to half a minute."};
inline constexpr Metric kJobsWaiting{"waypost_jobs_waiting", gauge, "transport",
                                     "Jobs that wait for their turn, or for a rate."};
inline constexpr Metric kJobsUnderWay{"waypost_jobs_under_way", gauge, "transport",
                                      "Jobs that waypost-deliver has."};
inline constexpr Metric kSenders{"waypost_senders", gauge, "state", "Living senders."};
inline constexpr Metric kFailing{"waypost_destinations_failing", gauge, "",
                                 "Destinations that are known to fail as a whole."};
inline constexpr Metric kHeld{"waypost_transport_held", gauge, "transport,class",
                              "1 for each transport that is held back as a whole."};
inline constexpr Metric kBad{"waypost_bad_files", gauge, "",
                             "Damaged messages in bad/, which wait for a person."};
inline constexpr Metric kAccepted{"waypost_messages_accepted_total", counter, "",
                                  "Messages taken into the queue, without notices."};
inline constexpr Metric kFinished{"waypost_messages_finished_total", counter, "",
                                  "Messages that left the queue, notices among them."};
inline constexpr Metric kNotices{"waypost_notices_total", counter, "kind", "Notices made."};
inline constexpr Metric kDamaged{"waypost_messages_damaged_total", counter, "",
                                 "Files that were set aside in bad/."};
inline constexpr Metric kAttempts{"waypost_attempts_total", counter, "transport,tried",
                                  "Recipients' attempts; tried=no: a known failure was applied."};
inline constexpr Metric kOutcomes{"waypost_outcomes_total", counter, "transport,outcome,class",
                                  "What became of recipients' attempts."};
inline constexpr Metric kDelivery{"waypost_delivery_seconds", histogram, "transport",
                                  "From a message's arrival to a recipient's delivery."};
inline constexpr Metric kAttempt{"waypost_attempt_seconds", histogram, "transport",
                                 "From handing a job out to its last outcome."};

} // namespace metric

inline constexpr std::array kMetrics{
    &metric::kStart,    &metric::kAccepted, &metric::kFinished,    &metric::kNotices,
    &metric::kQueue,    &metric::kOldest,   &metric::kJobsWaiting, &metric::kJobsUnderWay,
    &metric::kAttempts, &metric::kOutcomes, &metric::kDelivery,    &metric::kAttempt,
    &metric::kSenders,  &metric::kFailing,  &metric::kHeld,        &metric::kDamaged,
    &metric::kBad};

} // namespace waypost::queue
