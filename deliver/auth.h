// Authentication: the AUTH command (RFC 4954), between a server and the oracle. Which mechanism,
// and what is said, the oracle knows; here is how it travels.
//
// The server is trusted only when the oracle says that all is proven: a 235 alone is not enough.
// Whatever goes wrong is trouble of our own or of the login, and defers. A refusal may mean that a
// token is out of date: where the oracle says so, one more AUTH shows a new one.
#pragma once

#include <optional>
#include <string>

#include "deliver/connection.h"
#include "deliver/oracle_line.h"
#include "lib/mail/outcome.h"

namespace waypost::deliver {

class Authentication {
public:
  // RFC 4954 4: an initial response goes with the command where it fits into a command line of RFC
  // 5321 4.5.3.1.4; else it answers the empty challenge that comes then.
  static constexpr std::size_t kMaxLine = 512;

  // Both outlive this. `wait_ms`: for each reply.
  Authentication(Connection& peer, OracleLine& oracle, std::uint64_t wait_ms)
      : peer_(peer),
        oracle_(oracle),
        wait_ms_(wait_ms),
        login_(oracle.new_login()) {}

  // Why it failed; none: logged in.
  [[nodiscard]] net::Task<std::optional<Outcome>> run();

private:
  net::Task<std::optional<Outcome>> talk();
  net::Task<bool> may_try_again();
  net::Task<Result<LoginAnswer>> ask(LoginQuery::Kind kind, std::string text);
  net::Task<std::optional<Outcome>> cancel(std::string why);
  // Makes `line`, of the awaiting frame, the response to a 334; or says why there is none.
  net::Task<std::optional<Outcome>> respond(std::string challenge, std::string& line);
  net::Task<std::optional<Outcome>> conclude();

  Connection& peer_;
  OracleLine& oracle_;
  std::uint64_t wait_ms_;
  std::uint64_t login_;
  std::optional<std::string> withheld_; // an initial response that did not fit
  bool refused_ = false;                // by a 5yz
};

} // namespace waypost::deliver
