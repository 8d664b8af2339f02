// LocalNames: which recipients are on this machine, for clients that may send to nobody else.
//
// One that does not exist must be refused while its client is there: a notice later would go to a
// sender that anybody can forge (backscatter). The real one asks waypost-route, by the way that the
// queue manager asks it (lib/mail/route_query.h), so that both say the same of a name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/mail/address.h"
#include "lib/mail/route_query.h"
#include "lib/sys/error.h"
#include "smtpd/request.h"

namespace waypost::smtpd {

class LocalNames {
public:
  enum class Standing : std::uint8_t {
    here,      // mail for it ends here, or goes where an alias leads
    nobody,    // the domain is this machine's, and there is nobody of that name
    elsewhere, // the domain is not this machine's
    unknown,   // it cannot be told now
  };

  LocalNames() = default;
  LocalNames(const LocalNames&) = delete;
  LocalNames& operator=(const LocalNames&) = delete;
  virtual ~LocalNames() = default;
  [[nodiscard]] virtual Standing find(const Address& sender, const Address& recipient) = 0;
};

class RouteNames final : public LocalNames {
public:
  // `requests` is the gate's socket, by which waypost-route is started at the first question.
  // `account`: whose rules hold. `rest_ms`: for the rest of an answer that has begun; one is
  // written at once, so what does not go on is none. SIGPIPE must be ignored.
  RouteNames(int requests, std::string account, int rest_ms = 5'000)
      : requests_(requests),
        account_(std::move(account)),
        rest_ms_(rest_ms) {}
  [[nodiscard]] Standing find(const Address& sender, const Address& recipient) override;

private:
  Result<RouteAnswer> ask(const RouteQuery& query);
  Result<RouteAnswer> try_to_ask(RouteQuery query);
  Result<RouteAnswer> answer();

  int requests_;
  std::string account_;
  int rest_ms_;
  std::optional<Asked> route_;
  std::string heard_;
  std::uint64_t queries_ = 0;
};

} // namespace waypost::smtpd
