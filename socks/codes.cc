#include "socks/codes.h"

#include <algorithm>
#include <array>

namespace waypost::socks {
namespace {

// "0x0a"
std::string hex(std::uint8_t byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

Failure of_proxy(std::string text) {
  return {Fault::proxy, std::move(text), false, false};
}

Failure of_login(std::string text) {
  return {Fault::proxy, std::move(text), true, true};
}

Failure of_destination(std::string text) {
  return {Fault::destination, std::move(text), false, false};
}

struct Meaning {
  std::uint8_t code;
  Fault fault;
  bool permanent;
  std::string_view text;
};

// RFC 1928 6. What is not listed is unassigned.
constexpr std::array kMeanings{
    Meaning{0x01, Fault::destination, false, "general failure"},
    Meaning{0x02, Fault::destination, true, "not allowed by its rules"},
    Meaning{0x03, Fault::destination, false, "network unreachable"},
    Meaning{0x04, Fault::destination, false, "host unreachable"},
    Meaning{0x05, Fault::destination, false, "connection refused"},
    Meaning{0x06, Fault::destination, false, "TTL expired"},
    Meaning{0x07, Fault::proxy, true, "CONNECT is not supported"},
    Meaning{0x08, Fault::family, true, "this kind of address is not supported"},
};

} // namespace

Failure no_socks5(std::uint8_t first) {
  return of_proxy("the proxy does not speak SOCKS5: its greeting begins with " + hex(first));
}

Failure no_greeting(std::string_view why) {
  return of_proxy("no greeting of the proxy: " + std::string(why));
}

Failure bad_method(std::uint8_t method, bool login) {
  if (method != kNoMethod && method != kPassword) {
    return of_proxy("the proxy chose the method " + hex(method) + ", which was not offered");
  }
  const std::string what = "the proxy wants ";
  return of_login(what + (login ? "another kind of login than user and password (" : "a login (") +
                  hex(method) + ")");
}

Failure no_login_status(std::uint8_t first) {
  return of_proxy("the proxy's answer to the login begins with " + hex(first));
}

// Its rules want a refusal before the end; some proxies only close.
Failure no_answer_to_login(std::string_view why) {
  Failure failure = of_login("no answer of the proxy to the login: " + std::string(why));
  failure.permanent = false;
  return failure;
}

Failure login_refused() {
  return of_login("the proxy refused user and password");
}

Failure refused(std::uint8_t code) {
  const auto* const known = std::ranges::find(kMeanings, code, &Meaning::code);
  const std::string says = "the proxy says " + hex(code) + ": ";
  if (known == kMeanings.end()) return of_destination(says + "a code that means nothing");
  return {known->fault, says + std::string(known->text), false, known->permanent};
}

Failure no_reply(std::uint8_t first) {
  return of_destination("the proxy's reply to CONNECT begins with " + hex(first));
}

Failure no_address(std::uint8_t kind) {
  return of_destination("the proxy's reply to CONNECT has an address of the unknown kind " +
                        hex(kind));
}

Failure no_answer_to_request(std::string_view why) {
  return of_destination("no reply of the proxy to CONNECT: " + std::string(why));
}

} // namespace waypost::socks
