#include "queue/manager/control_transports.h"

#include "queue/manager/transport_record.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kAtOnce = 8;

} // namespace

void ControlTransports::add_counts(Record& record, const std::string& transport) {
  const Figures& figures = manager_.figures();
  const Census& census = manager_.schedule().census();
  std::uint64_t messages = 0;
  for (std::size_t lane = 0; lane < figures.lanes(); ++lane) {
    if (figures.of(static_cast<Lane>(lane)).name != transport) continue;
    for (const QueueState state : kQueueStates)
      messages += census.count(state, static_cast<Lane>(lane));
  }
  const JobQueue::Load load = manager_.jobs().load(transport);
  record.add_number("messages", messages).add_number("waiting", load.waiting);
  record.add_number("under_way", load.under_way);
}

ControlAnswer::State ControlTransports::slice(ControlSink& sink) {
  const std::vector<Transport>& all = manager_.snapshot().transports;
  for (std::size_t i = 0; i < kAtOnce && next_ < all.size() && !sink.full(); ++i, ++next_) {
    Record record = transport_record(all[next_]);
    if (counts_) add_counts(record, all[next_].name);
    sink.send(std::move(record), {});
  }
  if (next_ < all.size()) return State::more;
  sink.send(to_record(manager_.senders()), {});
  send_end(sink, 0, {});
  return State::ended;
}

} // namespace waypost::queue
