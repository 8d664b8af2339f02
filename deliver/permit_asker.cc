#include "deliver/permit_asker.h"

#include <algorithm>
#include <set>

namespace waypost::deliver {

// The best MX is named by the first in order of the alphabet: equal ones come in any order.
void PermitAsker::announce(const HostList& hosts) {
  if (never_asks_ || hosts.addresses.empty()) return;
  const std::uint32_t best =
      std::ranges::min(hosts.addresses, {}, &HostAddress::preference).preference;
  std::set<std::string> names;
  std::set<std::string> addresses;
  for (const HostAddress& one : hosts.addresses) {
    if (one.preference == best) names.insert(one.host);
    addresses.insert(one.where());
  }
  Record record;
  record.add("type", "hosts").add("mx", *names.begin());
  for (const std::string& address : addresses)
    record.add("address", address);
  if (record.encode() == announced_.encode()) return;
  announced_ = record;
  if (state_ == State::alone) state_ = State::unknown;
  channel_.send(std::move(record));
}

bool PermitAsker::take(const std::string& address, net::Signal& waiter) {
  if (state_ == State::alone) {
    open_.push_back(address);
    return true;
  }
  waiting_.push_back({address, &waiter});
  if (state_ == State::shared) say("want", address);
  return false;
}

void PermitAsker::closed(const std::string& address) {
  const auto one = std::ranges::find(open_, address);
  if (one == open_.end()) return;
  open_.erase(one);
  if (state_ == State::shared) say("closed", address);
}

bool PermitAsker::yields(const std::string& address) {
  const auto one = std::ranges::find_if(
      yields_, [&](const std::string& asked) { return asked.empty() || asked == address; });
  if (one == yields_.end()) return false;
  yields_.erase(one);
  return true;
}

bool PermitAsker::on_record(const Record& record) {
  const std::string_view type = record.get("type");
  if (type == "alone") {
    go_on_alone();
  } else if (type == "shared") {
    report_and_ask();
  } else if (type == "permit") {
    permitted(std::string(record.get("address")));
  } else if (type == "yield") {
    if (yields_.size() < open_.size()) yields_.emplace_back(record.get("address"));
  } else {
    return false;
  }
  return true;
}

void PermitAsker::go_on_alone() {
  state_ = State::alone;
  yields_.clear();
  for (Waiting& one : std::exchange(waiting_, {})) {
    open_.push_back(one.address);
    one.waiter->raise();
  }
}

void PermitAsker::report_and_ask() {
  const bool asked = state_ == State::shared;
  state_ = State::shared;
  Record open;
  open.add("type", "open");
  for (const std::string& address : open_)
    open.add("address", address);
  channel_.send(std::move(open));
  if (asked) return; // what waits has asked before, and is not forgotten
  for (const Waiting& one : waiting_)
    say("want", one.address);
}

void PermitAsker::permitted(const std::string& address) {
  const auto one = std::ranges::find(waiting_, address, &Waiting::address);
  open_.push_back(address);
  if (one == waiting_.end()) return closed(address);
  net::Signal* const waiter = one->waiter;
  waiting_.erase(one);
  waiter->raise();
}

void PermitAsker::say(const char* type, const std::string& address) {
  channel_.send(Record().add("type", type).add("address", address));
}

} // namespace waypost::deliver
