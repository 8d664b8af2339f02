// OracleLine: a sender's line to waypost-sasl, the oracle (lib/mail/login.h): a query goes out, its
// answer comes back to the coroutine that asked. Several logins may be under way.
//
// waypost-deliver has fixed for what this line is good; the sender holds no secret and can name
// none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "lib/mail/login.h"
#include "lib/net/channel.h"
#include "lib/net/loop.h"
#include "lib/net/signal.h"
#include "lib/net/task.h"

namespace waypost::deliver {

class OracleLine final : public ChannelHandler {
public:
  // Deriving a key from a password may take a second, and others may be waiting.
  static constexpr std::uint64_t kPatienceMs = 60'000;

  // `when_gone` is told once that the oracle has closed it; it must not destroy this.
  OracleLine(net::Loop& loop, Fd socket, std::function<void()> when_gone = {})
      : loop_(loop),
        when_gone_(std::move(when_gone)),
        channel_(loop.uv(), std::move(socket), Fd(), kMaxLoginFrame, *this) {}

  [[nodiscard]] std::uint64_t new_login() { return ++last_login_; }
  // One at a time for each login.
  [[nodiscard]] net::Task<Result<LoginAnswer>> ask(LoginQuery query);
  [[nodiscard]] bool gone() const { return gone_; }
  // That login is over, whatever came of it.
  void drop(std::uint64_t login);

  void on_frame(Frame frame) override;
  void on_closed(const std::optional<Error>& error) override;

private:
  struct Waiting {
    net::Signal* signal;
    std::optional<LoginAnswer> answer;
  };

  net::Loop& loop_;
  std::function<void()> when_gone_;
  std::uint64_t last_login_ = 0;
  std::map<std::uint64_t, Waiting*> waiting_;
  bool gone_ = false;
  Channel channel_;
};

} // namespace waypost::deliver
