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
    member_.work_if_any();
  }
  void answer_what_waits() {
    for (const LoginAnswer& answer : oracle_.retry())
      channel_.send(to_record(answer));
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

Member::Member(net::Loop& loop, Fd scopes, Vault& vault, const TokenLine& line)
    : loop_(loop),
      vault_(vault),
      line_(line),
      slices_(std::make_unique<uv_idle_t>().release()),
      answers_(std::make_unique<uv_poll_t>().release()),
      scopes_(loop.uv(), std::move(scopes), Fd(), kMaxLoginFrame, *this) {
  uv_idle_init(loop.uv(), slices_);
  uv_poll_init(loop.uv(), answers_, line.socket());
  slices_->data = this;
  answers_->data = this;
  uv_poll_start(answers_, UV_READABLE,
                [](uv_poll_t* poll, int, int) { static_cast<Member*>(poll->data)->on_token(); });
}

Member::~Member() {
  uv_close(reinterpret_cast<uv_handle_t*>(slices_), [](uv_handle_t* closed) {
    const std::unique_ptr<uv_idle_t> freed(reinterpret_cast<uv_idle_t*>(closed));
  });
  uv_close(reinterpret_cast<uv_handle_t*>(answers_), [](uv_handle_t* closed) {
    const std::unique_ptr<uv_poll_t> freed(reinterpret_cast<uv_poll_t*>(closed));
  });
}

// A slice each turn of the loop, so that whoever asks meanwhile is heard between two.
void Member::work_if_any() {
  if (vault_.derivations.idle()) return;
  uv_idle_start(slices_, [](uv_idle_t* idle) {
    auto* const member = static_cast<Member*>(idle->data);
    if (member->vault_.derivations.step()) member->answer_what_waits();
    if (member->vault_.derivations.idle()) uv_idle_stop(idle);
  });
}

void Member::answer_what_waits() {
  for (const auto& [key, seat] : seats_)
    seat->answer_what_waits();
}

// Without it no token command runs: all start again, as when a member dies.
void Member::on_token() {
  if (line_.receive(vault_.tokens)) return answer_what_waits();
  Log("token_runner_gone").error();
  loop_.stop();
}

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
