// The negotiation byte by byte (RFC 1928, RFC 1929): every row at every split of the proxy's bytes.

#include <criterion/criterion.h>

#include "tests/unit/socks/dialogues.h"

using namespace waypost;
using namespace waypost::socks;
using namespace waypost::test;

namespace {

const Endpoint kHost{AddressKind::ipv4, "192.0.2.25", 25};
const Login kLogin{"alice", "secret"};
constexpr std::string_view kBanner = "220 mx.example.org ESMTP\r\n";
constexpr std::string_view kBound = "\1\xc6\x33\x64\x07\x9c\x40"sv; // 198.51.100.7:40000

Negotiation begun(bool login) {
  return login ? Negotiation(kHost, kLogin) : Negotiation(kHost);
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const unsigned char one : bytes) {
    text += "0123456789abcdef"[one >> 4];
    text += "0123456789abcdef"[one & 15];
  }
  return text;
}

struct Row {
  const char* what;
  bool login;
  std::string proxy;
  std::string_view says; // none: connected
  Fault fault = Fault::proxy;
  bool of_login = false;
  bool permanent = false;
};

void expect(const Row& row, const Played& played, std::size_t first, std::size_t piece) {
  const bool failed = played.failure.has_value();
  cr_assert(failed != played.connected, "%s (%zu, %zu)", row.what, first, piece);
  cr_assert(failed == !row.says.empty(), "%s (%zu, %zu)", row.what, first, piece);
  if (!failed) return;
  const Failure& failure = *played.failure;
  cr_expect(failure.text == row.says, "%s (%zu, %zu): %s", row.what, first, piece,
            failure.text.c_str());
  cr_expect(failure.fault == row.fault && failure.of_login == row.of_login &&
                failure.permanent == row.permanent,
            "%s (%zu, %zu)", row.what, first, piece);
}

void at_every_split(const Row& row) {
  for (std::size_t first = 1; first <= row.proxy.size() + 1; ++first) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, row.proxy.size() + 1}) {
      Negotiation client = begun(row.login);
      expect(row, play(client, row.proxy, first, piece), first, piece);
    }
  }
}

std::string bytes(std::string_view text) {
  return std::string(text);
}

} // namespace

Test(socks5, says_what_the_rfc_wants) {
  struct Wire {
    const char* host;
    bool login;
    std::string_view proxy;
    std::string_view said;
  };
  const Wire rows[] = {
      {"192.0.2.25", false, "\5\0"sv, "\5\1\0\5\1\0\1\xc0\0\2\x19\0\x19"sv},
      {"2001:db8::19", false, "\5\0"sv,
       "\5\1\0\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x19\0\x19"sv},
      {"mx.example.org", false, "\5\0"sv, "\5\1\0\5\1\0\3\x0emx.example.org\0\x19"sv},
      {"192.0.2.25", true, "\5\2\1\0"sv, "\5\2\0\2\1\5alice\6secret\5\1\0\1\xc0\0\2\x19\0\x19"sv},
      {"192.0.2.25", true, "\5\0"sv, "\5\2\0\2\5\1\0\1\xc0\0\2\x19\0\x19"sv},
  };
  for (const Wire& row : rows) {
    const Result<Endpoint> to = endpoint(row.host, 25);
    cr_assert(to.has_value());
    Negotiation client = row.login ? Negotiation(*to, kLogin) : Negotiation(*to);
    const std::string said = play(client, row.proxy, 1, 1).said;
    cr_expect(said == row.said, "%s: %s", row.host, hex(said).c_str());
  }
}

Test(socks5, the_greeting_goes_alone_and_each_step_waits_for_the_one_before) {
  Negotiation client = begun(true);
  cr_expect_eq(client.outgoing().size(), 4);
  cr_expect(client.outgoing().empty(), "each byte is given once");
  cr_expect_eq(client.wanted(), 2);
  cr_expect_eq(client.take("\5\2\1\0"sv), 2, "an answer to what was not asked stays there");
  cr_expect(client.outgoing().starts_with('\1') && !client.asked());
  cr_expect_eq(client.take("\1\0"sv), 2);
  cr_expect(client.outgoing().starts_with('\5') && client.asked());
}

Test(socks5, connects_at_every_split_and_leaves_the_servers_first_bytes) {
  for (const bool login : {false, true}) {
    const std::string greeting = login ? bytes("\5\2\1\0"sv) : bytes("\5\0"sv);
    const std::string all = greeting + bytes("\5\0\0"sv) + bytes(kBound) + bytes(kBanner);
    for (std::size_t first = 1; first <= all.size(); ++first) {
      for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, all.size()}) {
        Negotiation client = begun(login);
        const Played played = play(client, all, first, piece);
        cr_assert(played.connected, "split at %zu", first);
        cr_expect(played.rest == kBanner, "split at %zu: %s", first, played.rest.c_str());
        cr_expect(played.bound == (Endpoint{AddressKind::ipv4, "198.51.100.7", 40000}));
      }
    }
  }
}

Test(socks5, never_wants_a_byte_that_may_be_the_servers) {
  for (const std::string_view bound :
       {kBound, "\3\0\0\1"sv, "\3\4host\0\1"sv, "\4aaaaaaaaaaaaaaaa\0\1"sv}) {
    Negotiation client = begun(false);
    std::string all = bytes("\5\0\5\0\0"sv) + bytes(bound);
    while (client.wanted() > 0) {
      cr_assert(client.wanted() <= all.size());
      static_cast<void>(client.outgoing());
      const std::string next = all.substr(0, client.wanted());
      all.erase(0, client.take(next));
    }
    cr_expect(client.connected() && all.empty());
  }
}

Test(socks5, knows_bound_addresses_of_every_kind) {
  struct Bound {
    std::string bytes;
    Endpoint expected;
  };
  const Bound rows[] = {
      {bytes("\1\0\0\0\0\0\0"sv), {AddressKind::ipv4, "0.0.0.0", 0}},
      {bytes("\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x19\xff\xff"sv),
       {AddressKind::ipv6, "2001:db8::19", 65535}},
      {bytes("\3\x05proxy\0\x19"sv), {AddressKind::name, "proxy", 25}},
      {bytes("\3\0\0\x19"sv), {AddressKind::name, "", 25}},
      {bytes("\3\xff"sv) + std::string(255, 'x') + bytes("\0\x19"sv),
       {AddressKind::name, std::string(255, 'x'), 25}},
  };
  for (const Bound& row : rows) {
    const std::string all = bytes("\5\0\5\0\0"sv) + row.bytes;
    for (std::size_t first = 1; first <= all.size(); ++first) {
      Negotiation client = begun(false);
      const Played played = play(client, all, first, all.size());
      cr_expect(played.connected && played.bound == row.expected, "%s, split at %zu",
                row.expected.host.c_str(), first);
    }
  }
}

Test(socks5, tells_whose_fault_a_greeting_is) {
  const Row rows[] = {
      {"an HTTP proxy", false, "HTTP/1.1 400 Bad Request\r\n",
       "the proxy does not speak SOCKS5: its greeting begins with 0x48"},
      {"SOCKS4", false, bytes("\0\x5b"sv),
       "the proxy does not speak SOCKS5: its greeting begins with 0x00"},
      {"no greeting", false, "", "no greeting of the proxy: connection closed"},
      {"half a greeting", false, "\5", "no greeting of the proxy: connection closed"},
      {"no method", false, "\5\xff", "the proxy wants a login (0xff)", Fault::proxy, true, true},
      {"no method with a login", true, "\5\xff",
       "the proxy wants another kind of login than user and password (0xff)", Fault::proxy, true,
       true},
      {"a login that was not offered", false, "\5\2", "the proxy wants a login (0x02)",
       Fault::proxy, true, true},
      {"GSSAPI", true, "\5\1", "the proxy chose the method 0x01, which was not offered"},
  };
  for (const Row& row : rows)
    at_every_split(row);
}

Test(socks5, tells_whose_fault_a_login_is) {
  const Row rows[] = {
      {"refused", true, "\5\2\1\1", "the proxy refused user and password", Fault::proxy, true,
       true},
      {"refused, as SOCKS", true, "\5\2\5\xff", "the proxy refused user and password", Fault::proxy,
       true, true},
      {"closed", true, "\5\2", "no answer of the proxy to the login: connection closed",
       Fault::proxy, true},
      {"half an answer", true, "\5\2\1", "no answer of the proxy to the login: connection closed",
       Fault::proxy, true},
      {"nonsense", true, bytes("\5\2\2\0"sv), "the proxy's answer to the login begins with 0x02"},
  };
  for (const Row& row : rows)
    at_every_split(row);
}

Test(socks5, every_reply_code_has_its_own_text_and_its_fault) {
  const auto reply = [](char code) {
    return bytes("\5\0\5"sv) + code + bytes("\0\1\0\0\0\0\0\0"sv);
  };
  const Row rows[] = {
      {"0x01", false, reply(1), "the proxy says 0x01: general failure", Fault::destination},
      {"0x02", false, reply(2), "the proxy says 0x02: not allowed by its rules", Fault::destination,
       false, true},
      {"0x03", false, reply(3), "the proxy says 0x03: network unreachable", Fault::destination},
      {"0x04", false, reply(4), "the proxy says 0x04: host unreachable", Fault::destination},
      {"0x05", false, reply(5), "the proxy says 0x05: connection refused", Fault::destination},
      {"0x06", false, reply(6), "the proxy says 0x06: TTL expired", Fault::destination},
      {"0x07", false, reply(7), "the proxy says 0x07: CONNECT is not supported", Fault::proxy,
       false, true},
      {"0x08", false, reply(8), "the proxy says 0x08: this kind of address is not supported",
       Fault::family, false, true},
      {"0x09", false, reply(9), "the proxy says 0x09: a code that means nothing",
       Fault::destination},
      {"0xff", false, reply('\xff'), "the proxy says 0xff: a code that means nothing",
       Fault::destination},
      {"without an address", false, bytes("\5\0\5\4"sv), "the proxy says 0x04: host unreachable",
       Fault::destination},
  };
  for (const Row& row : rows)
    at_every_split(row);
}

Test(socks5, what_is_no_reply_is_the_destinations) {
  const Row rows[] = {
      {"closed", false, bytes("\5\0"sv), "no reply of the proxy to CONNECT: connection closed",
       Fault::destination},
      {"half a reply", false, bytes("\5\0\5\0\0\1\0"sv),
       "no reply of the proxy to CONNECT: connection closed", Fault::destination},
      {"another version", false, bytes("\5\0\4"sv), "the proxy's reply to CONNECT begins with 0x04",
       Fault::destination},
      {"an unknown kind of address", false, bytes("\5\0\5\0\0\2\0\0"sv),
       "the proxy's reply to CONNECT has an address of the unknown kind 0x02", Fault::destination},
  };
  for (const Row& row : rows)
    at_every_split(row);
}

Test(socks5, hosts_and_logins_that_no_request_can_hold) {
  cr_expect(endpoint(std::string(255, 'x'), 25).has_value());
  for (const std::string& host : {std::string(), std::string(256, 'x'), std::string("a b"),
                                  std::string("a\nb"), std::string("1.2.3.4\0x", 9)}) {
    cr_expect(!endpoint(host, 25).has_value(), "%s", hex(host).c_str());
  }
  cr_expect(check({"u", "p"}).has_value());
  cr_expect(check({std::string(255, 'u'), std::string(255, 'p')}).has_value());
  for (const Login& login : {Login{"", "p"}, Login{"u", ""}, Login{std::string(256, 'u'), "p"},
                             Login{"u", std::string(256, 'p')}}) {
    cr_expect(!check(login).has_value());
  }
}

Test(socks5, the_longest_login_and_name_go_whole) {
  const Result<Endpoint> to = endpoint(std::string(255, 'n'), 65535);
  Negotiation client(*to, Login{std::string(255, 'u'), std::string(255, 'p')});
  const std::string said = play(client, "\5\2\1\0"sv, 1, 1).said;
  const std::string login = "\1\xff" + std::string(255, 'u') + '\xff' + std::string(255, 'p');
  const std::string request = bytes("\5\1\0\3\xff"sv) + std::string(255, 'n') + "\xff\xff";
  cr_expect(said == bytes("\5\2\0\2"sv) + login + request, "%s", hex(said).c_str());
}
