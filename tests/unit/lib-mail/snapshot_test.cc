#include "lib/mail/snapshot.h"

#include <array>
#include <criterion/criterion.h>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include "lib/sys/crc32c.h"
#include "lib/sys/netstring.h"

namespace waypost {
namespace {

// Every field differs from its default, so that one that is left out of either list is seen.
Transport full_transport() {
  Transport one;
  one.name = "ses";
  one.type = TransportType::submission;
  one.helo = "out.example.org";
  one.source = {"192.0.2.7", "2001:db8::7"};
  one.family = FamilyPolicy::prefer_ipv6;
  one.tls = TlsPolicy::verified;
  one.ca = "/etc/ca.pem";
  one.pin = {"sha256//AAAA", "sha256//BBBB"};
  one.client_cert = "/etc/cert.pem";
  one.client_key = "/etc/key.pem";
  one.connections = 3;
  one.recipients_per_message = 7;
  one.messages_per_connection = 9;
  one.rate = 100;
  one.rate_period_s = 60;
  one.local_hosts = true;
  one.null_sender = "bounces@example.org";
  one.dkim = false;
  one.spf = {"include:_spf.example.net", "ip4:192.0.2.0/24"};
  one.timeouts = {1, 2, 3, 4, 5};
  one.host = "smtp.example.net";
  one.port = 587;
  one.user = "AKIA";
  one.credential = "ses-credential";
  one.mechanisms = {"SCRAM-SHA-256", "PLAIN"};
  one.cleartext_auth = true;
  one.proxy = "10.9.0.1:1080";
  one.resolve_by_proxy = true;
  one.remote_ips = {"203.0.113.9"};
  one.code = 551;
  one.text = "not = here\nat all";
  return one;
}

Settings full_settings() {
  Settings settings;
  settings.generation = 1'700'000'000'000'000;
  settings.source = "/etc/waypost/waypost.toml";
  settings.hostname = "mail.example.org";
  settings.postmaster = "postmaster@example.org";
  settings.retry_s = {1, 2, 3};
  settings.delay_notice_after_s = 5;
  settings.expire_after_s = 6;
  settings.resolvers = {"127.0.0.53", "[::1]:5300"};
  settings.senders = 8;
  settings.size_max = 1000;
  settings.queue_free_min_bytes = 2000;
  settings.queue_free_min_percent = 3;
  settings.hops_max = 4;
  settings.remove_sync_batch = true;
  settings.public_ips = {"198.51.100.1"};
  return settings;
}

RouteRule rule(RouteLevel level, std::string key, std::string transport) {
  RouteRule one;
  one.level = level;
  one.key = std::move(key);
  one.where = "waypost.toml:41";
  one.from = {"example.org"};
  one.to = {".example.com", "example.net", "[192.0.2.1]"};
  one.attempt = 4;
  one.after = {FailureClass::blocked, FailureClass::tls};
  one.transport = std::move(transport);
  return one;
}

Snapshot full_snapshot() {
  Snapshot snapshot;
  snapshot.settings = full_settings();
  Transport direct;
  direct.name = "direct";
  snapshot.transports = {direct, full_transport()};
  snapshot.domains = {{"a.example", {"one", "two.three"}, {}}, {"b.example", {}, {"own"}}};
  snapshot.routes = {rule(RouteLevel::account, "alice", "ses"),
                     rule(RouteLevel::domain, "example.org", "direct"),
                     rule(RouteLevel::global, "", "ses")};
  return snapshot;
}

// A file's end as encode_snapshot() writes it, around records of the test's own.
std::string sealed(std::initializer_list<Record> records) {
  std::string out;
  for (const Record& one : records)
    append_netstring(out, one.encode());
  Record end;
  end.add("type", "end").add_number("checksum", crc32c(out));
  append_netstring(out, end.encode());
  return out;
}

Record settings_record() {
  return to_record(full_settings());
}

Record direct_record() {
  Record record;
  return std::move(record.add("type", "transport").add("name", "direct"));
}

Record with(Record record, std::string_view key, std::string_view value) {
  return std::move(record.add(key, value));
}

struct TemporaryFile {
  explicit TemporaryFile(std::string_view bytes) {
    const int fd = ::mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    ::close(fd);
  }
  ~TemporaryFile() { ::unlink(path); }
  char path[32] = "/tmp/snapshot_test.XXXXXX";
};

void expect_same(const Settings& a, const Settings& b) {
  cr_expect(a.generation == b.generation);
  cr_expect(a.source == b.source);
  cr_expect(a.hostname == b.hostname);
  cr_expect(a.postmaster == b.postmaster);
  cr_expect(a.retry_s == b.retry_s);
  cr_expect(a.delay_notice_after_s == b.delay_notice_after_s);
  cr_expect(a.expire_after_s == b.expire_after_s);
  cr_expect(a.resolvers == b.resolvers);
  cr_expect(a.senders == b.senders);
  cr_expect(a.size_max == b.size_max);
  cr_expect(a.queue_free_min_bytes == b.queue_free_min_bytes);
  cr_expect(a.queue_free_min_percent == b.queue_free_min_percent);
  cr_expect(a.hops_max == b.hops_max);
  cr_expect(a.remove_sync_batch == b.remove_sync_batch);
  cr_expect(a.public_ips == b.public_ips);
}

} // namespace

Test(snapshot, settings_come_back_as_they_went) {
  const auto back = settings_of(to_record(full_settings()));
  cr_assert(back.has_value());
  expect_same(*back, full_settings());
}

Test(snapshot, a_transport_comes_back_as_it_went) {
  const Transport want = full_transport();
  const auto back = transport_of(to_record(want));
  cr_assert(back.has_value());
  const Transport& got = *back;
  cr_expect(got.name == want.name && got.type == want.type && got.helo == want.helo);
  cr_expect(got.source == want.source && got.family == want.family && got.tls == want.tls);
  cr_expect(got.ca == want.ca && got.pin == want.pin);
  cr_expect(got.client_cert == want.client_cert && got.client_key == want.client_key);
  cr_expect(got.connections == want.connections);
  cr_expect(got.recipients_per_message == want.recipients_per_message);
  cr_expect(got.messages_per_connection == want.messages_per_connection);
  cr_expect(got.rate == want.rate && got.rate_period_s == want.rate_period_s);
  cr_expect(got.local_hosts == want.local_hosts && got.null_sender == want.null_sender);
  cr_expect(got.dkim == want.dkim && got.spf == want.spf);
  cr_expect(got.timeouts.connect_ms == 1 && got.timeouts.greeting_ms == 2);
  cr_expect(got.timeouts.command_ms == 3 && got.timeouts.data_ms == 4);
  cr_expect(got.timeouts.final_ms == 5);
  cr_expect(got.host == want.host && got.port == want.port && got.user == want.user);
  cr_expect(got.credential == want.credential && got.mechanisms == want.mechanisms);
  cr_expect(got.cleartext_auth == want.cleartext_auth && got.proxy == want.proxy);
  cr_expect(got.resolve_by_proxy == want.resolve_by_proxy);
  cr_expect(got.remote_ips == want.remote_ips);
  cr_expect(got.code == want.code && got.text == want.text);
}

Test(snapshot, domains_come_back) {
  const auto back = decode_snapshot(encode_snapshot(full_snapshot()));
  cr_assert(back.has_value());
  cr_assert(back->domains.size() == 2);
  const std::vector<std::string> selectors{"one", "two.three"};
  cr_expect(back->domains[0].name == "a.example" && back->domains[0].dkim_selectors == selectors);
  cr_expect(back->domains[1].name == "b.example" && back->domains[1].dkim_selectors.empty());
  cr_expect(back->domains[1].dkim_sign == std::vector<std::string>({"own"}));
}

Test(snapshot, rules_come_back_in_their_order) {
  const auto back = decode_snapshot(encode_snapshot(full_snapshot()));
  cr_assert(back.has_value());
  cr_assert(back->routes.size() == 3);
  cr_expect(back->routes[0].level == RouteLevel::account && back->routes[0].key == "alice");
  cr_expect(back->routes[1].level == RouteLevel::domain && back->routes[1].key == "example.org");
  cr_expect(back->routes[2].level == RouteLevel::global && back->routes[2].key.empty());
  const RouteRule want = rule(RouteLevel::global, "", "ses");
  const RouteRule& got = back->routes[2];
  cr_expect(got.where == want.where && got.from == want.from && got.to == want.to);
  cr_expect(got.attempt == 4 && got.after == want.after && got.transport == "ses");
  cr_expect(back->transport("ses") == &back->transports[1]);
  cr_expect(back->transport("sess") == nullptr);
}

Test(snapshot, every_damaged_byte_and_every_shortened_file_is_refused) {
  const std::string whole = encode_snapshot(full_snapshot());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    cr_expect(!decode_snapshot(std::string_view(whole).substr(0, i)), "cut at %zu", i);
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    cr_expect(!decode_snapshot(damaged), "byte %zu", i);
  }
  cr_expect(!decode_snapshot(whole + "x"));
}

Test(snapshot, what_a_reader_relies_on_is_checked) {
  const auto cases = std::to_array<std::pair<const char*, std::string>>({
      {"empty file", ""},
      {"no settings", sealed({direct_record()})},
      {"nothing but an end", sealed({})},
      {"settings twice", sealed({settings_record(), settings_record(), direct_record()})},
      {"no generation",
       sealed({with(with(Record(), "type", "settings"), "hostname", "a"), direct_record()})},
      {"no direct", sealed({settings_record(), to_record(full_transport())})},
      {"a transport twice", sealed({settings_record(), direct_record(), direct_record()})},
      {"unknown record", sealed({settings_record(), with(Record(), "type", "x"), direct_record()})},
      {"unknown type of transport",
       sealed({settings_record(), with(direct_record(), "kind", "pigeon")})},
      {"unknown tls", sealed({settings_record(), with(direct_record(), "tls", "yes")})},
      {"no connection at all",
       sealed({settings_record(), with(direct_record(), "connections", "0")})},
      {"port above 65535", sealed({settings_record(), with(direct_record(), "port", "65536")})},
      {"number that is none", sealed({settings_record(), with(direct_record(), "rate", "1e3")})},
      {"switch that is neither",
       sealed({settings_record(), with(direct_record(), "local_hosts", "2")})},
      {"rule to nowhere",
       sealed({settings_record(), direct_record(),
               with(with(with(Record(), "type", "route"), "level", "global"), "where", "f:1")})},
      {"a domain without a name",
       sealed({settings_record(), direct_record(), with(Record(), "type", "domain")})},
      {"global rule with a key",
       sealed({settings_record(), direct_record(),
               with(with(with(with(with(Record(), "type", "route"), "level", "global"), "key", "a"),
                         "where", "f:1"),
                    "transport", "direct")})},
      {"bad class", sealed({settings_record(), direct_record(),
                            with(with(with(with(with(Record(), "type", "route"), "level", "global"),
                                           "after", "tired"),
                                      "where", "f:1"),
                                 "transport", "direct")})},
  });
  for (const auto& [what, bytes] : cases)
    cr_expect(!decode_snapshot(bytes), "%s", what);
  cr_expect(decode_snapshot(sealed({settings_record(), direct_record()})).has_value());
}

Test(snapshot, rules_out_of_order_are_refused) {
  Snapshot snapshot = full_snapshot();
  std::swap(snapshot.routes[0], snapshot.routes[2]);
  cr_expect(!decode_snapshot(encode_snapshot(snapshot)));
}

Test(snapshot, a_missing_file_is_an_error_with_errno) {
  const auto missing = read_snapshot("/nonexistent/snapshot");
  cr_assert(!missing.has_value());
  cr_expect(missing.error().code == ENOENT);
}

Test(snapshot, a_file_is_read_whole) {
  Snapshot snapshot = full_snapshot();
  for (int i = 0; i < 3000; ++i)
    snapshot.routes.push_back(rule(RouteLevel::global, "", "ses"));
  const TemporaryFile file(encode_snapshot(snapshot));
  const auto back = read_snapshot(file.path);
  cr_assert(back.has_value());
  cr_expect(back->routes.size() == 3003);
}

Test(snapshot, settings_alone_are_read_from_the_first_bytes) {
  const TemporaryFile file(encode_snapshot(full_snapshot()));
  expect_same(read_settings(file.path), full_settings());
}

Test(snapshot, without_a_usable_snapshot_settings_are_the_defaults) {
  const TemporaryFile damaged("12:hello");
  for (const std::string path : {"/nonexistent/snapshot", "/", damaged.path}) {
    const Settings settings = read_settings(path);
    cr_expect(settings.generation == 0, "%s", path.c_str());
    cr_expect(settings.hostname == system_hostname());
    cr_expect(settings.postmaster == "postmaster@" + system_hostname());
    cr_expect(settings.retry_s.size() == 11);
    cr_expect(settings.expire_after_s == 373'950, "%llu",
              static_cast<unsigned long long>(settings.expire_after_s));
    cr_expect(settings.size_max == 100'000'000 && settings.hops_max == 50);
  }
}

Test(snapshot, the_host_has_a_name) {
  const std::string name = system_hostname();
  cr_expect(!name.empty());
  cr_expect(name.find_first_of(" \t\r\n") == std::string::npos);
}

Test(snapshot, names_of_enumerations_are_read_back) {
  for (const char* word : {"direct", "smtp", "submission", "submissions", "socks", "fail"}) {
    const auto type = parse_transport_type(word);
    cr_assert(type.has_value(), "%s", word);
    cr_expect(name(*type) == word);
  }
  for (const char* word : {"off", "opportunistic", "required", "verified"}) {
    const auto policy = parse_tls_policy(word);
    cr_assert(policy.has_value(), "%s", word);
    cr_expect(name(*policy) == word);
  }
  for (const char* word : {"any", "ipv4", "ipv6", "prefer-ipv4", "prefer-ipv6"}) {
    const auto family = parse_family_policy(word);
    cr_assert(family.has_value(), "%s", word);
    cr_expect(name(*family) == word);
  }
  cr_expect(!parse_transport_type("Direct") && !parse_tls_policy("") && !parse_family_policy("v4"));
}

} // namespace waypost
