// What the world sees of a transport: what the configuration says, or a public interface; no guess.
#include "spfcheck/own_address.h"

#include <array>
#include <criterion/criterion.h>

#include "spfcheck/special_purpose.h"

namespace waypost::spfcheck {
namespace {

std::vector<net::IpAddress> ips(std::initializer_list<const char*> texts) {
  std::vector<net::IpAddress> all;
  for (const char* text : texts)
    all.push_back(*net::IpAddress::parse(text));
  return all;
}

std::string listed(const Visible& seen) {
  std::string all;
  for (const net::IpAddress& one : seen.addresses)
    all += (all.empty() ? "" : " ") + one.text();
  return all;
}

struct Row {
  const char* what;
  Transport transport;
  std::vector<std::string> public_ips;
  std::vector<net::IpAddress> interfaces;
  const char* addresses;
  const char* unknown; // words of the one thing that is not known; "": all is
};

Transport of(TransportType type, FamilyPolicy family = FamilyPolicy::any) {
  Transport one;
  one.name = "t";
  one.type = type;
  one.family = family;
  return one;
}

Transport direct_from(std::vector<std::string> source) {
  Transport one = of(TransportType::direct);
  one.source = std::move(source);
  return one;
}

Transport proxy_with(std::vector<std::string> remote_ips, FamilyPolicy family = FamilyPolicy::any) {
  Transport one = of(TransportType::socks, family);
  one.remote_ips = std::move(remote_ips);
  return one;
}

Transport with_spf(Transport one, const char* mechanism) {
  one.spf = {mechanism};
  return one;
}

void expect_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Settings settings;
    settings.public_ips = row.public_ips;
    const Visible seen = visible(settings, row.transport, row.interfaces);
    cr_expect(listed(seen) == row.addresses, "%s: wanted %s, got %s", row.what, row.addresses,
              listed(seen).c_str());
    const std::string unknown = seen.unknown.empty() ? "" : seen.unknown[0];
    const bool said = *row.unknown == '\0' ? unknown.empty() : unknown.contains(row.unknown);
    cr_expect(said && seen.unknown.size() <= 1, "%s: %s", row.what, unknown.c_str());
  }
}

} // namespace

Test(own_address, of_this_machine) {
  using enum TransportType;
  expect_rows({
      {"a public interface", of(direct), {}, ips({"127.0.0.1", "8.8.4.4"}), "8.8.4.4", ""},
      {"several",
       of(direct),
       {},
       ips({"8.8.4.4", "8.8.8.8", "2600::1"}),
       "8.8.4.4 8.8.8.8 2600::1",
       ""},
      {"NAT",
       of(direct),
       {},
       ips({"127.0.0.1", "192.168.1.5", "fe80::1"}),
       "",
       "only 192.168.1.5; set public_ips"},
      {"a carrier's NAT", of(direct), {}, ips({"100.64.0.7"}), "", "only 100.64.0.7"},
      {"NAT, said", of(direct), {"8.8.4.4"}, ips({"192.168.1.5"}), "8.8.4.4", ""},
      {"public_ips go before interfaces", of(direct), {"8.8.4.4"}, ips({"8.8.8.8"}), "8.8.4.4", ""},
      {"of the family that they are of",
       of(direct),
       {"8.8.4.4"},
       ips({"8.8.8.8", "2600::1"}),
       "8.8.4.4 2600::1",
       ""},
      {"NAT beside public IPv6",
       of(direct),
       {},
       ips({"192.168.1.5", "2600::1"}),
       "2600::1",
       "public IPv4 address"},
      {"a family that is not used",
       of(direct, FamilyPolicy::ipv6),
       {},
       ips({"192.168.1.5", "2600::1"}),
       "2600::1",
       ""},
      {"unique local addresses beside it",
       of(direct),
       {},
       ips({"8.8.4.4", "fd00::1"}),
       "8.8.4.4",
       ""},
      {"nothing but them",
       of(direct, FamilyPolicy::ipv6),
       {},
       ips({"fd00::1"}),
       "",
       "public IPv6 address"},
      {"no network", of(direct), {}, ips({"127.0.0.1", "::1"}), "", "no interface has one"},
      {"private public_ips",
       of(direct),
       {"10.0.0.1"},
       ips({"8.8.8.8"}),
       "8.8.8.8",
       "10.0.0.1 in public_ips is no public address (private use"},
      {"addresses of documentation", of(direct), {"203.0.113.9"}, {}, "203.0.113.9", ""},
  });
}

Test(own_address, source_goes_before_the_systems_choice) {
  expect_rows({
      {"public", direct_from({"8.8.4.4"}), {}, ips({"8.8.8.8", "2600::1"}), "8.8.4.4", ""},
      {"the first of a family",
       direct_from({"8.8.4.4", "8.8.8.8", "2600::1"}),
       {},
       {},
       "8.8.4.4 2600::1",
       ""},
      {"private", direct_from({"10.0.0.5"}), {}, ips({"8.8.8.8"}), "", "only 10.0.0.5"},
      {"private, said", direct_from({"10.0.0.5"}), {"8.8.4.4"}, ips({"8.8.8.8"}), "8.8.4.4", ""},
  });
}

Test(own_address, of_a_proxy) {
  expect_rows({
      {"as said",
       proxy_with({"203.0.113.9", "2001:db8::9"}),
       {"8.8.4.4"},
       ips({"8.8.8.8"}),
       "203.0.113.9 2001:db8::9",
       ""},
      {"one family",
       proxy_with({"203.0.113.9", "2001:db8::9"}, FamilyPolicy::ipv4),
       {},
       {},
       "203.0.113.9",
       ""},
      {"not said", proxy_with({}), {"8.8.4.4"}, ips({"8.8.8.8"}), "", "set remote_ips"},
      {"private", proxy_with({"10.9.0.1"}), {}, {}, "", "is no public address"},
  });
  Transport resolving = proxy_with({"203.0.113.9", "2001:db8::9"}, FamilyPolicy::ipv4);
  resolving.resolve_by_proxy = true;
  expect_rows({{"the proxy chooses", resolving, {}, {}, "203.0.113.9 2001:db8::9", ""}});
}

Test(own_address, of_a_smarthost) {
  using enum TransportType;
  for (const TransportType type : {smtp, submission, submissions}) {
    expect_rows({{"nothing said", of(type), {"8.8.4.4"}, ips({"8.8.8.8"}), "", "cannot be checked"},
                 {"said", with_spf(of(type), "include:a.test"), {"8.8.4.4"}, {}, "", ""}});
  }
  const Visible seen = visible(Settings(), with_spf(of(smtp), "include:a.test"), {});
  cr_expect(seen.mechanisms == std::vector<std::string>{"include:a.test"});
}

// A pool behind NAT that a provider describes.
Test(own_address, a_transport_that_has_spf_needs_no_address) {
  expect_rows({{"direct",
                with_spf(of(TransportType::direct), "a:nat.test"),
                {},
                ips({"192.168.1.5"}),
                "",
                ""},
               {"socks", with_spf(proxy_with({}), "a:nat.test"), {}, {}, "", ""}});
}

Test(own_address, special_purpose_addresses_are_not_public) {
  for (const char* text : {"0.1.2.3",      "10.1.2.3",        "100.64.0.1",   "100.127.255.255",
                           "127.0.0.1",    "169.254.1.1",     "172.16.0.1",   "172.31.255.255",
                           "192.0.0.1",    "192.0.2.1",       "192.88.99.1",  "192.168.255.255",
                           "198.18.0.1",   "198.19.255.255",  "198.51.100.7", "203.0.113.7",
                           "224.0.0.1",    "255.255.255.255", "::",           "::1",
                           "64:ff9b:1::1", "100::1",          "2001:db8::1",  "2001:2::1",
                           "2002::1",      "3fff::1",         "5f00::1",      "fc00::1",
                           "fd12::1",      "fe80::1",         "ff02::1"})
    cr_expect(!is_public(*net::IpAddress::parse(text)), "%s", text);
  for (const char* text :
       {"1.1.1.1", "9.255.255.255", "100.63.255.255", "100.128.0.1", "172.15.1.1", "172.32.0.1",
        "192.0.1.1", "198.20.0.1", "223.255.255.255", "2001:4860::1", "2600::1", "2a00::1"})
    cr_expect(is_public(*net::IpAddress::parse(text)), "%s", text);
}

} // namespace waypost::spfcheck
