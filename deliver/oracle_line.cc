#include "deliver/oracle_line.h"

namespace waypost::deliver {

net::Task<Result<LoginAnswer>> OracleLine::ask(LoginQuery query) {
  if (gone_) co_return fail("waypost-sasl is gone");
  net::Signal signal(loop_);
  Waiting waiting{&signal, std::nullopt};
  waiting_[query.login] = &waiting;
  channel_.send(to_record(query));
  const net::Deadline deadline = loop_.in(kPatienceMs);
  const bool answered = co_await signal.wait(deadline);
  waiting_.erase(query.login);
  if (waiting.answer) co_return std::move(*waiting.answer);
  co_return fail(answered ? "waypost-sasl is gone" : "waypost-sasl does not answer");
}

void OracleLine::drop(std::uint64_t login) {
  LoginQuery query;
  query.kind = LoginQuery::Kind::dropped;
  query.login = login;
  if (!gone_) channel_.send(to_record(query));
}

void OracleLine::on_frame(Frame frame) {
  Result<LoginAnswer> answer = login_answer(frame.record);
  if (!answer) return;
  const auto found = waiting_.find(answer->login);
  if (found == waiting_.end()) return; // it was given up
  found->second->answer = std::move(*answer);
  found->second->signal->raise();
}

void OracleLine::on_closed(const std::optional<Error>&) {
  gone_ = true;
  while (!waiting_.empty()) {
    Waiting* const one = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    one->signal->raise();
  }
  if (when_gone_) when_gone_();
}

} // namespace waypost::deliver
