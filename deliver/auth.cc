#include "deliver/auth.h"

#include "deliver/policy.h"

namespace waypost::deliver {
namespace {

using net::Task;

// More challenges than any mechanism of ours has.
constexpr int kMaxChallenges = 8;

// RFC 4954 4: an empty response is "=" there, so that it is not taken for none.
std::string auth_line(const LoginAnswer& begun, bool with_initial) {
  std::string line = "AUTH " + begun.mechanism;
  if (with_initial) line += ' ' + (begun.initial->empty() ? "=" : *begun.initial);
  return line + "\r\n";
}

} // namespace

Task<std::optional<Outcome>> Authentication::run() {
  std::optional<Outcome> failure = co_await talk();
  if (refused_ && peer_.usable()) {
    const bool again = co_await may_try_again();
    if (again) {
      failure = co_await talk();
    }
  }
  oracle_.drop(login_);
  co_return failure;
}

Task<bool> Authentication::may_try_again() {
  std::string nothing;
  const Result<LoginAnswer> answer = co_await ask(LoginQuery::Kind::refused, nothing);
  withheld_.reset();
  co_return answer && answer->kind == LoginAnswer::Kind::again;
}

Task<Result<LoginAnswer>> Authentication::ask(LoginQuery::Kind kind, std::string text) {
  LoginQuery query;
  query.kind = kind;
  query.login = login_;
  query.text = std::move(text);
  if (kind == LoginQuery::Kind::begin) {
    net::ChannelBinding binding = peer_.channel_binding();
    query.offered = peer_.offered.auth;
    query.tls = peer_.encrypted();
    query.binding_type = std::move(binding.type);
    query.binding = std::move(binding.bytes);
  }
  Result<LoginAnswer> answer = co_await oracle_.ask(std::move(query));
  co_return answer;
}

Task<std::optional<Outcome>> Authentication::talk() {
  std::string nothing;
  const Result<LoginAnswer> begun = co_await ask(LoginQuery::Kind::begin, nothing);
  if (!begun) co_return login_failure(begun.error().text);
  if (begun->kind != LoginAnswer::Kind::auth) co_return login_failure("not sent: " + begun->text);
  std::string line = auth_line(*begun, begun->initial.has_value());
  if (line.size() > kMaxLine) {
    withheld_ = begun->initial;
    line = auth_line(*begun, false);
  }
  for (int challenges = 0; challenges < kMaxChallenges; ++challenges) {
    const Result<Reply> reply = co_await peer_.ask(line, wait_ms_);
    if (!reply) co_return missing_reply(Stage::auth, reply.error());
    if (reply->code == 235) {
      std::optional<Outcome> unproven = co_await conclude();
      co_return unproven;
    }
    refused_ = reply->permanent();
    if (reply->code != 334) co_return login_refusal(*reply);
    std::optional<Outcome> failure = co_await respond(reply->text, line);
    if (failure) co_return failure;
  }
  std::string why = "more challenges than any mechanism has";
  std::optional<Outcome> failure = co_await cancel(why);
  co_return failure;
}

Task<std::optional<Outcome>> Authentication::respond(std::string challenge, std::string& line) {
  if (withheld_) {
    const std::optional<std::string> initial = std::exchange(withheld_, std::nullopt);
    if (!challenge.empty()) {
      std::string why = "a challenge before we have said anything";
      std::optional<Outcome> failure = co_await cancel(why);
      co_return failure;
    }
    line = *initial + "\r\n";
    co_return std::nullopt;
  }
  const Result<LoginAnswer> answer = co_await ask(LoginQuery::Kind::challenge, challenge);
  const bool good = answer && answer->kind == LoginAnswer::Kind::response;
  if (!good) {
    std::string why = answer ? answer->text : answer.error().text;
    std::optional<Outcome> failure = co_await cancel(why);
    co_return failure;
  }
  line = answer->text + "\r\n";
  co_return std::nullopt;
}

// RFC 4954 4: "*" ends the exchange, and the answer is 501. Who says anything else is out of step.
Task<std::optional<Outcome>> Authentication::cancel(std::string why) {
  const std::string star = "*\r\n";
  const Result<Reply> reply = co_await peer_.ask(star, wait_ms_);
  if (!reply || reply->code != 501) peer_.give_up();
  co_return login_failure("given up: " + why);
}

Task<std::optional<Outcome>> Authentication::conclude() {
  std::string nothing;
  const Result<LoginAnswer> answer = co_await ask(LoginQuery::Kind::accepted, nothing);
  if (answer && answer->kind == LoginAnswer::Kind::proven) co_return std::nullopt;
  peer_.give_up();
  co_return login_failure("not trusted: " + (answer ? answer->text : answer.error().text));
}

} // namespace waypost::deliver
