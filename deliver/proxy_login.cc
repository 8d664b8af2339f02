#include "deliver/proxy_login.h"

#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

// RFC 4648 4. What is no base64 ends the text: the login is then refused by what is missing in it.
std::string decode_base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

} // namespace

Result<socks::Login> login_of_plain(std::string_view base64) {
  const std::string plain = decode_base64(base64);
  std::string_view rest = plain;
  [[maybe_unused]] const std::string_view acting_as = cut(rest, '\0');
  socks::Login login;
  login.user = cut(rest, '\0');
  login.password = rest;
  const Result<> good = socks::check(login);
  if (!good) return std::unexpected(good.error());
  return login;
}

net::Task<Result<socks::Login>> ask_for_proxy_login(OracleLine* oracle) {
  if (oracle == nullptr) co_return fail("this sender has no line to waypost-sasl");
  LoginQuery query;
  query.kind = LoginQuery::Kind::begin;
  query.login = oracle->new_login();
  query.offered = {"PLAIN"};
  const Result<LoginAnswer> answer = co_await oracle->ask(query);
  oracle->drop(query.login);
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->kind != LoginAnswer::Kind::auth || !answer->initial) co_return fail(answer->text);
  co_return login_of_plain(*answer->initial);
}

} // namespace waypost::deliver
