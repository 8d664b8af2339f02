// Derivations: making SCRAM's keys of passwords, in slices, so that a server that asks for a
// million rounds costs the logins of others a few milliseconds each and not a second (Hi of RFC
// 5802 2.2 is PBKDF2, whose rounds can be interrupted anywhere).
//
// What is asked for lies here until it is done, in locked memory, each in turn; done, its keys are
// in the cache and its salt in the pins. Whoever waits asks again then.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "sasl/key_cache.h"
#include "sasl/pins.h"

namespace waypost::sasl {

class Derivations {
public:
  // 5 to 15 ms. More than the count that is usual, which is so done at once.
  static constexpr std::uint32_t kRoundsAtOnce = 10'000;
  [[nodiscard]] static constexpr std::int64_t slices(std::uint32_t iterations) {
    return (iterations + kRoundsAtOnce - 1) / kRoundsAtOnce;
  }

  // Both outlive this.
  Derivations(KeyCache& cache, Pins& pins);
  Derivations(const Derivations&) = delete;
  Derivations& operator=(const Derivations&) = delete;
  ~Derivations();

  // True when this is being worked on.
  [[nodiscard]] bool has(const KeyOrigin& origin) const;
  // `credential` and `host`: whose salt it is. Does its first slice.
  Result<> start(const KeyOrigin& origin, std::string_view password, std::string credential,
                 std::string host);
  // One slice of one; true when that is done now.
  bool step();
  [[nodiscard]] bool idle() const { return jobs_.empty(); }

private:
  struct Job;
  bool advance(Job& job);

  KeyCache& cache_;
  Pins& pins_;
  std::deque<std::unique_ptr<Job>> jobs_; // the next comes first
};

} // namespace waypost::sasl
