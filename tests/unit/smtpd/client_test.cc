#include <criterion/criterion.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "smtpd/client.h"
#include "smtpd/options.h"
#include "smtpd/received.h"

using namespace waypost::smtpd;

namespace {

constexpr int kNoSocket = 2;

Client said(const char* ip, const char* host = nullptr) {
  ::unsetenv("RELAYCLIENT");
  ::setenv("TCPREMOTEIP", ip, 1);
  if (host != nullptr) ::setenv("TCPREMOTEHOST", host, 1);
  return find_client(kNoSocket, false);
}

} // namespace

Test(client, addresses_are_checked_and_made_short) {
  struct Row {
    const char *given, *ip;
  };
  const Row rows[] = {{"192.0.2.1", "192.0.2.1"},        {"2001:DB8:0::1", "2001:db8::1"},
                      {"::ffff:192.0.2.1", "192.0.2.1"}, {"fe80::1%eth0", "fe80::1"},
                      {"192.0.2.1\r\nX: y", ""},         {"nonsense", ""}};
  for (const Row& row : rows) {
    const Client client = said(row.given);
    cr_expect_eq(client.ip, row.ip, "%s", row.given);
    cr_expect(client.network && !client.relay, "%s", row.given);
  }
  cr_expect(!said("").network);
}

Test(client, names_that_could_be_more_than_a_name_are_dropped) {
  for (const char* bad : {"a b", "a)", "a\r\nReceived: x", "unknown", ""})
    cr_expect_eq(said("192.0.2.1", bad).host, "", "%s", bad);
  cr_expect_eq(said("192.0.2.1", "a-b.example_1.test").host, "a-b.example_1.test");
}

Test(client, a_caller_is_a_local_user_whatever_the_environment_says) {
  ::setenv("TCPREMOTEIP", "192.0.2.1", 1);
  const Client client = find_client(kNoSocket, true);
  cr_expect(!client.network && client.ip.empty() && client.relay == "");
  ::setenv("RELAYCLIENT", "@x", 1);
  cr_expect_eq(find_client(kNoSocket, false).relay.value_or("none"), "@x");
}

Test(received, helo_names) {
  for (const char* good : {"a.test", "[192.0.2.1]", "[IPv6:2001:db8::1]", "my_pc", "localhost"})
    cr_expect(valid_helo(good), "%s", good);
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string("a(b)"), std::string("a\tb"),
        std::string("\xc3\xbc.test"), std::string(256, 'x'), std::string("a;b")})
    cr_expect(!valid_helo(bad), "%s", bad.c_str());
}

Test(options, limits_and_their_bounds) {
  const std::vector<const char*> words = {"--caller",        "--timeout",  "7",
                                          "--rate",          "90000",      "--queue",
                                          "/usr/bin/filter", "--mistakes", "1"};
  const auto options = parse_options(words);
  cr_assert(options.has_value());
  cr_expect(options->caller && options->queue == "/usr/bin/filter" &&
            options->limits.command_s == 7);
  cr_expect(options->limits.bytes_a_second == 90'000 && options->limits.mistakes == 1);
  const std::vector<std::vector<const char*>> wrong = {{"--timeout"},
                                                       {"--timeout", "0"},
                                                       {"--timeout", "86401"},
                                                       {"--timeout", "x"},
                                                       {"--queue", "x"},
                                                       {"--nothing", "1"},
                                                       {"word"}};
  for (const auto& bad : wrong)
    cr_expect(!parse_options(bad).has_value(), "%s", bad[0]);
}
