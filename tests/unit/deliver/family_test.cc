// IPv4 and IPv6: which family an attempt begins with, and what a transport that may use only one
// makes of a domain that has only the other.

#include <criterion/criterion.h>

#include "deliver/attempt.h"
#include "queue/spool/progress.h"
#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/dns_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

std::vector<JobResult> attempt(DnsServer& dns, FamilyPolicy family, const std::string& domain,
                               TransportType type = TransportType::direct) {
  Transport transport = smarthost(1);
  transport.name = "office";
  transport.type = type;
  transport.host = type == TransportType::direct ? "" : domain;
  transport.local_hosts = true;
  transport.family = family;
  Settings settings;
  settings.hostname = "me.test";
  settings.resolvers = {dns.address()};
  Delivery delivery(transport, domain, settings);
  delivery.give(job_for({}), Letter().text);
  return delivery.results();
}

deliver::HostList both_families() {
  deliver::HostList hosts;
  hosts.addresses = {{"mx.test", *net::IpAddress::parse("2001:db8::1"), 10, 25},
                     {"mx.test", *net::IpAddress::parse("192.0.2.1"), 10, 25}};
  return hosts;
}

// An attempt in which the first `failing` addresses cannot be connected to; the next one answers
// with 451. Which family it began with, and what the history says of it.
struct Tried {
  std::string began;
  Transaction transaction;
};
Tried try_once(const std::string& avoid, int failing, FamilyPolicy family) {
  Job job = job_for({});
  job.avoid = avoid;
  deliver::Attempt attempt(job);
  attempt.set_hosts(both_families(), family);
  Tried tried;
  for (int i = 0;; ++i) {
    const auto host = attempt.next_host();
    if (!host) break;
    if (i == 0) tried.began = host->address.v6() ? "ipv6" : "ipv4";
    deliver::HostFailure failure;
    failure.outcome = deliver::connect_failure("connection refused");
    if (i < failing) {
      attempt.host_failed(*host, failure);
      continue;
    }
    deliver::Verdicts verdicts;
    verdicts.settled.push_back(
        {0, deliver::reply_outcome(deliver::Stage::rcpt, {451, "later", {}})});
    tried.transaction = attempt.result(verdicts, *host, "").transaction;
    return tried;
  }
  tried.transaction = attempt.give_up(attempt.last_word(true)).transaction;
  return tried;
}

} // namespace

// What an attempt tells the history decides with which family the next one begins.
Test(family, attempts_that_reach_nobody_begin_with_each_in_turn) {
  struct Row {
    const char* what;
    FamilyPolicy family;
    std::vector<int> failing; // addresses that fail in each attempt
    std::vector<std::string> began;
  };
  const std::vector<Row> rows = {
      {"both dead", FamilyPolicy::any, {2, 2, 2, 2}, {"ipv6", "ipv4", "ipv6", "ipv4"}},
      {"both dead, IPv4 preferred", FamilyPolicy::prefer_ipv4, {2, 2, 2}, {"ipv4", "ipv6", "ipv4"}},
      {"the first refuses", FamilyPolicy::any, {0, 0, 0}, {"ipv6", "ipv4", "ipv6"}},
      {"IPv4 refuses behind a dead IPv6", FamilyPolicy::any, {1, 1}, {"ipv6", "ipv6"}},
  };
  for (const Row& row : rows) {
    queue::RecipientProgress progress;
    for (std::size_t i = 0; i < row.failing.size(); ++i) {
      const Tried tried = try_once(progress.avoid(), row.failing[i], row.family);
      cr_expect(tried.began == row.began[i], "%s: attempt %zu began with %s", row.what, i + 1,
                tried.began.c_str());
      HistoryEntry entry;
      entry.time = static_cast<WallUs>(i + 1);
      entry.transaction = tried.transaction;
      std::string framed = frame_history(entry); // as it comes back from the spool
      std::string_view rest = framed;
      const auto read = take_history(rest);
      cr_assert(read.has_value());
      queue::apply(progress, *read, read->transaction.groups.front().outcome);
    }
  }
}

Test(family, a_transport_of_one_defers_what_has_only_the_other) {
  DnsServer dns({"six.test MX 10 mx.six.test", "mx.six.test AAAA ::1", "bare.test AAAA ::1",
                 "four.test MX 10 mx.four.test", "mx.four.test A 127.0.0.1",
                 "hollow.test MX 10 mx.hollow.test", "mx.hollow.test MX 10 mx.four.test"});
  struct Row {
    FamilyPolicy family;
    const char* domain;
    TransportType type;
    const char* outcome;
    const char* says;
  };
  const TransportType direct = TransportType::direct;
  const TransportType smtp = TransportType::smtp;
  const FamilyPolicy four = FamilyPolicy::ipv4;
  const FamilyPolicy six = FamilyPolicy::ipv6;
  for (const Row& row :
       {Row{four, "six.test", direct, "0:deferred:other", "family = \"ipv4\" of transport office"},
        Row{four, "bare.test", direct, "0:deferred:other", "family = \"ipv4\" of transport office"},
        Row{four, "bare.test", smtp, "0:deferred:other", "family = \"ipv4\" of transport office"},
        Row{four, "[IPv6:::1]", direct, "0:deferred:other", "family = \"ipv4\""},
        Row{six, "four.test", direct, "0:deferred:other", "family = \"ipv6\" of transport office"},
        Row{six, "[127.0.0.1]", direct, "0:deferred:other", "family = \"ipv6\""},
        Row{four, "hollow.test", direct, "0:failed:dns", "no MX host of hollow.test"},
        Row{four, "unknown.test", direct, "0:failed:dns", "no such mail domain"}}) {
    const std::vector<JobResult> results = attempt(dns, row.family, row.domain, row.type);
    cr_expect(summary(results) == row.outcome, "%s: %s", row.domain, summary(results).c_str());
    cr_assert(!results.empty() && !results.back().transaction.groups.empty(), "%s", row.domain);
    const std::string& reply = results.back().transaction.groups.front().outcome.reply;
    cr_expect(reply.find(row.says) != std::string::npos, "%s: %s", row.domain, reply.c_str());
  }
}
