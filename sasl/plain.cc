#include "sasl/plain.h"

namespace waypost::sasl {
namespace {

constexpr std::string_view kNul("\0", 1);

} // namespace

std::optional<Secret> Plain::initial() {
  said_ = true;
  return joined({kNul, user_, kNul, view(password_)}); // RFC 4616 2: no authzid
}

Result<Secret> Plain::respond(std::string_view) {
  return fail("PLAIN: the server asks for more than name and password");
}

Result<> Plain::accepted() {
  if (!said_) return fail("PLAIN: the server accepts before anything was said");
  return {};
}

Result<Secret> Login::respond(std::string_view) {
  switch (++prompts_) {
  case 1: return secret_of(user_);
  case 2: return password_;
  default: return fail("LOGIN: the server asks for more than name and password");
  }
}

Result<> Login::accepted() {
  if (prompts_ != 2) return fail("LOGIN: the server accepts before it has the password");
  return {};
}

} // namespace waypost::sasl
