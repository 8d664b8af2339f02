#include "queue/manager/traffic.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostReply = 200; // bytes of what was said last

std::string key(const std::string& transport, const std::string& destination) {
  return transport + '\0' + destination;
}

} // namespace

DestinationFigures& Traffic::at(const std::string& transport, const std::string& destination) {
  const auto [at, added] = by_name_.try_emplace(key(transport, destination));
  if (!added) {
    order_.splice(order_.begin(), order_, at->second);
    return order_.front();
  }
  DestinationFigures& made = order_.emplace_front();
  made.transport = transport;
  made.destination = destination;
  at->second = order_.begin();
  if (order_.size() > kMost) {
    by_name_.erase(key(order_.back().transport, order_.back().destination));
    order_.pop_back();
  }
  return made;
}

void Traffic::waits(const std::string& transport, const std::string& destination,
                    const std::string& id) {
  DestinationFigures& one = at(transport, destination);
  if (id.size() != MessageId::kPlainLength) return;
  const auto place = std::ranges::lower_bound(one.oldest, id);
  if (place != one.oldest.end() && *place == id) return;
  if (place == one.oldest.end() && one.oldest.size() == DestinationFigures::kOldest) return;
  one.oldest.insert(place, id);
  if (one.oldest.size() > DestinationFigures::kOldest) one.oldest.pop_back();
}

void Traffic::outcome(const std::string& transport, const std::string& destination,
                      const std::string& id, const Outcome& outcome, BootMs now) {
  DestinationFigures& one = at(transport, destination);
  one.rate.count(now);
  const bool stays = outcome.disposition == Disposition::deferred;
  if (!stays) std::erase(one.oldest, id);
  switch (outcome.disposition) {
  case Disposition::delivered:
  case Disposition::relayed:
  case Disposition::expanded: ++one.delivered; return;
  case Disposition::deferred: ++one.deferred; break;
  case Disposition::failed:
  case Disposition::moved: ++one.failed; break;
  }
  ++one.classes[static_cast<std::size_t>(outcome.klass)];
  one.last_class = outcome.klass;
  one.last_reply = utf8_prefix(outcome.reply, kMostReply);
}

} // namespace waypost::queue
