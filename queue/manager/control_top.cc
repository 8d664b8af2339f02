// `top`: what happens at present.
#include <algorithm>

#include "queue/manager/control_stats.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kLanesAtOnce = 8;
constexpr std::size_t kDestinationsAtOnce = 50;

// Rounded without libm, which the manager does not load.
std::uint64_t thousandths(double rate) {
  const double exact = rate * 1000;
  const auto whole = static_cast<std::uint64_t>(exact);
  return exact - static_cast<double>(whole) < 0.5 ? whole : whole + 1;
}

Record queue_record(Manager& manager) {
  const Census& census = manager.schedule().census();
  Record record;
  record.add("type", "queue");
  for (const QueueState state : kQueueStates)
    record.add_number(name(state), census.count(state));
  if (const auto oldest = census.oldest())
    record.add_number("oldest", static_cast<std::uint64_t>(*oldest));
  record.add_number("destinations", manager.traffic().size());
  return record;
}

std::uint64_t messages(const Census& census, Lane lane) {
  std::uint64_t sum = 0;
  for (const QueueState state : kQueueStates)
    sum += census.count(state, lane);
  return sum;
}

Record transport_record(Manager& manager, Lane lane) {
  const TransportFigures& of = manager.figures().of(lane);
  const BootMs now = manager.time().boot();
  const JobQueue::Load load = manager.jobs().load(of.name);
  Record record;
  record.add("type", "transport").add("transport", of.name);
  record.add_number("messages", messages(manager.schedule().census(), lane));
  record.add_number("waiting", load.waiting).add_number("under_way", load.under_way);
  record.add_number("delivered_rate", thousandths(of.delivered.per_minute(now)));
  record.add_number("deferred_rate", thousandths(of.deferred.per_minute(now)));
  record.add_number("failed_rate", thousandths(of.failed.per_minute(now)));
  for (std::size_t c = 1; c < kClasses; ++c) {
    std::uint64_t sum = 0;
    for (const TransportFigures::Classes& one : of.outcomes)
      sum += one[c];
    if (sum > 0) record.add("class", name(static_cast<FailureClass>(c))).add_number("count", sum);
  }
  return record;
}

Record destination_record(Manager& manager, const DestinationFigures& of) {
  const JobQueue::Load load = manager.jobs().load(of.transport, of.destination);
  Record record;
  record.add("type", "destination").add("transport", of.transport);
  record.add("destination", of.destination);
  record.add_number("waiting", load.waiting).add_number("under_way", load.under_way);
  record.add_number("rate", thousandths(of.rate.per_minute(manager.time().boot())));
  record.add_number("delivered", of.delivered).add_number("deferred", of.deferred);
  record.add_number("failed", of.failed);
  for (const std::string& id : of.oldest) {
    const auto parsed = MessageId::parse(id);
    if (!parsed || manager.schedule().find(*parsed) == nullptr) continue; // it has gone otherwise
    record.add_number("oldest", static_cast<std::uint64_t>(QueueKey(*parsed).arrived()));
    break;
  }
  record.add_some("last_class", name(of.last_class)).add_some("reply", of.last_reply);
  for (std::size_t c = 1; c < kClasses; ++c) {
    if (of.classes[c] > 0)
      record.add("class", name(static_cast<FailureClass>(c))).add_number("count", of.classes[c]);
  }
  return record;
}

} // namespace

// All destinations are at most a thousand; those that are told are the ones where most happens.
void ControlTop::begin(ControlSink& sink) {
  sink.send(queue_record(manager_), {});
  sink.send(to_record(manager_.senders()), {});
  struct Ranked {
    double weight;
    const DestinationFigures* of;
  };
  std::vector<Ranked> all;
  for (const DestinationFigures& one : manager_.traffic().all()) {
    const JobQueue::Load load = manager_.jobs().load(one.transport, one.destination);
    all.push_back({one.rate.per_minute(manager_.time().boot()) +
                       static_cast<double>(load.waiting + load.under_way),
                   &one});
  }
  const std::size_t count = std::min(most_, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(count),
                            std::ranges::greater(), &Ranked::weight);
  for (std::size_t i = 0; i < count; ++i)
    destinations_.push_back(destination_record(manager_, *all[i].of));
}

ControlAnswer::State ControlTop::slice(ControlSink& sink) {
  if (!std::exchange(begun_, true)) begin(sink);
  for (std::size_t i = 0; i < kLanesAtOnce && lane_ < manager_.figures().lanes() && !sink.full();
       ++i, ++lane_)
    sink.send(transport_record(manager_, static_cast<Lane>(lane_)), {});
  if (lane_ < manager_.figures().lanes()) return State::more;
  for (std::size_t i = 0; i < kDestinationsAtOnce && !destinations_.empty() && !sink.full(); ++i) {
    sink.send(std::move(destinations_.front()), {});
    destinations_.pop_front();
  }
  if (!destinations_.empty()) return State::more;
  send_end(sink, 0, {});
  return State::ended;
}

} // namespace waypost::queue
