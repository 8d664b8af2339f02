#include "sasl/bearer.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "sasl/saslname.h"

namespace waypost::sasl {
namespace {

constexpr std::string_view kEnd = "\x01";
constexpr std::size_t kMostReason = 400;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

// RFC 6750 2.1: a token is of printable ASCII, and has no spaces.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Result<> checked(std::string_view user, std::string_view token) {
  if (has_control(user)) return fail("user: it holds a control character");
  if (!is_token(token)) return fail("the credential is no bearer token: RFC 6750 2.1");
  return {};
}

} // namespace

std::optional<Secret> Bearer::initial() {
  said_ = true;
  return message_;
}

Result<Secret> Bearer::respond(std::string_view challenge) {
  if (!said_ || !reason_.empty()) return fail("OAuth: a challenge where none is due");
  if (challenge.empty()) return fail("OAuth: the server asks for a token a second time");
  reason_ = printable(challenge.substr(0, kMostReason));
  return secret_of(farewell_);
}

Result<> Bearer::accepted() {
  if (!said_) return fail("OAuth: the server accepts before it has the token");
  if (!reason_.empty()) return fail("OAuth: the server accepts what it has just refused");
  return {};
}

Result<std::unique_ptr<Mechanism>> xoauth2(std::string_view user, std::string_view token) {
  const Result<> good = checked(user, token);
  if (!good) return std::unexpected(good.error());
  Secret message = joined({"user=", user, kEnd, "auth=Bearer ", token, kEnd, kEnd});
  return std::make_unique<Bearer>(std::move(message), "");
}

// RFC 7628 3.1: kvsep is %x01, also alone as the answer to a reason (3.2.3).
Result<std::unique_ptr<Mechanism>> oauthbearer(std::string_view user, std::string_view token,
                                               const std::string& host, std::uint16_t port) {
  const Result<> good = checked(user, token);
  if (!good) return std::unexpected(good.error());
  const Result<std::string> name = saslname(user);
  if (!name) return std::unexpected(name.error());
  Secret message = joined({"n,a=", *name, ",", kEnd, "host=", host, kEnd,
                           "port=", std::to_string(port), kEnd, "auth=Bearer ", token, kEnd, kEnd});
  return std::make_unique<Bearer>(std::move(message), std::string(kEnd));
}

} // namespace waypost::sasl
