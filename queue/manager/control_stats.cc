#include "queue/manager/control_stats.h"

#include "queue/manager/metrics.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kLanesAtOnce = 8;
constexpr std::uint64_t kMostBadCounted = 1'000;

Record metric_record(const Metric& metric) {
  Record record;
  record.add("type", "metric").add("name", metric.name);
  return record;
}

void tell(ControlSink& sink, const Metric& metric, std::uint64_t value) {
  Record record = metric_record(metric);
  sink.send(std::move(record.add_number("value", value)), {});
}

void tell(ControlSink& sink, const Metric& metric, std::string_view label, std::string_view which,
          std::uint64_t value) {
  Record record = metric_record(metric);
  sink.send(std::move(record.add(label, which).add_number("value", value)), {});
}

void tell(ControlSink& sink, const Metric& metric, std::string_view transport,
          const Histogram& histogram) {
  if (histogram.count() == 0) return;
  Record record = metric_record(metric);
  record.add("transport", transport).add_number("count", histogram.count());
  record.add_number("sum_ms", histogram.sum_ms());
  const auto within = histogram.within();
  for (std::size_t i = 0; i < within.size(); ++i)
    record.add_number("le_ms", histogram.bounds()[i]).add_number("within", within[i]);
  sink.send(std::move(record), {});
}

void tell_whole(ControlSink& sink, Manager& manager) {
  const Figures& figures = manager.figures();
  tell(sink, metric::kStart, static_cast<std::uint64_t>(figures.began()) / 1'000'000);
  tell(sink, metric::kAccepted, figures.accepted_total());
  tell(sink, metric::kFinished, figures.removed_total());
  for (std::size_t i = 0; i < kNoticeKinds; ++i) {
    const auto kind = static_cast<NoticeKind>(i);
    tell(sink, metric::kNotices, "kind", name(kind), figures.notices_total(kind));
  }
  if (const auto oldest = manager.schedule().census().oldest())
    tell(sink, metric::kOldest, static_cast<std::uint64_t>(*oldest) / 1'000'000);
  const SenderState& senders = manager.senders();
  tell(sink, metric::kSenders, "state", "busy", senders.living - senders.idle);
  tell(sink, metric::kSenders, "state", "idle", senders.idle);
  tell(sink, metric::kFailing, senders.failing);
  for (const HeldTransport& one : senders.held) {
    Record record = metric_record(metric::kHeld);
    record.add("transport", one.transport).add("class", name(one.klass)).add_number("value", 1);
    sink.send(std::move(record), {});
  }
  tell(sink, metric::kDamaged, figures.damaged_total());
  tell(sink, metric::kBad, bad_files(manager.fs(), manager.dirs()));
}

void tell_outcomes(ControlSink& sink, const TransportFigures& of) {
  for (std::size_t d = 0; d < kDispositions; ++d) {
    for (std::size_t c = 0; c < kClasses; ++c) {
      if (of.outcomes[d][c] == 0) continue;
      Record record = metric_record(metric::kOutcomes);
      record.add("transport", of.name).add("outcome", name(static_cast<Disposition>(d)));
      record.add("class", name(static_cast<FailureClass>(c)));
      sink.send(std::move(record.add_number("value", of.outcomes[d][c])), {});
    }
  }
}

void tell_attempts(ControlSink& sink, Manager& manager, const TransportFigures& of) {
  const JobQueue::Load load = manager.jobs().load(of.name);
  tell(sink, metric::kJobsWaiting, "transport", of.name, load.waiting);
  tell(sink, metric::kJobsUnderWay, "transport", of.name, load.under_way);
  for (const bool tried : {true, false}) {
    Record record = metric_record(metric::kAttempts);
    record.add("transport", of.name).add("tried", tried ? "yes" : "no");
    sink.send(std::move(record.add_number("value", tried ? of.tried : of.untried)), {});
  }
}

void tell_lane(ControlSink& sink, Manager& manager, Lane lane) {
  const TransportFigures& of = manager.figures().of(lane);
  for (const QueueState state : kQueueStates) {
    Record record = metric_record(metric::kQueue);
    record.add("state", name(state)).add("transport", of.name);
    sink.send(std::move(record.add_number("value", manager.schedule().census().count(state, lane))),
              {});
  }
  if (lane != 0) tell_attempts(sink, manager, of);
  tell_outcomes(sink, of);
  tell(sink, metric::kDelivery, of.name, of.delivery);
  tell(sink, metric::kAttempt, of.name, of.attempt);
}

} // namespace

std::uint64_t bad_files(Fs& fs, const SpoolDirs& dirs) {
  std::uint64_t files = 0;
  static_cast<void>(fs.list(dirs.bad(), [&](const char* name) {
    if (!std::string_view(name).ends_with(".reason")) ++files;
    return files < kMostBadCounted;
  }));
  return files;
}

ControlAnswer::State ControlStats::slice(ControlSink& sink) {
  if (!std::exchange(begun_, true)) tell_whole(sink, manager_);
  for (std::size_t i = 0; i < kLanesAtOnce && !sink.full(); ++i, ++lane_) {
    if (lane_ == manager_.figures().lanes()) {
      send_end(sink, 0, {});
      return State::ended;
    }
    tell_lane(sink, manager_, static_cast<Lane>(lane_));
  }
  return State::more;
}

} // namespace waypost::queue
