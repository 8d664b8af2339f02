// What `waypost-config show` prints: values, origins, and that it means the same as the file.
#include "route/effective.h"

#include <algorithm>
#include <array>
#include <criterion/criterion.h>

namespace waypost::route {
namespace {

constexpr const char* kFile = R"(hostname = "mail.example.org"
retry = ["1h", "90m", "3d"]
size_max = "20MiB"
queue_free_min = "7%"
[defaults]
connections = 7
port = 26
proxy = "10.9.0.1:1080"
[transport.relay]
type = "smtp"
host = "2001:db8::1"
rate = "100/m"
null_sender = "bounces@example.org"
[transport.ses]
type = "submission"
host = "smtp.example.net"
port = 2525
user = "u\"ser"
credential = "ses"
mechanisms = ["scram-sha-256", "PLAIN"]
tls = "required"
[transport.locked]
type = "submissions"
host = "smtp.example.net"
[transport.socks]
type = "socks"
remote_ips = ["203.0.113.9"]
resolve = "proxy"
[transport.no]
type = "fail"
text = "go \\ away"
[[account."smtp:a b".route]]
after = ["blocked", "rate"]
transport = "socks"
[domain."Bücher.example"]
dkim_selectors = ["one", "two"]
[[domain."Bücher.example".route]]
to = [".example.com"]
transport = "ses"
[[route]]
from = ["a.example"]
attempt = 4
transport = "relay"
)";

Configuration configuration(std::string_view text) {
  auto all = read_configuration(text, "/etc/waypost/waypost.toml");
  cr_assert(all.has_value(), "%s", all.error()[0].text.c_str());
  return std::move(*all);
}

std::string line_with(const std::string& text, const std::string& begin) {
  const std::size_t at = ("\n" + text).find("\n" + begin);
  cr_assert(at != std::string::npos, "no line %s in\n%s", begin.c_str(), text.c_str());
  return text.substr(at, text.find('\n', at) - at);
}

// From the table's line on.
std::string table(const std::string& text, const std::string& header) {
  const std::size_t at = text.find(header);
  cr_assert(at != std::string::npos, "no %s in\n%s", header.c_str(), text.c_str());
  return text.substr(at, text.find("\n\n", at) - at);
}

void expect_line(const std::string& text, const char* begin, const char* value,
                 const char* origin) {
  const std::string line = line_with(text, begin);
  cr_expect(line.starts_with(std::string(begin) + value) &&
                line.ends_with(std::string("  # ") + origin),
            "wanted %s%s # %s, got %s", begin, value, origin, line.c_str());
}

} // namespace

Test(effective, settings_say_where_they_come_from) {
  const std::string text =
      effective_text(effective(configuration(kFile)), "/etc/waypost/waypost.toml");
  expect_line(text, "hostname = ", "\"mail.example.org\"", "waypost.toml:1");
  expect_line(text, "postmaster = ", "\"postmaster@mail.example.org\"",
              "default: postmaster@ the hostname");
  expect_line(text, "retry = ", R"(["1h", "1h30m", "3d"])", "waypost.toml:2");
  expect_line(text, "expire_after = ", "\"3d2h30m\"", "default: the sum of retry");
  expect_line(text, "delay_notice_after = ", "\"4h\"", "default");
  expect_line(text, "size_max = ", "\"20MiB\"", "waypost.toml:3");
  expect_line(text, "queue_free_min = ", R"(["7%", "0B"])", "waypost.toml:4");
  expect_line(text, "remove_sync = ", "\"off\"", "default");
  cr_expect(line_with(text, "# resolver") ==
            "# resolver is not set; default: those of /etc/resolv.conf");
}

Test(effective, a_transports_keys_come_from_it_from_defaults_from_its_type_or_are_standard) {
  const std::string text =
      effective_text(effective(configuration(kFile)), "/etc/waypost/waypost.toml");
  const std::string relay = table(text, "[transport.\"relay\"]");
  expect_line(relay, "type = ", "\"smtp\"", "waypost.toml:10");
  expect_line(relay, "host = ", "\"2001:db8::1\"", "waypost.toml:11");
  expect_line(relay, "connections = ", "7", "[defaults] at waypost.toml:6");
  expect_line(relay, "port = ", "26", "[defaults] at waypost.toml:7");
  expect_line(relay, "tls = ", "\"opportunistic\"", "default");
  expect_line(relay, "rate = ", "\"100/m\"", "waypost.toml:12");
  expect_line(relay, "helo = ", "\"mail.example.org\"", "default: hostname");
  expect_line(relay, "timeout_final = ", "\"10m\"", "default");
  cr_expect(relay.find("proxy") == std::string::npos, "no key of another type");
  const std::string ses = table(text, "[transport.\"ses\"]");
  expect_line(ses, "port = ", "2525", "waypost.toml:17");
  expect_line(ses, "tls = ", "\"required\"", "waypost.toml:21");
  expect_line(ses, "user = ", R"("u\"ser")", "waypost.toml:18");
  expect_line(ses, "mechanisms = ", R"(["SCRAM-SHA-256", "PLAIN"])", "waypost.toml:20");
  const std::string locked = table(text, "[transport.\"locked\"]");
  expect_line(locked, "tls = ", "\"verified\"", "built in to type submissions");
  const std::string socks = table(text, "[transport.\"socks\"]");
  expect_line(socks, "proxy = ", "\"10.9.0.1:1080\"", "[defaults] at waypost.toml:8");
  expect_line(table(text, "[transport.\"direct\"]"), "type = ", "\"direct\"", "default");
}

Test(effective, a_types_own_default_is_built_in) {
  const std::string text =
      effective_text(effective(configuration("[transport.a]\ntype = \"submissions\"\nhost = \"h\"\n"
                                             "[transport.b]\ntype = \"fail\"\n")),
                     "waypost.toml");
  expect_line(table(text, "[transport.\"a\"]"), "port = ", "465", "built in to type submissions");
  expect_line(table(text, "[transport.\"b\"]"), "text = ", "\"mail for", "built in to type fail");
}

Test(effective, rules_stand_in_the_order_in_which_they_are_tried) {
  const std::string text =
      effective_text(effective(configuration(kFile)), "/etc/waypost/waypost.toml");
  const std::size_t account = text.find("[[account.\"smtp:a b\".route]]");
  const std::size_t domain = text.find("[[domain.\"xn--bcher-kva.example\".route]]");
  const std::size_t global = text.find("[[route]]");
  cr_expect(account < domain && domain < global && global != std::string::npos);
  const std::size_t table = text.find("[domain.\"xn--bcher-kva.example\"]");
  cr_expect(account < table && table < domain);
  expect_line(text, "dkim_selectors = ", R"(["one", "two"])", "waypost.toml:36");
  expect_line(text, "after = ", R"(["blocked", "rate"])", "waypost.toml:33");
}

// Rules keep their order; `where` speaks of another file.
Test(effective, what_it_prints_is_a_file_that_means_the_same) {
  // The rules of domains go in the order in which the domains are first named.
  constexpr const char* kDomains = "[domain.\"b.example\"]\ndkim_selectors = \"b\"\n"
                                   "[[domain.\"c.example\".route]]\ntransport = \"direct\"\n"
                                   "[[domain.\"b.example\".route]]\ntransport = \"direct\"\n"
                                   "[domain.\"a.example\"]\ndkim_selectors = \"a\"\n";
  for (const char* text :
       {kFile, kDomains, "", "retry = []\n", "size_max = 0\nremove_sync = \"batch\"\n"}) {
    const Configuration first = configuration(text);
    const Configuration again = configuration(effective_text(effective(first), "waypost.toml"));
    Snapshot one = first.snapshot;
    Snapshot two = again.snapshot;
    cr_assert(one.routes.size() == two.routes.size());
    for (std::size_t i = 0; i < one.routes.size(); ++i)
      two.routes[i].where = one.routes[i].where;
    cr_expect(encode_snapshot(one) == encode_snapshot(two), "%s\n%s", text,
              effective_text(effective(first), "waypost.toml").c_str());
  }
}

Test(effective, as_json_an_object_a_key) {
  const std::string json =
      effective_json(effective(configuration(kFile)), "/etc/waypost/waypost.toml");
  for (
      const char* wanted :
      {R"({"section":"domain","domain":"xn--bcher-kva.example","key":"dkim_selectors",)"
       R"("value":["one", "two"],"origin":"file",)",
       R"({"section":"file","key":"hostname","value":"mail.example.org","origin":"file",)"
       R"("default":"/etc/mailname, else the system's name","file":"/etc/waypost/waypost.toml","line":1})",
       R"({"section":"file","key":"resolver","value":null,"origin":"default",)",
       R"({"section":"transport","transport":"relay","key":"connections","value":7,"origin":"defaults",)",
       R"({"section":"transport","transport":"locked","key":"tls","value":"verified","origin":"type",)",
       R"({"section":"transport","transport":"direct","key":"dkim","value":true,"origin":"default",)",
       R"({"section":"route","table":"[[route]]","rule":"waypost.toml:40","key":"attempt","value":4,)"})
    cr_expect(json.find(wanted) != std::string::npos, "no %s in\n%s", wanted, json.c_str());
}

Test(effective, without_a_file_everything_is_a_default) {
  const std::string text = effective_text(effective(default_configuration()), "");
  cr_expect(text.starts_with("# The defaults: there is no waypost.toml."));
  cr_expect(text.find("[transport.\"direct\"]") != std::string::npos);
  cr_expect(text.find(" # waypost.toml") == std::string::npos);
}

} // namespace waypost::route
