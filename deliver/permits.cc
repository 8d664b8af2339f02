#include "deliver/permits.h"

#include <algorithm>

namespace waypost::deliver {
namespace {

constexpr std::size_t kMostResources = 200;

std::string mx_resource(const std::string& host) {
  return "mx " + host;
}

std::string address_resource(const std::string& address) {
  return "ip " + address;
}

} // namespace

PermitSeat::~PermitSeat() {
  all_.stand_up(*this);
  std::erase_if(all_.wants_, [&](const Permits::Want& want) { return want.seat == this; });
  all_.give_what_is_free();
}

bool PermitSeat::take(const Record& record) {
  const std::string_view type = record.get("type");
  if (type == "hosts") return take_hosts(record);
  if (type == "open") return take_open(record);
  if (state_ != State::shared && state_ != State::reporting) return false;
  std::string address(record.get("address"));
  if (type == "closed") return take_closed(address);
  const std::size_t asked = static_cast<std::size_t>(
      std::ranges::count(all_.wants_, this, [](const Permits::Want& want) { return want.seat; }));
  if (type != "want" || asked >= limit_) return false;
  all_.wants_.push_back({this, std::move(address)});
  all_.give_what_is_free();
  return true;
}

bool PermitSeat::take_hosts(const Record& record) {
  std::set<Permits::Resource> resources;
  for (std::size_t i = 0; i < record.size() && resources.size() < kMostResources; ++i) {
    const Record::Field field = record.field(i);
    if (field.key == "mx") resources.emplace(transport_, mx_resource(std::string(field.value)));
    if (field.key == "address")
      resources.emplace(transport_, address_resource(std::string(field.value)));
  }
  all_.stand_up(*this);
  resources_ = std::move(resources);
  all_.sit_down(*this);
  return true;
}

bool PermitSeat::take_open(const Record& record) {
  if (state_ != State::reporting) return true; // asked twice, as it announced itself meanwhile
  open_.clear();
  for (std::size_t i = 0; i < record.size() && open_.size() < limit_; ++i) {
    if (record.field(i).key == "address") open_.emplace_back(record.field(i).value);
  }
  state_ = State::shared;
  all_.give_what_is_free();
  return true;
}

bool PermitSeat::take_closed(const std::string& address) {
  const auto one = std::ranges::find(open_, address);
  if (one != open_.end()) {
    open_.erase(one);
    all_.give_what_is_free();
  }
  return true; // it may have been counted no more
}

void PermitSeat::share() {
  state_ = State::reporting;
  say_(Record().add("type", "shared"));
}

std::size_t PermitSeat::uses(const std::string& resource) const {
  if (resource.starts_with("mx ")) return open_.size();
  return static_cast<std::size_t>(std::ranges::count_if(
      open_, [&](const std::string& address) { return address_resource(address) == resource; }));
}

// Whoever has something in common shares from now on.
void Permits::sit_down(PermitSeat& seat) {
  std::set<PermitSeat*> others;
  for (const Resource& one : seat.resources_) {
    std::set<PermitSeat*>& there = seats_[one];
    others.insert(there.begin(), there.end());
    there.insert(&seat);
  }
  const bool shared = !others.empty() || seat.state_ == PermitSeat::State::shared ||
                      seat.state_ == PermitSeat::State::reporting;
  if (shared) {
    seat.share();
  } else {
    seat.state_ = PermitSeat::State::alone;
    seat.say_(Record().add("type", "alone"));
  }
  for (PermitSeat* const other : others) {
    if (other->state_ == PermitSeat::State::alone) other->share();
  }
}

void Permits::stand_up(PermitSeat& seat) {
  for (const Resource& one : seat.resources_) {
    const auto at = seats_.find(one);
    at->second.erase(&seat);
    if (at->second.empty()) seats_.erase(at);
  }
  seat.resources_.clear();
}

void Permits::give_what_is_free() {
  for (auto want = wants_.begin(); want != wants_.end();) {
    bool unknown = false;
    const Resource* const full = first_full(*want, unknown);
    if (full != nullptr && !unknown) ask_to_yield(*want, *full);
    if (full != nullptr || unknown) {
      ++want;
      continue;
    }
    want->seat->open_.push_back(want->address);
    want->seat->say_(Record().add("type", "permit").add("address", want->address));
    want = wants_.erase(want);
  }
}

// A resource of which none is left for this want; `unknown`: somebody still has to say what he has.
const Permits::Resource* Permits::first_full(const Want& want, bool& unknown) const {
  const std::string address = address_resource(want.address);
  const Resource* found = nullptr;
  for (const Resource& one : want.seat->resources_) {
    if (one.second.starts_with("ip ") && one.second != address) continue;
    std::size_t used = 0;
    for (const PermitSeat* const seat : seats_.at(one)) {
      used += seat->uses(one.second);
      unknown = unknown || seat->state_ == PermitSeat::State::reporting;
    }
    if (used >= want.seat->limit_) found = &one;
  }
  return found;
}

// The one that has most, when it has so many more that it is fair; or any, when the asker has none.
void Permits::ask_to_yield(Want& want, const Resource& full) {
  if (want.others_asked) return;
  const std::set<PermitSeat*>& seats = seats_.at(full);
  PermitSeat* const most = *std::ranges::max_element(
      seats, {}, [&](const PermitSeat* seat) { return seat->uses(full.second); });
  const std::size_t own = want.seat->uses(full.second);
  if (most == want.seat || (own > 0 && most->uses(full.second) <= own + 1)) return;
  want.others_asked = true;
  Record yield;
  yield.add("type", "yield");
  if (full.second.starts_with("ip ")) yield.add("address", want.address);
  most->say_(std::move(yield));
}

} // namespace waypost::deliver
