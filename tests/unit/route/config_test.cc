// What waypost.toml's values become in the snapshot.
#include "route/configuration.h"

#include <array>
#include <criterion/criterion.h>
#include <string>

#include "route/key.h"
#include "route/network_name.h"
#include "route/published_name.h"

namespace waypost::route {
namespace {

Snapshot configured(const std::string& text) {
  auto snapshot = configure(text, "/etc/waypost/waypost.toml");
  std::string why;
  if (!snapshot) {
    for (const Complaint& one : snapshot.error())
      why += std::to_string(one.line) + ": " + one.text + "\n";
  }
  cr_assert(snapshot.has_value(), "%s\n%s", text.c_str(), why.c_str());
  return std::move(*snapshot);
}

const Transport& only(const Snapshot& snapshot, const char* name) {
  const Transport* found = snapshot.transport(name);
  cr_assert(found != nullptr, "%s", name);
  return *found;
}

constexpr const char* kSample = R"(hostname   = "mail.example.org"
postmaster = "postmaster@example.org"
retry      = ["7m30s", "15m"]
delay_notice_after = "4h"
resolver = "127.0.0.53"

[defaults]
connections = 7
timeout_connect = "15s"

[transport.relay]
type = "smtp"
host = "smtp.isp.example"

[transport.ses]
type = "submission"
host = "email-smtp.example.net"
user = "AKIA..."
credential = "ses"
mechanisms = ["SCRAM-SHA-256", "PLAIN"]
connections = 3

[transport.otherip]
type = "socks"
proxy = "10.9.0.1:1080"
helo  = "out2.example.org"
remote_ips = ["203.0.113.9"]

[[route]]
to = [".example.com"]
from = ["example.org"]
attempt = 4
transport = "ses"

[[domain."Example.ORG".route]]
transport = "relay"

[[account.alice.route]]
after = ["blocked"]
transport = "otherip"

[[route]]
transport = "relay"
)";

} // namespace

Test(config, an_empty_file_holds_the_defaults) {
  for (const Snapshot& snapshot : {configured(""), default_configuration().snapshot}) {
    const Settings& settings = snapshot.settings;
    cr_expect(settings.hostname == system_hostname());
    cr_expect(settings.retry_s == Settings::default_retry());
    cr_expect(settings.expire_after_s == 373'950);
    cr_expect(settings.delay_notice_after_s == 14'400 && settings.senders == 200);
    cr_expect(settings.size_max == 100'000'000 && settings.hops_max == 50);
    cr_expect(settings.queue_free_min_bytes == 64'000'000);
    cr_expect(settings.queue_free_min_percent == 5 && !settings.remove_sync_batch);
    cr_assert(snapshot.transports.size() == 4);
    for (const std::string_view name : {kLocalTransport, kRootTransport, kAliasesTransport}) {
      const Transport* const local = snapshot.transport(std::string(name));
      cr_expect(local != nullptr && is_local(local->type), "%s", std::string(name).c_str());
    }
    const Transport& direct = snapshot.transports[0];
    cr_expect(direct.name == "direct" && direct.type == TransportType::direct);
    cr_expect(direct.helo == settings.hostname && direct.port == 25);
    cr_expect(direct.tls == TlsPolicy::opportunistic && direct.connections == 20);
    cr_expect(snapshot.routes.empty());
  }
}

Test(config, settings_of_a_sample) {
  const Settings settings = configured(kSample).settings;
  cr_expect(settings.hostname == "mail.example.org");
  cr_expect(settings.postmaster == "postmaster@example.org");
  cr_expect(settings.retry_s == std::vector<std::uint64_t>({450, 900}));
  cr_expect(settings.expire_after_s == 1350);
  cr_expect(settings.resolvers == std::vector<std::string>({"127.0.0.53"}));
  cr_expect(settings.source == "/etc/waypost/waypost.toml");
}

Test(config, a_transport_takes_its_type_then_the_defaults_then_its_own_keys) {
  const Snapshot snapshot = configured(kSample);
  cr_expect(only(snapshot, "direct").connections == 7);
  cr_expect(only(snapshot, "direct").timeouts.connect_ms == 15'000);
  const Transport& relay = only(snapshot, "relay");
  cr_expect(relay.host == "smtp.isp.example" && relay.port == 25);
  cr_expect(relay.tls == TlsPolicy::opportunistic && relay.connections == 7);
  const Transport& ses = only(snapshot, "ses");
  cr_expect(ses.port == 587 && ses.tls == TlsPolicy::verified && ses.connections == 3);
  cr_expect(ses.user == "AKIA..." && ses.credential == "ses");
  cr_expect(ses.mechanisms == std::vector<std::string>({"SCRAM-SHA-256", "PLAIN"}));
  const Transport& otherip = only(snapshot, "otherip");
  cr_expect(otherip.proxy == "10.9.0.1:1080" && otherip.helo == "out2.example.org");
  cr_expect(otherip.remote_ips == std::vector<std::string>({"203.0.113.9"}));
  cr_expect(relay.helo == "mail.example.org");
}

Test(config, defaults_reach_only_the_types_that_have_the_key) {
  const Snapshot snapshot = configured("[defaults]\nhost = \"relay.example\"\nport = 2525\n"
                                       "[transport.a]\ntype = \"submissions\"\n"
                                       "[transport.b]\ntype = \"fail\"\n");
  cr_expect(only(snapshot, "a").host == "relay.example" && only(snapshot, "a").port == 2525);
  cr_expect(only(snapshot, "direct").host.empty() && only(snapshot, "direct").port == 2525);
  cr_expect(only(snapshot, "b").port == 25);
}

Test(config, rules_are_in_the_order_in_which_they_are_tried) {
  const Snapshot snapshot = configured(kSample);
  cr_assert(snapshot.routes.size() == 4);
  const auto want = std::to_array<std::pair<RouteLevel, const char*>>({
      {RouteLevel::account, "waypost.toml:38"},
      {RouteLevel::domain, "waypost.toml:35"},
      {RouteLevel::global, "waypost.toml:29"},
      {RouteLevel::global, "waypost.toml:42"},
  });
  for (std::size_t i = 0; i < want.size(); ++i) {
    cr_expect(snapshot.routes[i].level == want[i].first, "%zu", i);
    cr_expect(snapshot.routes[i].where == want[i].second, "%s", snapshot.routes[i].where.c_str());
  }
  cr_expect(snapshot.routes[0].key == "alice" && snapshot.routes[1].key == "example.org");
  cr_expect(snapshot.routes[0].after == FailureClasses{FailureClass::blocked});
  const RouteRule& full = snapshot.routes[2];
  cr_expect(full.to == std::vector<std::string>({".example.com"}) && full.attempt == 4);
  cr_expect(full.from == std::vector<std::string>({"example.org"}) && full.transport == "ses");
}

Test(config, accounts_and_domains_keep_the_file_s_order) {
  const Snapshot snapshot = configured("[[account.zoe.route]]\ntransport = \"direct\"\n"
                                       "[[account.\"smtp:al\".route]]\ntransport = \"direct\"\n"
                                       "[[account.zoe.route]]\ntransport = \"direct\"\n"
                                       "[[domain.\"z.example\".route]]\ntransport = \"direct\"\n"
                                       "[[domain.\"a.example\".route]]\ntransport = \"direct\"\n");
  cr_assert(snapshot.routes.size() == 5);
  const auto keys = std::to_array<const char*>({"zoe", "zoe", "smtp:al", "z.example", "a.example"});
  for (std::size_t i = 0; i < keys.size(); ++i)
    cr_expect(snapshot.routes[i].key == keys[i], "%zu %s", i, snapshot.routes[i].key.c_str());
}

Test(config, domains_are_brought_into_normal_form) {
  const Snapshot snapshot =
      configured("[[route]]\ntransport = \"direct\"\n"
                 "to = [\".B\xC3\xBC"
                 "cher.Example\", \"EXAMPLE.com.\", \"[IPv6:2001:DB8::1]\"]\n");
  const std::vector<std::string> want{".xn--bcher-kva.example", "example.com",
                                      "[ipv6:2001:db8::1]"};
  cr_expect(snapshot.routes[0].to == want);
}

Test(config, one_value_may_stand_for_a_list) {
  const Snapshot snapshot =
      configured("retry = \"1s\"\n[[route]]\ntransport = \"direct\"\nafter = \"blocked\"\n");
  cr_expect(snapshot.settings.retry_s == std::vector<std::uint64_t>({1}));
  cr_expect(snapshot.routes[0].after.has(FailureClass::blocked));
}

Test(config, no_waits_mean_one_attempt) {
  const Settings settings = configured("retry = []\n").settings;
  cr_expect(settings.retry_s.empty() && settings.expire_after_s == 0);
}

Test(config, a_half_of_queue_free_min_that_is_not_named_does_not_hold) {
  const auto rows = std::to_array<std::tuple<const char*, std::uint64_t, std::uint32_t>>({
      {"\"64MB\"", 64'000'000, 0},
      {"\"3%\"", 0, 3},
      {"[\"3%\", \"1MiB\"]", 1'048'576, 3},
      {"[\"1kB\", \"0%\"]", 1'000, 0},
      {"\"0B\"", 0, 0},
  });
  for (const auto& [text, bytes, percent] : rows) {
    const Settings settings = configured("queue_free_min = " + std::string(text)).settings;
    cr_expect(settings.queue_free_min_bytes == bytes, "%s", text);
    cr_expect(settings.queue_free_min_percent == percent, "%s", text);
  }
}

Test(config, sizes) {
  const auto rows = std::to_array<std::pair<const char*, std::uint64_t>>({
      {"0", 0},
      {"1048576", 1'048'576},
      {"\"512\"", 512},
      {"\"512B\"", 512},
      {"\"10kB\"", 10'000},
      {"\"100MB\"", 100'000'000},
      {"\"100 mb\"", 100'000'000},
      {"\"100MiB\"", 104'857'600},
      {"\"1GB\"", 1'000'000'000},
      {"\"1GiB\"", 1'073'741'824},
  });
  for (const auto& [text, bytes] : rows)
    cr_expect(configured("size_max = " + std::string(text)).settings.size_max == bytes, "%s", text);
}

Test(config, durations) {
  const auto rows = std::to_array<std::pair<const char*, std::uint64_t>>({
      {"1ms", 1},
      {"7m30s", 450'000},
      {"1d2h3m4s5ms", 93'784'005},
      {"90m", 5'400'000},
      {"0s", 0},
  });
  for (const auto& [text, milliseconds] : rows) {
    const auto parsed = parse_duration(text);
    cr_assert(parsed.has_value(), "%s", text);
    cr_expect(*parsed == milliseconds, "%s", text);
    cr_expect(parse_duration(duration_text(milliseconds)) == milliseconds, "%s", text);
  }
}

Test(config, rates) {
  const auto rows = std::to_array<std::tuple<const char*, std::uint32_t, std::uint32_t>>({
      {"100/m", 100, 60},
      {"1/s", 1, 1},
      {"5/10s", 5, 10},
      {"1000/d", 1000, 86'400},
      {"30/1h30m", 30, 5'400},
  });
  for (const auto& [text, messages, period] : rows) {
    const auto parsed = parse_rate(text);
    cr_assert(parsed.has_value(), "%s", text);
    cr_expect(parsed->messages == messages && parsed->period_s == period, "%s", text);
  }
}

Test(config, hosts_resolvers_and_proxies) {
  struct Row {
    Parsed<std::string> (*parse)(std::string_view);
    const char* text;
    const char* kept;
  };
  const auto rows = std::to_array<Row>({
      {parse_host, "Smtp.ISP.example", "smtp.isp.example"},
      {parse_host, "localhost", "localhost"},
      {parse_host, "192.0.2.1", "192.0.2.1"},
      {parse_host, "[192.0.2.1]", "192.0.2.1"},
      {parse_host, "2001:DB8:0::1", "2001:db8::1"},
      {parse_host, "[2001:db8::1]", "2001:db8::1"},
      {parse_resolver, "127.0.0.1", "127.0.0.1"},
      {parse_resolver, "127.0.0.1:5300", "127.0.0.1:5300"},
      {parse_resolver, "::1", "::1"},
      {parse_resolver, "[::1]:5300", "[::1]:5300"},
      {parse_host_and_port, "10.9.0.1:1080", "10.9.0.1:1080"},
      {parse_host_and_port, "[2001:db8::1]:1080", "[2001:db8::1]:1080"},
      {parse_host_and_port, "proxy.example:01080", "proxy.example:1080"},
      {parse_helo, "[192.0.2.1]", "[192.0.2.1]"},
      {parse_helo, "Out2.example.org", "out2.example.org"},
      {parse_spf_mechanism, "_SPF.Example.net", "include:_spf.example.net"},
      {parse_spf_mechanism,
       "Include:B\xC3\xBC"
       "cher.example",
       "include:xn--bcher-kva.example"},
      {parse_spf_mechanism, "a:smtp.isp.example", "a:smtp.isp.example"},
      {parse_spf_mechanism, "mx:isp.example", "mx:isp.example"},
      {parse_spf_mechanism, "192.0.2.0/24", "ip4:192.0.2.0/24"},
      {parse_spf_mechanism, "ip4:192.0.2.7", "ip4:192.0.2.7"},
      {parse_spf_mechanism, "2001:DB8:0::/32", "ip6:2001:db8::/32"},
      {parse_selector, "Mail2026._x", "mail2026._x"},
      {parse_null_sender, "<>", ""},
      {parse_null_sender, "bounces@example.org", "bounces@example.org"},
  });
  for (const Row& row : rows) {
    const auto parsed = row.parse(row.text);
    cr_assert(parsed.has_value(), "%s", row.text);
    cr_expect(*parsed == row.kept, "%s: %s", row.text, parsed->c_str());
  }
}

Test(config, every_key_has_a_name_of_its_own) {
  std::vector<std::string_view> all;
  for (const auto& names : {names_of(settings_keys()), names_of(transport_keys()),
                            names_of(domain_keys()), names_of(rule_keys())})
    all.insert(all.end(), names.begin(), names.end());
  std::ranges::sort(all);
  cr_expect(std::ranges::adjacent_find(all) == all.end());
}

Test(config, what_was_compiled_is_a_snapshot_that_reads_back) {
  Snapshot snapshot = configured(kSample);
  snapshot.settings.generation = 7;
  const auto back = decode_snapshot(encode_snapshot(snapshot));
  cr_assert(back.has_value());
  cr_expect(back->transports.size() == 7 && back->routes.size() == 4);
}

Test(config, a_file_may_have_windows_line_ends_and_a_byte_order_mark) {
  cr_expect(configured("\xEF\xBB\xBFsenders = 3\r\nhops_max = 4\r\n").settings.senders == 3);
}

} // namespace waypost::route
