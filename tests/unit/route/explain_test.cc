#include "route/explain.h"

#include "route/story_output.h"
#include "tests/unit/route/sample_routes.h"

namespace waypost::route {
namespace {

constexpr const char* kRules = R"([[route]]
to = [".b.example"]
from = ["a.example"]
attempt = 4
transport = "ses"
[[route]]
after = ["blocked"]
transport = "socks"
[[domain."a.example".route]]
attempt = 6
transport = "relay"
[[account.alice.route]]
transport = "relay"
)";

std::string reasons(const Run& run, std::string_view where) {
  std::string all;
  for (const Loss& loss : run.lost) {
    if (loss.rule->where != where) continue;
    for (const Reason& one : loss.reasons)
      all += one.criterion + "(" + one.wanted + "|" + one.got + ")";
  }
  return all;
}

void expect_reasons(const Run& run, const char* where, const char* want) {
  const std::string got = reasons(run, where);
  cr_expect(got == want, "%s: wanted %s, got %s", where, want, got.c_str());
}

} // namespace

Test(explain, attempts_with_one_answer_are_one_run) {
  const Routes routes = routes_of(kRules);
  const Story story = explain(routes, query("a.example", "x.b.example"), 12);
  cr_assert(story.runs.size() == 3);
  cr_expect(story.runs[0].first == 1 && story.runs[0].last == 3);
  cr_expect(story.runs[0].decision.transport->name == "direct");
  cr_expect(story.runs[0].destination == "x.b.example");
  cr_expect(story.runs[1].first == 4 && story.runs[1].last == 5);
  cr_expect(story.runs[1].decision.rule->where == "waypost.toml:1");
  cr_expect(story.runs[2].first == 6 && story.runs[2].last == 12);
  cr_expect(story.runs[2].decision.rule->where == "waypost.toml:9");
}

Test(explain, every_rule_that_lost_says_what_it_wanted_and_what_it_got) {
  const Routes routes = routes_of(kRules);
  const Story story = explain(routes, query("c.example", "d.example"), 5);
  cr_assert(story.runs.size() == 1);
  const Run& run = story.runs[0];
  cr_assert(run.lost.size() == 4);
  expect_reasons(run, "waypost.toml:12", "account(alice|none)");
  expect_reasons(run, "waypost.toml:9", "domain(a.example|c.example)attempt(6 or later|1 to 5)");
  expect_reasons(run, "waypost.toml:1", "from(a.example|c.example)to(.b.example|d.example)");
  expect_reasons(run, "waypost.toml:6", "after(a failure of class blocked|none)");
}

Test(explain, a_rule_below_the_winner_lost_by_its_place) {
  const Routes routes = routes_of(kRules);
  RouteQuery one = handed_in_by("alice", query("", "d.example"));
  one.classes = {FailureClass::blocked};
  const Story story = explain(routes, one, 2);
  cr_assert(story.runs.size() == 1);
  expect_reasons(story.runs[0], "waypost.toml:6", "order(the first match|waypost.toml:12)");
}

Test(explain, failures_come_after_the_first_attempt) {
  const Routes routes = routes_of(kRules);
  RouteQuery one = query("", "d.example");
  one.classes = {FailureClass::blocked};
  const Story story = explain(routes, one, 3);
  cr_assert(story.runs.size() == 2);
  cr_expect(story.runs[0].decision.transport->name == "direct" && story.runs[0].last == 1);
  cr_expect(story.runs[1].decision.transport->name == "socks" && story.runs[1].last == 3);
}

Test(explain, what_a_failure_would_change_is_told) {
  const Routes routes = routes_of(kRules);
  const Story story = explain(routes, query("", "d.example"), 3);
  cr_assert(story.after.size() == 1);
  cr_expect(story.after[0].klass == FailureClass::blocked && story.after[0].moves);
  cr_expect(story.after[0].decision.transport->name == "socks");
  const Story alice = explain(routes, handed_in_by("alice", query("", "d.example")), 3);
  cr_expect(alice.after.empty());
}

Test(explain, the_text_names_transport_rule_time_and_reasons) {
  const Routes routes = routes_of(kRules);
  const Story story = explain(routes, query("a.example", "x.b.example"), 12);
  const std::string text = story_text(story, {"me@a.example", "you@x.b.example", "", "b@x.example"},
                                      routes.snapshot().settings);
  for (const char* part :
       {"from me@a.example to you@x.b.example, no account",
        "leaves as from b@x.example, by from_rewrite", "attempts 1 to 3: direct",
        "by default: no rule matches",
        "attempts 4 to 5, from 52m30s on: ses (submission to "
        "[2001:db8::1]:587)",
        "by waypost.toml:1  global", "attempt: wants 4 or later, got 1 to 3",
        "after a failure of class blocked: socks, by waypost.toml:6; also when it was refused"})
    cr_expect(text.find(part) != std::string::npos, "no \"%s\" in\n%s", part, text.c_str());
}

Test(explain, json_is_one_object_an_attempt) {
  const Routes routes = routes_of("[[account.\"a\\\"b\".route]]\nattempt = 3\n"
                                  "transport = \"relay\"\n");
  const std::string json = story_json(explain(routes, query("a", "b"), 2));
  const auto line = [](const std::string& attempt) {
    return "{\"attempt\":" + attempt +
           ",\"alias\":null,\"to\":null,\"transport\":\"direct\",\"type\":\"direct\","
           "\"destination\":\"b\",\"rule\":\"default\",\"lost\":[{\"rule\":\"waypost.toml:1\","
           "\"level\":\"account "
           "a\\\"b\",\"transport\":\"relay\",\"why\":[{\"criterion\":\"account\","
           "\"wanted\":\"a\\\"b\",\"got\":\"none\"},{\"criterion\":\"attempt\",\"wanted\":\"3 or "
           "later\",\"got\":\"" +
           attempt + "\"}]}]}\n";
  };
  cr_expect(json == line("1") + line("2"), "%s", json.c_str());
}

Test(explain, times_are_sums_of_the_waits) {
  Settings settings;
  settings.retry_s = {10, 20, 30};
  cr_expect(time_of_attempt(settings, 1) == 0);
  cr_expect(time_of_attempt(settings, 3) == 30);
  cr_expect(time_of_attempt(settings, 4) == 60);
  cr_expect(time_of_attempt(settings, 99) == 60);
}

} // namespace waypost::route
