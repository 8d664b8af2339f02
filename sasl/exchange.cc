#include "sasl/exchange.h"

#include "sasl/base64.h"
#include "sasl/later.h"

namespace waypost::sasl {
namespace {

LoginAnswer cancelled(std::string why) {
  LoginAnswer answer;
  answer.kind = LoginAnswer::Kind::cancel;
  answer.text = std::move(why);
  return answer;
}

std::string wire_form(const Secret& response) {
  const Secret text = encode_base64(view(response));
  return std::string(view(text));
}

} // namespace

LoginAnswer Exchange::begin() {
  LoginAnswer answer;
  answer.kind = LoginAnswer::Kind::auth;
  answer.mechanism = name_;
  const std::optional<Secret> initial = mechanism_->initial();
  if (initial) answer.initial = wire_form(*initial);
  return answer;
}

std::optional<LoginAnswer> Exchange::challenge(std::string_view text) {
  const std::optional<std::string> bytes = decode_base64(text);
  if (!bytes) return cancelled(name_ + ": the challenge is not base64");
  const Result<Secret> response = mechanism_->respond(*bytes);
  if (!response && is_later(response.error())) return std::nullopt;
  if (!response) return cancelled(response.error().text);
  LoginAnswer answer;
  answer.kind = LoginAnswer::Kind::response;
  answer.text = wire_form(*response);
  return answer;
}

LoginAnswer Exchange::accepted() {
  const Result<> proven = mechanism_->accepted();
  if (!proven) return cancelled(proven.error().text);
  LoginAnswer answer;
  answer.kind = LoginAnswer::Kind::proven;
  return answer;
}

} // namespace waypost::sasl
