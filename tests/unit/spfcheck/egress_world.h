// A configuration and a zone for tests of the egress check.
#pragma once

#include <criterion/criterion.h>
#include <string>

#include "spfcheck/egress_check.h"
#include "spfcheck/zone.h"

namespace waypost::spfcheck {

inline net::IpAddress ip(const char* text) {
  return *net::IpAddress::parse(text);
}

// home.test sends directly from 198.51.100.1, which is all in order, and nothing else.
struct EgressWorld {
  Snapshot snapshot;
  Zone zone;
  std::vector<net::IpAddress> interfaces{ip("10.0.0.5")};

  // `record`: home.test's SPF record; null: none.
  explicit EgressWorld(const char* record = "v=spf1 ip4:198.51.100.1 -all") {
    snapshot.settings.hostname = "out.home.test";
    snapshot.settings.public_ips = {"198.51.100.1"};
    add_transport("direct", TransportType::direct);
    if (record != nullptr) zone.add_text("home.test", record);
    zone.add_mx("home.test", 10, "mail.home.test");
    zone.add_text("_dmarc.home.test", "v=DMARC1; p=none");
    add_host("198.51.100.1", "out.home.test");
    zone.add_text("out.home.test", "v=spf1 a -all");
  }

  Transport& add_transport(const char* name, TransportType type) {
    Transport one;
    one.name = name;
    one.type = type;
    one.helo = "out.home.test";
    snapshot.transports.push_back(one);
    return snapshot.transports.back();
  }

  // An address and a name that lead to each other.
  void add_host(const char* address, const char* name) {
    zone.add_address(name, ip(address));
    zone.add_ptr(reverse_name(ip(address)), name);
  }

  RouteRule& add_route(const char* transport) {
    RouteRule rule;
    rule.where = "waypost.toml:" + std::to_string(41 + snapshot.routes.size());
    rule.transport = transport;
    snapshot.routes.push_back(rule);
    return snapshot.routes.back();
  }

  // A proxy behind a rule for what was blocked.
  Transport& add_proxy(const char* remote_ip) {
    add_route("proxy").after = {FailureClass::blocked};
    Transport& proxy = add_transport("proxy", TransportType::socks);
    proxy.remote_ips = {remote_ip};
    return proxy;
  }

  EgressReport check(std::vector<std::string> domains = {"home.test"}) {
    net::Task<EgressReport> task = check_egress(zone, {snapshot, std::move(domains), interfaces});
    task.start();
    cr_assert(task.done());
    return task.take();
  }
};

inline std::string all_of(const std::vector<Finding>& findings) {
  std::string all;
  for (const Finding& one : findings)
    all += std::string("\n  ") + name_of(one.severity) + " " + one.check + " " + one.transport +
           " " + one.subject + ": " + one.text;
  return all;
}

// There is a finding of this check and severity whose text holds these words.
inline void expect_finding(const std::vector<Finding>& findings, const char* check,
                           Severity severity, const char* words) {
  for (const Finding& one : findings) {
    if (one.check == check && one.severity == severity && one.text.contains(words)) return;
  }
  cr_expect(false, "no %s %s with %s in%s", name_of(severity), check, words,
            all_of(findings).c_str());
}

inline void expect_none_above(const std::vector<Finding>& findings, Severity most) {
  for (const Finding& one : findings)
    cr_expect(one.severity <= most, "%s: %s: %s", one.check.c_str(), name_of(one.severity),
              one.text.c_str());
}

} // namespace waypost::spfcheck
