// What becomes of a recipient that a transport has refused for good: it moves, waits or bounces.
#include "tests/unit/route/sample_routes.h"

namespace waypost::route {

// Direct 550 blocked, socks 451 greylisted, socks 250: no bounce, no way back to direct.
Test(moves, a_blocked_recipient_moves_and_stays_where_it_was_moved_to) {
  const Routes routes = routes_of("[[route]]\nafter = [\"blocked\"]\ntransport = \"socks\"\n");
  expect(routes, query("", "b.example", 1), "direct default");
  const auto blocked = failed_with({FailureClass::blocked}, {"direct"}, query("", "b.example", 2));
  expect(routes, refused_now(FailureClass::blocked, blocked), "socks waypost.toml:1");
  expect(routes, blocked, "socks waypost.toml:1");
  const auto greylisted = failed_with({FailureClass::blocked, FailureClass::greylisted}, {"direct"},
                                      query("", "b.example", 3));
  expect(routes, greylisted, "socks waypost.toml:1");
}

Test(moves, a_rule_that_stands_above_does_not_lead_back) {
  const Routes routes = routes_of("[[route]]\ntransport = \"relay\"\n"
                                  "[[route]]\nafter = [\"blocked\"]\ntransport = \"socks\"\n");
  const auto blocked = failed_with({FailureClass::blocked}, {"relay"}, query("", "b.example", 2));
  expect(routes, query("", "b.example", 1), "relay waypost.toml:1");
  expect(routes, refused_now(FailureClass::blocked, blocked), "socks waypost.toml:3");
  expect(routes, blocked, "socks waypost.toml:3");
}

Test(moves, what_passes_over_a_mandatory_smarthost_is_never_direct) {
  const Routes routes = routes_of("[[route]]\ntransport = \"relay\"\n");
  expect(routes, failed_with({FailureClass::blocked}, {"relay"}, query("", "b.example", 2)),
         "wait");
}

Test(moves, without_a_rule_for_the_class_it_bounces) {
  const Routes none = routes_of("[[route]]\ntransport = \"relay\"\n");
  const Routes other = routes_of("[[route]]\nafter = [\"tls\"]\ntransport = \"socks\"\n");
  const auto blocked = failed_with({FailureClass::blocked, FailureClass::tls}, {"direct"},
                                   refused_now(FailureClass::blocked, query("", "b.example", 2)));
  // A rule that matches by a class that was seen before is no rule for this one.
  expect(none, blocked, "bounce");
  expect(other, blocked, "bounce");
}

Test(moves, the_rule_for_the_class_must_match_in_all_else) {
  const Routes routes = routes_of("[[route]]\nafter = [\"blocked\"]\nto = [\"c.example\"]\n"
                                  "transport = \"socks\"\n"
                                  "[[route]]\nafter = [\"blocked\"]\nattempt = 5\n"
                                  "transport = \"ses\"\n");
  const auto at = [](std::uint32_t attempt) {
    return refused_now(FailureClass::blocked,
                       failed_with({}, {"direct"}, query("", "b.example", attempt)));
  };
  expect(routes, at(4), "bounce");
  expect(routes, at(5), "ses waypost.toml:5");
}

Test(moves, refused_transports_are_passed_over_until_none_is_left) {
  const Routes routes = routes_of("[[route]]\nafter = [\"blocked\"]\ntransport = \"socks\"\n"
                                  "[[route]]\nafter = [\"blocked\"]\ntransport = \"ses\"\n"
                                  "[[route]]\nafter = [\"blocked\"]\ntransport = \"relay\"\n");
  const auto after = [](std::vector<std::string> refused) {
    return refused_now(
        FailureClass::blocked,
        failed_with({FailureClass::blocked}, std::move(refused), query("", "b.example", 2)));
  };
  expect(routes, after({"direct"}), "socks waypost.toml:1");
  expect(routes, after({"direct", "socks"}), "ses waypost.toml:4");
  expect(routes, after({"direct", "socks", "ses"}), "relay waypost.toml:7");
  // A fourth move is for the queue manager to count; where there is no fourth transport it bounces
  // here.
  expect(routes, after({"direct", "socks", "ses", "relay"}), "bounce");
}

Test(moves, only_failures_of_the_way_move) {
  const Routes routes =
      routes_of("[[route]]\nafter = [\"blocked\", \"greylisted\", \"rate\", \"auth\", \"tls\", "
                "\"unreachable\", \"dns\", \"other\"]\ntransport = \"socks\"\n");
  for (const FailureClass klass : {FailureClass::blocked, FailureClass::rate, FailureClass::auth,
                                   FailureClass::tls, FailureClass::unreachable, FailureClass::dns})
    expect(routes, refused_now(klass, failed_with({}, {"direct"}, query("", "b.example", 2))),
           "socks waypost.toml:1");
  for (const FailureClass klass : {FailureClass::mailbox, FailureClass::content,
                                   FailureClass::other, FailureClass::greylisted})
    expect(routes, refused_now(klass, failed_with({}, {"direct"}, query("", "b.example", 2))),
           "bounce");
}

// The history was lost: what was refused is not known any more. One more move at most, no bounce.
Test(moves, without_its_history_a_recipient_begins_anew) {
  const Routes routes = routes_of("[[route]]\nafter = [\"blocked\"]\ntransport = \"socks\"\n");
  expect(routes, query("", "b.example", 1), "direct default");
  expect(routes,
         refused_now(FailureClass::blocked, failed_with({}, {"direct"}, query("", "b.example", 2))),
         "socks waypost.toml:1");
}

Test(moves, when_the_rules_changed_under_a_moved_recipient_it_waits) {
  const Routes routes = routes_of("");
  const auto moved = failed_with({FailureClass::blocked}, {"direct"}, query("", "b.example", 3));
  expect(routes, moved, "wait");
  cr_expect(answer(routes, moved).wait.find("(direct)") != std::string::npos);
}

Test(moves, a_refusal_by_the_transport_set_by_hand_is_final) {
  const Routes routes = routes_of("[[route]]\nafter = [\"blocked\"]\ntransport = \"socks\"\n");
  RouteQuery one = refused_now(FailureClass::blocked, query("a", "b.example", 2));
  one.hand = "ses";
  one.refused = {"ses"};
  expect(routes, one, "bounce");
}

} // namespace waypost::route
