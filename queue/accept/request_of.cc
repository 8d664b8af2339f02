#include "queue/accept/request_of.h"

#include <sys/random.h>

#include "lib/mail/settings_file.h"

namespace waypost::queue {

Result<AcceptRequest> request_of(const Home& home, uid_t caller) {
  AcceptRequest request;
  if (::getrandom(&request.random, sizeof request.random, 0) != sizeof request.random)
    return fail("no random numbers");
  const Result<Settings> settings = settings_that_hold(home.snapshot());
  if (!settings) return std::unexpected(settings.error());
  request.spool = home.spool;
  request.hostname = settings->hostname;
  request.limits.size_max = settings->size_max;
  request.limits.free_min = {settings->queue_free_min_bytes, settings->queue_free_min_percent};
  request.caller = {caller, home.personal};
  request.now = RealClock().wall_us();
  return request;
}

std::vector<std::string> read_for_accept(const Home& home) {
  return {home.etc, "/etc/mailname", "/etc/passwd"};
}

} // namespace waypost::queue
