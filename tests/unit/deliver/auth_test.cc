// AUTH on the wire, command by command.

#include <criterion/criterion.h>

#include "tests/unit/deliver/dns_server.h"
#include "tests/unit/deliver/login_script.h"

using namespace waypost;
using namespace waypost::test;

Test(auth, an_initial_response_goes_with_the_command) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("235 2.7.0 ok\r\n");
    take_mail(peer);
  }});
  expect_summary(attempt(server, believing(auth("PLAIN", "AGEAYg=="))), "0:delivered:250");
  expect_same(server.heard()[1], "AUTH PLAIN AGEAYg==");
}

Test(auth, an_empty_initial_response_is_an_equals_sign) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("235 ok\r\n");
    take_mail(peer);
  }});
  expect_summary(attempt(server, believing(auth("EXTERNAL", ""))), "0:delivered:250");
  expect_same(server.heard()[1], "AUTH EXTERNAL =");
}

Test(auth, challenges_are_answered_one_by_one) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("334 Zmlyc3Q=\r\n");
    peer.answer("334 c2Vjb25k\r\n");
    peer.answer("334 \r\n");
    peer.answer("235 ok\r\n");
    take_mail(peer);
  }});
  expect_summary(attempt(server, believing(auth("LOGIN"))), "0:delivered:250");
  const std::vector<std::string> heard = server.heard();
  expect_same(heard[1], "AUTH LOGIN");
  expect_same(heard[2], "+Zmlyc3Q=");
  expect_same(heard[3], "+c2Vjb25k");
  expect_same(heard[4], "+");
}

// RFC 4954 4; RFC 5321 4.5.3.1.4: 512 bytes with CRLF.
Test(auth, an_initial_response_that_does_not_fit_answers_the_empty_challenge) {
  const std::size_t room = 512 - std::string_view("AUTH XOAUTH2 \r\n").size();
  for (const std::size_t size : {room, room + 1}) {
    const bool fits = size == room;
    const std::string token(size, 'A');
    ScriptedServer server({[&](Script& peer) {
      greet(peer);
      if (!fits) peer.answer("334 \r\n");
      peer.answer("235 ok\r\n");
      take_mail(peer);
    }});
    expect_summary(attempt(server, believing(auth("XOAUTH2", token))), "0:delivered:250");
    const std::vector<std::string> heard = server.heard();
    expect_same(heard[1], fits ? "AUTH XOAUTH2 " + token : "AUTH XOAUTH2");
    if (!fits) expect_same(heard[2], token);
  }
}

Test(auth, a_challenge_in_place_of_the_empty_one_is_cancelled) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("334 bm90IGVtcHR5\r\n");
    peer.answer("501 5.7.0 cancelled\r\n");
    peer.hear();
  }});
  expect_summary(attempt(server, believing(auth("XOAUTH2", std::string(600, 'A')))),
                 "0:deferred:auth");
  expect_same(server.heard()[2], "*");
}

Test(auth, a_bad_challenge_is_cancelled_with_a_star) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("334 nonsense\r\n");
    peer.answer("501 5.7.0 cancelled\r\n");
    peer.hear();
  }});
  const auto results = attempt(server, [](const LoginQuery& query) {
    return std::optional(query.kind == LoginQuery::Kind::begin
                             ? auth("CRAM-MD5")
                             : answer(Kind::cancel, "the challenge is not of the form <...>"));
  });
  expect_summary(results, "0:deferred:auth");
  expect_same(reply_of(results), "given up: the challenge is not of the form <...>");
  const std::vector<std::string> heard = server.heard();
  expect_same(heard[2], "*");
  expect_same(heard[3], "QUIT");
}

Test(auth, without_a_501_to_the_star_the_connection_is_given_up) {
  for (const char* const reply : {"235 2.7.0 welcome\r\n", "500 what\r\n", "334 \r\n"}) {
    ScriptedServer server({[reply](Script& peer) {
      greet(peer);
      peer.answer("334 nonsense\r\n");
      peer.answer(reply);
      peer.hear();
    }});
    const auto results = attempt(server, [](const LoginQuery& query) {
      return std::optional(query.kind == LoginQuery::Kind::begin ? auth("CRAM-MD5")
                                                                 : answer(Kind::cancel, "bad"));
    });
    expect_summary(results, "0:deferred:auth");
    expect_same(server.heard()[3], "(closed)");
  }
}

Test(auth, a_refusal_defers_whatever_its_code_and_nothing_is_sent) {
  for (const char* const code : {"535 5.7.8 wrong", "454 4.7.0 later", "534 5.7.9 too weak",
                                 "500 unknown", "504 5.5.4 no such mechanism", "530 5.7.0 first"}) {
    ScriptedServer server({[code](Script& peer) {
      greet(peer);
      peer.answer(std::string(code) + "\r\n");
      peer.hear();
    }});
    const std::string got = summary(attempt(server, believing(auth("PLAIN", "AGEAYg=="))));
    cr_expect(got == "0:deferred:" + std::string(code).substr(0, 3) + ":auth", "%s", got.c_str());
    expect_same(server.heard()[2], "QUIT");
  }
}

Test(auth, a_token_that_is_out_of_date_is_followed_by_a_new_one_once) {
  for (const bool taken : {true, false}) {
    ScriptedServer server({[taken](Script& peer) {
      greet(peer);
      peer.answer("535 5.7.8 expired\r\n");
      peer.answer(taken ? "235 2.7.0 welcome\r\n" : "535 5.7.8 wrong\r\n");
      if (!taken) return static_cast<void>(peer.hear());
      take_mail(peer);
    }});
    int begun = 0;
    const auto results = attempt(server, [begun](const LoginQuery& query) mutable {
      if (query.kind == LoginQuery::Kind::begin)
        return std::optional(auth("XOAUTH2", begun++ == 0 ? "b2xk" : "bmV3"));
      const bool refused = query.kind == LoginQuery::Kind::refused;
      return std::optional(answer(refused ? Kind::again : Kind::proven));
    });
    expect_summary(results, taken ? "0:delivered:250" : "0:deferred:535:auth");
    const std::vector<std::string> heard = server.heard();
    expect_same(heard[1], "AUTH XOAUTH2 b2xk");
    expect_same(heard[2], "AUTH XOAUTH2 bmV3");
    if (!taken) expect_same(heard[3], "QUIT");
  }
}

Test(auth, a_wrong_password_is_tried_once_whatever_addresses_the_host_has) {
  const auto refuse = [](Script& peer) {
    greet(peer);
    peer.answer("535 5.7.8 wrong\r\n");
  };
  ScriptedServer server({refuse, refuse}, "0.0.0.0");
  DnsServer dns({"relay.test A 127.0.0.1", "relay.test A 127.0.0.2"});
  Settings settings;
  settings.hostname = "me.test";
  settings.resolvers = {dns.address()};
  Transport transport = login_to(server.port());
  transport.host = "relay.test";
  Delivery delivery(transport, "relay.test", settings);
  delivery.connect_oracle(believing(auth("PLAIN", "AGEAYg==")));
  delivery.give(job_for({}), Letter().text);
  expect_summary(delivery.results(), "0:deferred:535:auth");
  cr_expect_eq(server.connections(), 1);
}

Test(auth, a_235_that_proves_nothing_is_not_trusted) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("235 2.7.0 come in\r\n");
    peer.hear();
  }});
  const auto results = attempt(server, [](const LoginQuery& query) {
    return std::optional(query.kind == LoginQuery::Kind::begin
                             ? auth("SCRAM-SHA-256", "biws")
                             : answer(Kind::cancel, "the server has not proven"));
  });
  expect_summary(results, "0:deferred:auth");
  expect_same(server.heard()[2], "(closed)");
}

Test(auth, endless_challenges_are_cancelled) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    for (int i = 0; i < 8; ++i)
      peer.answer("334 bW9yZQ==\r\n");
    peer.answer("501 cancelled\r\n");
    peer.hear();
  }});
  expect_summary(attempt(server, believing(auth("LOGIN"))), "0:deferred:auth");
  expect_same(server.heard()[9], "*");
}

Test(auth, what_the_oracle_refuses_is_never_begun) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.hear();
  }});
  std::vector<std::string> offered;
  const auto results = attempt(server, [&](const LoginQuery& query) {
    if (query.kind == LoginQuery::Kind::begin) offered = query.offered;
    return std::optional(answer(Kind::refused, "no mechanism in common"));
  });
  expect_summary(results, "0:deferred:auth");
  expect_same(reply_of(results), "not sent: no mechanism in common");
  cr_expect((offered == std::vector<std::string>{"PLAIN", "CRAM-MD5"}));
  expect_same(server.heard()[1], "QUIT");
}

Test(auth, without_an_oracle_nothing_is_sent) {
  for (const bool hangs_up : {false, true}) {
    ScriptedServer server({[](Script& peer) {
      greet(peer);
      peer.hear();
    }});
    const Delivery::Oracle gone = [](const LoginQuery&) { return std::optional<LoginAnswer>(); };
    expect_summary(attempt(server, hangs_up ? gone : Delivery::Oracle()), "0:deferred:auth");
    expect_same(server.heard()[1], "QUIT");
  }
}

Test(auth, a_connection_that_is_lost_meanwhile_is_no_failure_of_the_login) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.hear();
  }});
  expect_summary(attempt(server, believing(auth("PLAIN", "AGEAYg=="))), "0:deferred:unreachable");
}

Test(auth, a_login_holds_for_all_messages_of_a_connection) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("235 ok\r\n");
    take_mail(peer);
    take_mail(peer);
  }});
  Delivery delivery(login_to(server.port()));
  delivery.connect_oracle(believing(auth("PLAIN", "AGEAYg==")));
  delivery.give(job_for({}, 1), Letter().text);
  cr_assert_eq(delivery.results(1).size(), 1);
  delivery.give(job_for({}, 2), Letter().text);
  expect_summary(delivery.results(2), "0:delivered:250 0:delivered:250");
}
