// What the manager counts as it goes.
#include "queue/manager/manager.h"

namespace waypost::queue {

void Manager::outcome(const MessageId& id, const ToldOutcome& told) {
  const Lane lane = figures_.lane(told.transport);
  figures_.outcome(lane, told.outcome, told.age, time_.boot());
  if (told.transport.empty()) return;
  QueueEntry* const entry = schedule_.find(id);
  if (entry != nullptr) schedule_.set_lane(*entry, lane);
  if (told.destination.empty()) return; // refused by a rule
  traffic_.outcome(told.transport, told.destination, id.text(), told.outcome, time_.boot());
}

void Manager::note_destination(const Ticket& ticket) {
  traffic_.waits(ticket.choice.transport, ticket.choice.destination, ticket.id);
}

void Manager::end_job(const Ticket& ticket, JobEnd end) {
  jobs_.ended(ticket, end, time_.boot());
  // Known failures are answered at once, and would say nothing of any host.
  if (end != JobEnd::untried)
    figures_.attempt(figures_.lane(ticket.choice.transport), time_.boot() - ticket.begun);
}

} // namespace waypost::queue
