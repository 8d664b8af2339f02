// OwnOracle: a waypost-sasl of our own, for a program that is no member of the tree: started as
// waypost-start starts it, under its user, and ended when this goes.
#pragma once

#include <optional>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "lib/sys/home.h"
#include "lib/sys/privilege.h"

namespace waypost::deliver {

class OwnOracle {
public:
  // `user`: none: as we are.
  [[nodiscard]] static Result<OwnOracle> start(const std::optional<Identity>& user);
  // Under the user that opens the store of `home`: the caller in a home of its own, else waysasl,
  // which takes root.
  [[nodiscard]] static Result<OwnOracle> start_for(const Home& home);
  // The socket for scopes, once.
  [[nodiscard]] Fd take_scopes() { return std::move(scopes_); }

private:
  OwnOracle(Fd scopes, Fd lifeline) : scopes_(std::move(scopes)), lifeline_(std::move(lifeline)) {}

  Fd scopes_;
  Fd lifeline_; // write end
};

// A user of the installed system, for who becomes one.
[[nodiscard]] Result<Identity> system_user(const char* name);

} // namespace waypost::deliver
