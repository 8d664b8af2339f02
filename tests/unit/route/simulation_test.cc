// What a changed configuration would send elsewhere, and how it is told.
#include "route/simulation_output.h"

#include <array>
#include <fstream>
#include <unistd.h>

#include "route/simulate_command.h"
#include "tests/unit/route/sample_routes.h"

namespace waypost::route {
namespace {

WaitingRecipient waits(const char* address, std::uint32_t attempts = 0) {
  WaitingRecipient one;
  one.address = *Address::parse(address);
  one.attempts = attempts;
  return one;
}

WaitingMessage message(std::vector<WaitingRecipient> recipients,
                       const char* sender = "me@a.example") {
  WaitingMessage one;
  one.id = "0123456789abcdef";
  one.sender = *Address::parse(sender);
  one.account = "alice";
  one.recipients = std::move(recipients);
  return one;
}

// Of one message under two files of rules.
std::string text_of(const Routes& before, const Routes& after, const WaitingMessage& one,
                    bool details = false) {
  Simulation simulation(before, after, details);
  simulation.take(one);
  return simulation_text(simulation);
}

void expect_has(const std::string& text, const char* wanted) {
  cr_expect(text.find(wanted) != std::string::npos, "no %s in\n%s", wanted, text.c_str());
}

constexpr const char* kRelayAll = "[[route]]\ntransport = \"relay\"\n";

} // namespace

Test(simulation, the_same_rules_send_nothing_elsewhere) {
  const Routes one = routes_of(kRelayAll);
  const Routes same = routes_of("[[route]]\nto = [\"b.example\"]\ntransport = \"relay\"\n"
                                "[[route]]\ntransport = \"relay\"\n");
  cr_expect(text_of(one, same, message({waits("x@b.example"), waits("y@c.example")})) ==
            "2 recipients that wait, in 1 message: nothing would go elsewhere\n");
}

Test(simulation, counts_come_first_and_groups_by_size) {
  const Routes before = routes_of("");
  const Routes after = routes_of("[[route]]\nto = [\"b.example\"]\ntransport = \"ses\"\n"
                                 "[[route]]\nto = [\".c.example\"]\ntransport = \"relay\"\n");
  Simulation simulation(before, after, true);
  simulation.take(message({waits("x@b.example", 3), waits("x@c.example"), waits("y@d.c.example")}));
  simulation.take(message({waits("x@d.example")}, ""));
  cr_expect(simulation.messages() == 2 && simulation.recipients() == 4);
  cr_expect(simulation.changed_messages() == 1 && simulation.changed_recipients() == 3);
  const std::string want =
      "4 recipients that wait, in 2 messages: 3 recipients of 1 message would go elsewhere\n"
      "       2  direct -> relay (smtp smtp.isp.example:25), by waypost.toml:4\n"
      "          0123456789abcdef  me@a.example -> x@c.example, y@d.c.example, attempt 1\n"
      "       1  direct -> ses (submission [2001:db8::1]:587), by waypost.toml:1\n"
      "          0123456789abcdef  me@a.example -> x@b.example, attempt 4\n";
  cr_expect(simulation_text(simulation) == want, "%s", simulation_text(simulation).c_str());
}

Test(simulation, asks_with_everything_that_the_next_attempt_will_know) {
  const auto rows = std::to_array<std::pair<const char*, bool>>({
      {"[[account.alice.route]]\ntransport = \"relay\"\n", true},
      {"[[account.bob.route]]\ntransport = \"relay\"\n", false},
      {"[[domain.\"a.example\".route]]\ntransport = \"relay\"\n", true},
      {"[[route]]\nattempt = 4\ntransport = \"relay\"\n", true},
      {"[[route]]\nattempt = 5\ntransport = \"relay\"\n", false},
      {"[[route]]\nafter = [\"blocked\"]\ntransport = \"relay\"\n", true},
      {"[[route]]\nafter = [\"tls\"]\ntransport = \"relay\"\n", false},
      {"[[route]]\ntransport = \"socks\"\n", false}, // it has refused already
  });
  const Routes before = routes_of("");
  for (const auto& [rules, changes] : rows) {
    const Routes after = routes_of(rules);
    WaitingRecipient one = waits("x@b.example", 3);
    one.classes.add(FailureClass::blocked);
    one.refused = {"socks"};
    Simulation simulation(before, after, false);
    simulation.take(message({one}));
    const bool waits_now = std::string_view(rules).find("socks") != std::string_view::npos;
    cr_expect(simulation.changed_recipients() == (changes || waits_now ? 1 : 0), "%s", rules);
  }
}

Test(simulation, a_transport_set_by_hand_goes_before_all_rules) {
  const Routes before = routes_of("");
  const Routes after = routes_of(kRelayAll);
  WaitingMessage one = message({waits("x@b.example")});
  one.hand = "ses";
  expect_has(text_of(before, after, one), "nothing would go elsewhere");
  auto snapshot = configure(kRelayAll + std::string("[transport.relay]\ntype = \"smtp\"\n"
                                                    "host = \"smtp.isp.example\"\n"),
                            "new.toml");
  snapshot->settings.generation = 78;
  expect_has(text_of(before, Routes(std::move(*snapshot)), one),
             "ses (submission [2001:db8::1]:587) -> waits: the transport \"ses\", set by hand, "
             "does not exist");
}

Test(simulation, a_transport_of_the_same_name_that_leads_elsewhere_is_a_change) {
  const auto with = [](const std::string& transport) {
    auto snapshot =
        configure("[[route]]\ntransport = \"t\"\n[transport.t]\n" + transport, "new.toml");
    cr_assert(snapshot.has_value());
    snapshot->settings.generation = 5;
    return Routes(std::move(*snapshot));
  };
  const std::string relay = "type = \"smtp\"\nhost = \"h.example\"\n";
  const std::string socks = "type = \"socks\"\nproxy = \"p.example:1080\"\n";
  const std::string refuse = "type = \"fail\"\ntext = \"no\"\n";
  struct Row {
    std::string before;
    std::string after;
    const char* says;
  };
  for (const auto& [before, after, says] : std::to_array<Row>({
           {relay, "type = \"smtp\"\nhost = \"i.example\"\n",
            "h.example:25) -> t (smtp i.example:25)"},
           {relay, relay + "port = 26\n", "h.example:25) -> t (smtp h.example:26)"},
           {relay, "type = \"submission\"\nhost = \"h.example\"\nport = 25\n",
            "t (smtp h.example:25) -> t (submission h.example:25)"},
           {socks, "type = \"socks\"\nproxy = \"q.example:1080\"\n", "t (socks q.example:1080)"},
           {socks, socks + "port = 26\n", "t (socks p.example:1080, port 26)"},
           {refuse, refuse + "code = 551\n", "t (fail 550 no) -> t (fail 551 no)"},
           {relay, relay + "tls = \"verified\"\nconnections = 1\n", "nothing would go elsewhere"},
       }))
    expect_has(text_of(with(before), with(after), message({waits("x@b.example")})), says);
}

Test(simulation, who_is_refused_or_led_elsewhere_on_this_machine_is_told_so) {
  char aliases[] = "/tmp/waypost-unit-XXXXXX";
  ::close(::mkstemp(aliases));
  std::ofstream(aliases) << "team: a@a.example, b@b.example, c@c.example, d@d.example\n";
  const auto with = [&](const std::string& settings) {
    auto snapshot = configure("hostname = \"x.example\"\n" + settings, "new.toml");
    cr_assert(snapshot.has_value());
    snapshot->settings.generation = 5;
    return Routes(std::move(*snapshot), [](std::string_view name) {
      return name == "root" ? std::optional(PasswdEntry{"root", 0, {}, 0, "/root", {}})
                            : std::nullopt;
    });
  };
  const Routes away = with("local_domains = []\n");
  const std::string here =
      std::string("local_domains = [\"x.example\"]\nalias_file = \"") + aliases + "\"\n";
  const Routes local = with(here + "root_to = \"a@a.example\"\n");
  const auto text = [](const Routes& before, const Routes& after, const char* address) {
    Simulation simulation(before, after, false);
    simulation.take(message({waits(address)}));
    return simulation_text(simulation) + simulation_json(simulation);
  };
  expect_has(text(away, local, "nobody@x.example"),
             "direct -> local (fail 550 5.1.1 there is no user");
  expect_has(text(away, local, "team@x.example"),
             "direct -> aliases (a@a.example, b@b.example, c@c.example and 1 more)");
  expect_has(text(away, local, "root@x.example"), "direct -> direct to a@a.example, by default");
  const Routes other = with(here + "root_to = \"b@b.example\"\n");
  expect_has(text(local, other, "root@x.example"),
             "direct to a@a.example -> direct to b@b.example");
  expect_has(text(local, other, "root@x.example"), R"("leads_to":null,"to":"b@b.example"})");
  expect_has(text(local, other, "team@x.example"), "nothing would go elsewhere");
  ::unlink(aliases);
}

Test(simulation, long_lists_are_cut_and_everything_prints_safely) {
  const Routes before = routes_of("");
  const Routes after = routes_of("[[route]]\nto = [\"a.example\"]\ntransport = \"relay\"\n"
                                 "[[route]]\nto = [\"b.example\"]\ntransport = \"relay\"\n"
                                 "[[route]]\nto = [\"c.example\"]\ntransport = \"relay\"\n"
                                 "[[route]]\ntransport = \"relay\"\n");
  WaitingMessage one = message({waits("1@a.example"), waits("2@b.example"), waits("3@c.example"),
                                waits("4@d.example"), waits("5@d.example")});
  one.held = true;
  const std::string text = text_of(before, after, one, true);
  expect_has(text,
             ", by waypost.toml:10 (2), waypost.toml:1 (1), waypost.toml:4 (1) and 1 other rule\n");
  expect_has(text, "-> 1@a.example, 2@b.example, 3@c.example and 2 more, attempt 1 (held)\n");
  expect_has(text_of(before, after, message({waits("\"a\xE2\x80\xAE\"@b.example")}), true), "\\x");
}

Test(simulation, as_json_an_object_a_line) {
  const Routes before = routes_of("");
  const Routes after = routes_of(kRelayAll);
  Simulation simulation(before, after, true);
  simulation.take(message({waits("x@b.example", 1)}, ""));
  const std::string want =
      R"({"object":"total","messages":1,"recipients":1,"changed_messages":1,"changed_recipients":1})"
      "\n"
      R"({"object":"group","recipients":1,"messages":1,)"
      R"("before":{"transport":"direct","type":"direct","leads_to":null},)"
      R"("after":{"transport":"relay","type":"smtp","leads_to":"smtp.isp.example:25"}})"
      "\n"
      R"({"object":"message","id":"0123456789abcdef","sender":"","account":"alice","held":false,)"
      R"("recipients":[{"address":"x@b.example","attempt":2,)"
      R"("before":{"transport":"direct","type":"direct","leads_to":null},"rule_before":"default",)"
      R"("after":{"transport":"relay","type":"smtp","leads_to":"smtp.isp.example:25"},)"
      R"("rule_after":"waypost.toml:1"}]})"
      "\n";
  cr_expect(simulation_json(simulation) == want, "%s", simulation_json(simulation).c_str());
}

Test(simulation, arguments) {
  const auto parse = [](std::vector<std::string_view> words) {
    return parse_simulate_command(words);
  };
  const auto good = parse({"--simulate", "--config", "new", "--queue", "-", "-v", "--json"});
  cr_assert(good.has_value());
  cr_expect(good->config == "new" && good->queue == "-" && good->verbose && good->json);
  struct Row {
    std::vector<std::string_view> words;
    const char* says;
  };
  for (const auto& [words, says] : std::to_array<Row>({
           {{"--simulate", "--queue"}, "--queue takes the name of a file"},
           {{"--simulate", "--verbos"}, "did you mean \"--verbose\"?"},
           {{"a@b", "--simulate"}, "takes no addresses"},
       })) {
    const auto bad = parse(words);
    cr_assert(!bad.has_value(), "%s", says);
    cr_expect(bad.error().text.find(says) != std::string::npos, "%s", bad.error().text.c_str());
  }
}

} // namespace waypost::route
