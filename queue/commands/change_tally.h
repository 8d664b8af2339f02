// ChangeTally: counts what a command changed, and says it in a sentence.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "queue/spool/message_change.h"

namespace waypost::queue {

class ChangeTally {
public:
  explicit ChangeTally(Verb verb) : verb_(verb) {}
  void count(Effect effect) { ++counts_[effect]; }
  void count_failure() { ++failed_; }
  [[nodiscard]] std::uint64_t changed() const { return of(Effect::changed); }

  // "12 held", for a line of progress.
  [[nodiscard]] std::string so_far() const;
  // "3 messages held. 1 was held already." `dry`: would be.
  [[nodiscard]] std::string sentence(bool dry) const;

private:
  [[nodiscard]] std::uint64_t of(Effect effect) const;

  Verb verb_;
  std::map<Effect, std::uint64_t> counts_;
  std::uint64_t failed_ = 0;
};

} // namespace waypost::queue
