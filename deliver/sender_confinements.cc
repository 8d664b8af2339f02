#include "deliver/sender_confinements.h"

#include <algorithm>

namespace waypost::deliver {

SenderConfinements::SenderConfinements(Promises held)
    : held_(std::move(held)),
      kernel_(probe_kernel()) {}

Result<const PreparedConfinement*> SenderConfinements::of(const Promises& promises) {
  auto found = std::ranges::find(ready_, promises, &Ready::promises);
  if (found != ready_.end() && found->confinement.up_to_date()) return &found->confinement;
  Result<PreparedConfinement> made = PreparedConfinement::make(promises, held_, kernel_);
  if (!made) return std::unexpected(made.error());
  if (found != ready_.end()) {
    ready_.erase(found);
  } else if (ready_.size() == kMost) {
    ready_.erase(ready_.begin());
  }
  ready_.push_back({promises, std::move(*made)});
  return &ready_.back().confinement;
}

} // namespace waypost::deliver
