// What a route query is answered with. Each test is a case that waypost is held to.
#include "tests/unit/route/sample_routes.h"

#include <array>

namespace waypost::route {

Test(routes, no_rule_is_direct_delivery) {
  expect(routes_of(""), query("a.example", "b.example"), "direct default");
  expect(routes_of("[[route]]\nto = [\"c.example\"]\ntransport = \"relay\"\n"),
         query("a.example", "b.example"), "direct default");
}

Test(routes, account_goes_before_the_sender_s_domain_and_that_before_global) {
  const Routes routes = routes_of("[[route]]\ntransport = \"relay\"\n"
                                  "[[domain.\"a.example\".route]]\ntransport = \"ses\"\n"
                                  "[[account.alice.route]]\ntransport = \"socks\"\n");
  expect(routes, handed_in_by("alice", query("a.example", "b.example")), "socks waypost.toml:5");
  expect(routes, handed_in_by("bob", query("a.example", "b.example")), "ses waypost.toml:3");
  expect(routes, query("c.example", "b.example"), "relay waypost.toml:1");
}

Test(routes, a_login_is_another_account_than_the_user_of_that_name) {
  const Routes routes = routes_of("[[account.\"smtp:alice\".route]]\ntransport = \"relay\"\n");
  expect(routes, handed_in_by("smtp:alice", query("a", "b")), "relay waypost.toml:1");
  expect(routes, handed_in_by("alice", query("a", "b")), "direct default");
}

Test(routes, within_a_level_the_first_match_decides) {
  const Routes routes =
      routes_of("[[route]]\nto = [\"b.example\"]\ntransport = \"relay\"\n"
                "[[route]]\nto = [\".example\"]\ntransport = \"ses\"\n"
                "[[route]]\nto = [\"b.example\", \"c.example\"]\ntransport = \"socks\"\n"
                "[[route]]\ntransport = \"closed\"\n");
  expect(routes, query("", "b.example"), "relay waypost.toml:1");
  expect(routes, query("", "c.example"), "ses waypost.toml:4");
  expect(routes, query("", "d.test"), "closed waypost.toml:10");
}

Test(routes, a_rule_may_say_direct) {
  const Routes routes = routes_of("[[route]]\nto = [\"b.example\"]\ntransport = \"direct\"\n"
                                  "[[route]]\ntransport = \"relay\"\n");
  expect(routes, query("", "b.example"), "direct waypost.toml:1");
  expect(routes, query("", "c.example"), "relay waypost.toml:4");
}

Test(routes, attempt_4_matches_when_three_attempts_were_made) {
  const Routes routes = routes_of("[[route]]\nattempt = 4\ntransport = \"relay\"\n");
  expect(routes, query("", "b.example", 1), "direct default");
  expect(routes, query("", "b.example", 3), "direct default");
  expect(routes, query("", "b.example", 4), "relay waypost.toml:1");
  expect(routes, query("", "b.example", 12), "relay waypost.toml:1");
}

Test(routes, a_leading_dot_is_the_domain_and_all_below_it) {
  const Routes routes = routes_of("[[route]]\nto = [\".example.com\"]\ntransport = \"relay\"\n");
  for (const char* domain :
       {"example.com", "a.example.com", "a.b.example.com", "EXAMPLE.Com", "a.example.com."})
    expect(routes, query("", domain), "relay waypost.toml:1");
  for (const char* domain :
       {"badexample.com", "example.org", "com", "example.com.org", "xexample.com"})
    expect(routes, query("", domain), "direct default");
}

Test(routes, without_the_dot_a_domain_is_only_itself) {
  const Routes routes = routes_of("[[route]]\nto = [\"example.com\"]\ntransport = \"relay\"\n");
  expect(routes, query("", "Example.COM"), "relay waypost.toml:1");
  for (const char* domain : {"a.example.com", "badexample.com", "com"})
    expect(routes, query("", domain), "direct default");
}

Test(routes, idna_forms_are_one_domain) {
  const Routes by_u_label = routes_of("[[route]]\nto = [\"B\xC3\xBC"
                                      "cher.example\"]\ntransport = \"relay\"\n");
  const Routes by_a_label =
      routes_of("[[route]]\nto = [\"XN--bcher-kva.example\"]\ntransport = \"relay\"\n");
  for (const char* domain : {"b\xC3\xBC"
                             "cher.example",
                             "B\xC3\x9C"
                             "CHER.Example",
                             "xn--bcher-kva.example", "XN--BCHER-KVA.example"}) {
    expect(by_u_label, query("", domain), "relay waypost.toml:1");
    expect(by_a_label, query("", domain), "relay waypost.toml:1");
  }
  expect(by_a_label, query("", "bucher.example"), "direct default");
}

Test(routes, the_sender_s_domain_is_matched_like_the_recipient_s) {
  const Routes routes =
      routes_of("[[route]]\nfrom = [\".a.example\"]\nto = [\"b.example\"]\ntransport = \"relay\"\n"
                "[[route]]\nfrom = [\"c.example\"]\ntransport = \"ses\"\n");
  expect(routes, query("x.A.example", "b.example"), "relay waypost.toml:1");
  expect(routes, query("x.a.example", "c.example"), "direct default");
  expect(routes, query("c.example", "b.example"), "ses waypost.toml:5");
  expect(routes, query("x.c.example", "b.example"), "direct default");
}

Test(routes, a_null_sender_matches_only_rules_without_from) {
  const Routes routes = routes_of("[[route]]\nfrom = [\".example\"]\ntransport = \"relay\"\n"
                                  "[[route]]\nto = [\"b.example\"]\ntransport = \"ses\"\n"
                                  "[[domain.example.route]]\ntransport = \"socks\"\n");
  expect(routes, query("", "b.example"), "ses waypost.toml:4");
}

Test(routes, a_literal_matches_only_rules_without_to_and_itself) {
  const Routes by_domain = routes_of("[[route]]\nto = [\".example\"]\ntransport = \"relay\"\n"
                                     "[[route]]\ntransport = \"ses\"\n");
  expect(by_domain, query("", "[192.0.2.1]"), "ses waypost.toml:4");
  const Routes by_literal = routes_of("[[route]]\nto = [\"[192.0.2.1]\"]\ntransport = \"relay\"\n");
  expect(by_literal, query("", "[192.0.2.1]"), "relay waypost.toml:1");
  expect(by_literal, query("", "[192.0.2.11]"), "direct default");
}

Test(routes, a_bare_local_part_has_no_domain) {
  // Where the host's own name is not this machine's to deliver for, it is a domain like others.
  const Routes routes = routes_of("hostname = \"mail.example\"\nlocal_domains = []\n"
                                  "[[route]]\nto = [\".example\"]\ntransport = \"relay\"\n");
  expect(routes, query("", ""), "direct default");
  cr_expect(answer(routes, query("", "")).destination == "mail.example");
}

Test(routes, after_matches_once_a_class_was_seen) {
  const Routes routes =
      routes_of("[[route]]\nafter = [\"greylisted\", \"rate\"]\ntransport = \"relay\"\n");
  expect(routes, query("", "b.example", 2), "direct default");
  expect(routes, failed_with({FailureClass::rate}, {}, query("", "b.example", 2)),
         "relay waypost.toml:1");
  expect(routes,
         failed_with({FailureClass::dns, FailureClass::greylisted}, {}, query("", "b.example", 2)),
         "relay waypost.toml:1");
  expect(routes, failed_with({FailureClass::dns}, {}, query("", "b.example", 2)), "direct default");
}

Test(routes, without_a_snapshot_mail_waits_and_is_never_direct) {
  const Routes none;
  expect(none, query("a", "b"), "wait");
  RouteQuery by_hand = query("a", "b");
  by_hand.hand = "direct";
  expect(none, by_hand, "wait");
  expect(none, refused_now(FailureClass::blocked, query("a", "b")), "wait");
}

Test(routes, a_transport_set_by_hand_wins) {
  const Routes routes = routes_of("[[account.alice.route]]\ntransport = \"relay\"\n");
  RouteQuery one = handed_in_by("alice", query("a", "b.example", 2));
  one.hand = "ses";
  expect(routes, one, "ses by hand");
  one.refused = {"ses"};
  expect(routes, one, "ses by hand");
  one.hand = "direct";
  expect(routes, one, "direct by hand");
}

Test(routes, a_transport_set_by_hand_that_is_gone_makes_it_wait_and_says_so) {
  const Routes routes = routes_of("[[route]]\ntransport = \"relay\"\n");
  RouteQuery one = query("a", "b.example");
  one.hand = "old\x1brelay";
  expect(routes, one, "wait");
  const std::string why = answer(routes, one).wait;
  cr_expect(why.find("set by hand, does not exist") != std::string::npos, "%s", why.c_str());
  cr_expect(why.find('\x1b') == std::string::npos);
}

Test(routes, an_answer_says_what_the_manager_needs) {
  const Routes routes = routes_of("[[route]]\nto = [\"r.example\"]\ntransport = \"relay\"\n"
                                  "[[route]]\nto = [\"s.example\"]\ntransport = \"ses\"\n"
                                  "[[route]]\nto = [\"p.example\"]\ntransport = \"socks\"\n"
                                  "[[route]]\nto = [\"f.example\"]\ntransport = \"closed\"\n");
  struct Row {
    const char* to;
    const char* type;
    const char* destination;
    std::uint32_t recipients;
  };
  const auto rows = std::to_array<Row>({
      {"B.example.", "direct", "b.example", 100},
      {"[IPv6:2001:DB8::1]", "direct", "[ipv6:2001:db8::1]", 100},
      {"r.example", "smtp", "smtp.isp.example:25", 7},
      {"s.example", "submission", "[2001:db8::1]:587", 100},
      {"P.example", "socks", "p.example", 100},
      {"f.example", "fail", "closed", 100},
  });
  for (const Row& row : rows) {
    const RouteAnswer got = answer(routes, query("", row.to));
    cr_expect(got.query == 5 && got.generation == 77, "%s", row.to);
    cr_expect(got.type == row.type, "%s: %s", row.to, got.type.c_str());
    cr_expect(got.destination == row.destination, "%s: %s", row.to, got.destination.c_str());
    cr_expect(got.recipients == row.recipients, "%s", row.to);
  }
  const RouteAnswer closed = answer(routes, query("", "f.example"));
  cr_expect(closed.code == 551 && closed.text == "closed for good");
}

// So that a mandatory smarthost for all of a domain takes it too; where it goes, it is refused.
Test(routes, a_domain_without_an_ascii_form_is_compared_as_it_is) {
  const Routes routes = routes_of("[[route]]\nto = [\".example\"]\ntransport = \"relay\"\n");
  expect(routes, query("", "\xC3\xA9-.example"), "relay waypost.toml:1");
}

Test(routes, ten_thousand_rules_are_not_looked_at_one_by_one) {
  std::string rules;
  for (int i = 0; i < 10'000; ++i)
    rules += "[[route]]\nto = [\".d" + std::to_string(i) + ".example\"]\ntransport = \"relay\"\n";
  rules += "[[route]]\nfrom = [\"a.example\"]\ntransport = \"ses\"\n";
  const Routes routes = routes_of(rules);
  Question question;
  question.to = "x.d9999.example";
  question.from = "a.example";
  const auto candidates = routes.index().candidates(question);
  cr_assert(candidates.size() == 2, "%zu", candidates.size());
  cr_expect(candidates[0] == 9'999 && candidates[1] == 10'000);
  expect(routes, query("a.example", "x.d9999.example"), "relay waypost.toml:29998");
}

} // namespace waypost::route
