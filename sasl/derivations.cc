#include "sasl/derivations.h"

#include <algorithm>

#include "lib/sys/log.h"
#include "sasl/rounds.h"
#include "sasl/saslprep.h"

namespace waypost::sasl {

struct Derivations::Job {
  KeyOrigin origin;
  Rounds rounds;
  std::string credential;
  std::string host;
};

Derivations::Derivations(KeyCache& cache, Pins& pins) : cache_(cache), pins_(pins) {}
Derivations::~Derivations() = default;

bool Derivations::has(const KeyOrigin& origin) const {
  return std::ranges::any_of(jobs_, [&](const auto& job) { return job->origin == origin; });
}

Result<> Derivations::start(const KeyOrigin& origin, std::string_view password,
                            std::string credential, std::string host) {
  const Result<Secret> prepared = saslprep(password, Prepared::as_stored);
  if (!prepared) return fail("password: " + prepared.error().text);
  Result<Rounds> rounds =
      Rounds::begin(origin.digest, view(*prepared), origin.salt, origin.iterations);
  if (!rounds) return std::unexpected(rounds.error());
  auto job = std::make_unique<Job>(
      Job{origin, std::move(*rounds), std::move(credential), std::move(host)});
  if (!advance(*job)) jobs_.push_back(std::move(job));
  return {};
}

bool Derivations::step() {
  if (jobs_.empty()) return false;
  std::unique_ptr<Job> job = std::move(jobs_.front());
  jobs_.pop_front();
  if (advance(*job)) return true;
  jobs_.push_back(std::move(job));
  return false;
}

// True when nothing is left to do. What failed is not in the cache, and whoever asks again hears
// it.
bool Derivations::advance(Job& job) {
  const Result<> ran = job.rounds.run(kRoundsAtOnce);
  if (ran && !job.rounds.done()) return false;
  Result<ScramKeys> keys =
      ran ? scram_keys_of(job.origin.digest, view(job.rounds.key())) : std::unexpected(ran.error());
  if (keys) {
    pins_.note(job.credential, job.host, job.origin.digest,
               {job.origin.salt, job.origin.iterations});
    cache_.put(job.origin, std::move(*keys));
  } else {
    Log("no_keys").add("credential", job.credential).add("error", keys.error().text).error();
  }
  return true;
}

} // namespace waypost::sasl
