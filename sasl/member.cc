#include "sasl/member.h"

#include "lib/sys/log.h"

namespace waypost::sasl {

// One sender.
class Member::Seat final : public ChannelHandler {
public:
  Seat(Member& member, Fd socket, LoginScope scope)
      : member_(member),
        oracle_(std::move(scope), member.vault_),
        channel_(member.loop_.uv(), std::move(socket), Fd(), kMaxLoginFrame, *this) {}

  void on_frame(Frame frame) override {
    const Result<LoginQuery> query = login_query(frame.record);
    if (!query) return end(query.error().text);
    const std::optional<LoginAnswer> answer = oracle_.answer(*query);
    if (answer) channel_.send(to_record(*answer));
  }

  void on_closed(const std::optional<Error>& error) override {
    end(error ? error->text : std::string());
  }

private:
  void end(const std::string& why) {
    if (!why.empty()) {
      Log("bad_login_query")
          .add("transport", oracle_.scope().transport)
          .add("error", why)
          .warning();
    }
    member_.seats_.erase(this); // and this is gone
  }

  Member& member_;
  Oracle oracle_;
  Channel channel_;
};

Member::Member(net::Loop& loop, Fd scopes, Vault& vault)
    : loop_(loop),
      vault_(vault),
      scopes_(loop.uv(), std::move(scopes), Fd(), kMaxLoginFrame, *this) {}

Member::~Member() = default;

void Member::on_frame(Frame frame) {
  Result<LoginScope> scope = login_scope(frame.record);
  if (!scope || !frame.descriptor) {
    Log("bad_scope").add("error", scope ? "no descriptor" : scope.error().text).error();
    return;
  }
  auto seat = std::make_unique<Seat>(*this, std::move(frame.descriptor), std::move(*scope));
  const Seat* const key = seat.get();
  seats_.emplace(key, std::move(seat));
}

void Member::on_closed(const std::optional<Error>& error) {
  if (error) Log("deliver_lost").add("error", error->text).error();
  loop_.stop();
}

} // namespace waypost::sasl
