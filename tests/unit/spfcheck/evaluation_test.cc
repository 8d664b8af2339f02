// check_host() over zones: limits, errors, and the worst that a record can do. What is usual is
// shown by the suite of RFC 7208 (tests/spfcheck).
#include <criterion/criterion.h>

#include "spfcheck/check_host.h"
#include "spfcheck/explain.h"
#include "spfcheck/zone.h"

using namespace waypost;
using namespace waypost::spfcheck;

namespace {

net::IpAddress ip(const std::string& text) {
  return *net::IpAddress::parse(text);
}

CheckResult check(Zone& zone, const std::string& from, const std::string& sender,
                  Limits limits = Limits()) {
  net::Task<CheckResult> task =
      check_host(zone, mail_from_query(ip(from), sender, "mail.example.org"), limits);
  task.start();
  cr_assert(task.done());
  return task.take();
}

void expect_result(const CheckResult& got, SpfResult expected) {
  cr_expect_eq(got.result, expected, "%s: %s", name_of(got.result), got.why.c_str());
}

std::string number(int i) {
  return std::to_string(i);
}

} // namespace

Test(evaluation, says_what_matched_and_in_whose_record) {
  Zone zone;
  zone.add_text("a.test", "v=spf1 ip4:192.0.2.0/24 redirect=b.test");
  zone.add_text("b.test", "v=spf1 ?include:c.test -all");
  zone.add_text("c.test", "v=spf1 a -all");
  zone.add_address("c.test", ip("198.51.100.1"));
  const CheckResult own = check(zone, "192.0.2.9", "x@a.test");
  cr_expect_eq(own.mechanism, "ip4:192.0.2.0/24");
  cr_expect_eq(own.record_domain, "a.test");
  const CheckResult other = check(zone, "198.51.100.1", "x@a.test");
  expect_result(other, SpfResult::neutral);
  cr_expect_eq(other.mechanism, "?include:c.test");
  cr_expect_eq(other.record_domain, "b.test");
  cr_expect_eq(other.lookups, 3, "redirect, include, a");
}

Test(evaluation, the_tree_has_each_lookup_and_its_cost) {
  Zone zone;
  zone.add_text("a.test", "v=spf1 a:none.test include:b.test -all");
  zone.add_text("b.test", "v=spf1 mx ip4:192.0.2.1");
  zone.add_mx("b.test", 10, "mx.b.test");
  zone.add_address("mx.b.test", ip("192.0.2.7"));
  const CheckResult result = check(zone, "192.0.2.1", "x@a.test");
  expect_result(result, SpfResult::pass);
  cr_assert_eq(result.trace.terms.size(), 2);
  const TermTrace& a = result.trace.terms[0];
  cr_expect_eq(a.trial, Trial::no_match);
  cr_expect_eq(a.cost, 1);
  cr_expect_eq(a.lookups_so_far, 1);
  cr_assert_eq(a.lookups.size(), 1);
  cr_expect(a.lookups[0].is_void);
  const TermTrace& include = result.trace.terms[1];
  cr_expect_eq(include.trial, Trial::matched);
  cr_expect_eq(include.lookups_so_far, 2);
  cr_assert(include.inner != nullptr);
  cr_assert_eq(include.inner->terms.size(), 2);
  cr_expect_eq(include.inner->terms[0].lookups.size(), 2, "MX, then the address of its host");
  cr_expect_eq(include.inner->terms[0].lookups_so_far, 3);
  cr_expect_eq(include.inner->terms[1].cost, 0);
  const std::string tree = tree_text(result);
  for (const char* const said :
       {"[lookup 3]", "[void]", "MX b.test -> 10 mx.b.test", "a:none.test"})
    cr_expect(tree.contains(said), "%s in\n%s", said, tree.c_str());
}

Test(evaluation, ten_lookups_and_no_more) {
  for (const int terms : {10, 11}) {
    Zone zone;
    std::string record = "v=spf1";
    for (int i = 0; i < terms; ++i) {
      record += " include:i" + number(i) + ".test";
      zone.add_text("i" + number(i) + ".test", "v=spf1 ip4:203.0.113.1");
    }
    zone.add_text("a.test", record + " all");
    const CheckResult result = check(zone, "192.0.2.1", "x@a.test");
    expect_result(result, terms == 10 ? SpfResult::pass : SpfResult::permerror);
    cr_expect_eq(result.lookups, terms);
    // What stands behind a match is not counted.
    expect_result(check(zone, "203.0.113.1", "x@a.test"), SpfResult::pass);
  }
}

Test(evaluation, two_void_lookups_and_no_more) {
  for (const int terms : {2, 3}) {
    Zone zone;
    std::string record = "v=spf1";
    for (int i = 0; i < terms; ++i)
      record += " exists:no" + number(i) + ".test";
    zone.add_text("a.test", record + " all");
    const CheckResult result = check(zone, "192.0.2.1", "x@a.test");
    expect_result(result, terms == 2 ? SpfResult::pass : SpfResult::permerror);
    cr_expect_eq(result.void_lookups, terms);
  }
}

// RFC 7208 5.5: what a client's own names lead to is not the domain's doing.
Test(evaluation, names_of_the_address_are_no_errors) {
  Zone zone;
  zone.add_text("a.test", "v=spf1 ptr -all");
  for (int i = 0; i < 5; ++i)
    zone.add_ptr("1.2.0.192.in-addr.arpa", "n" + number(i) + ".a.test");
  zone.break_name("n3.a.test", net::DnsStatus::timed_out);
  expect_result(check(zone, "192.0.2.1", "x@a.test"), SpfResult::fail);
  zone.add_address("n4.a.test", ip("192.0.2.1"));
  expect_result(check(zone, "192.0.2.1", "x@a.test"), SpfResult::pass);
  zone.break_name("2.2.0.192.in-addr.arpa", net::DnsStatus::failed);
  expect_result(check(zone, "192.0.2.2", "x@a.test"), SpfResult::fail);
}

// What python3-spf beside us found: %{p} looks names up before the term asks its own question.
Test(evaluation, of_a_ptr_only_its_own_question_counts_and_each_time) {
  Zone zone;
  zone.add_text("a.test", "v=spf1 ptr:%{p} a:no.test ptr:x.test exists:none.test -all");
  zone.add_ptr("1.2.0.192.in-addr.arpa", "absent.test");
  const CheckResult named = check(zone, "192.0.2.1", "x@a.test");
  expect_result(named, SpfResult::fail);
  cr_expect_eq(named.void_lookups, 2, "no.test, none.test");
  const CheckResult nameless = check(zone, "192.0.2.2", "x@a.test");
  expect_result(nameless, SpfResult::permerror);
  cr_expect_eq(nameless.void_lookups, 3, "ptr, no.test, ptr");
}

Test(evaluation, only_ten_names_of_an_address_are_looked_at) {
  Zone zone;
  zone.add_text("a.test", "v=spf1 ptr -all");
  for (int i = 0; i < 200; ++i) {
    const std::string name = "n" + number(i) + ".a.test";
    zone.add_ptr("1.2.0.192.in-addr.arpa", name);
    if (i >= 10) zone.add_address(name, ip("192.0.2.1"));
  }
  expect_result(check(zone, "192.0.2.1", "x@a.test"), SpfResult::fail);
  cr_expect_eq(zone.asked(), 12, "TXT, PTR, and ten addresses");
}

Test(evaluation, more_than_ten_hosts_of_a_domain_are_a_permerror_whatever_their_order) {
  for (const int hosts : {10, 11}) {
    Zone zone;
    zone.add_text("a.test", "v=spf1 mx -all");
    for (int i = 0; i < hosts; ++i)
      zone.add_mx("a.test", static_cast<std::uint16_t>(i), "mx.a.test");
    zone.add_address("mx.a.test", ip("192.0.2.1"));
    expect_result(check(zone, "192.0.2.1", "x@a.test"),
                  hosts == 10 ? SpfResult::pass : SpfResult::permerror);
  }
}

// 10 includes of 10 MX of 100 addresses, none of which is the client's.
Test(evaluation, the_costliest_records_end_within_the_limits) {
  Zone zone;
  std::string record = "v=spf1";
  for (int i = 0; i < 10; ++i) {
    const std::string inner = "i" + number(i) + ".test";
    record += " include:" + inner;
    zone.add_text(inner, "v=spf1 mx mx mx mx mx mx mx mx mx mx -all");
    for (int m = 0; m < 10; ++m) {
      const std::string host = "m" + number(m) + "." + inner;
      zone.add_mx(inner, 10, host);
      for (int a = 0; a < 100; ++a)
        zone.add_address(host, ip("10." + number(i) + "." + number(m) + "." + number(a)));
    }
  }
  zone.add_text("a.test", record + " -all");
  const CheckResult result = check(zone, "192.0.2.1", "x@a.test");
  expect_result(result, SpfResult::permerror);
  cr_expect_eq(result.lookups, 11);
  // Two records, nine times MX with ten hosts each.
  cr_expect_leq(zone.asked(), 2 + 9 * 11);
}

Test(evaluation, records_that_lead_to_themselves_end) {
  Zone zone;
  zone.add_text("a.test", "v=spf1 include:a.test all");
  zone.add_text("b.test", "v=spf1 redirect=%{d}");
  zone.add_text("c.test", "v=spf1 include:x%{l}.c.test include:c.test redirect=c.test");
  zone.add_text("xbob.c.test", "v=spf1 redirect=c.test");
  for (const char* const sender : {"bob@a.test", "bob@b.test", "bob@c.test"}) {
    const std::size_t before = zone.asked();
    const CheckResult result = check(zone, "192.0.2.1", sender);
    expect_result(result, SpfResult::permerror);
    cr_expect_eq(result.lookups, 11);
    cr_expect_leq(zone.asked() - before, 12);
  }
}

// Long records of the cheapest terms, and of macros that expand to the most.
Test(evaluation, a_record_as_long_as_dns_allows_is_bounded) {
  Zone zone;
  std::string many = "v=spf1";
  while (many.size() < 65'000)
    many += " ip4:203.0.113.1";
  zone.add_text("a.test", many + " -all");
  const CheckResult result = check(zone, "192.0.2.1", "x@a.test");
  expect_result(result, SpfResult::fail);
  cr_expect_eq(zone.asked(), 1);
  std::string bomb = "v=spf1 -exists:";
  while (bomb.size() < 65'000)
    bomb += "%{S}%{s128r+-.}";
  zone.add_text("b.test", bomb + ".%{d} -all");
  expect_result(check(zone, "192.0.2.1", std::string(250, '+') + "@b.test"), SpfResult::fail);
}

Test(evaluation, failure_anywhere_is_a_temperror_and_silence_too) {
  for (const net::DnsStatus status : {net::DnsStatus::failed, net::DnsStatus::timed_out}) {
    for (const char* const term : {"a:x.test", "mx:x.test", "mx:m.test", "exists:x.test",
                                   "include:x.test", "redirect=x.test", "include:i.test"}) {
      Zone zone;
      zone.add_text("a.test", std::string("v=spf1 ") + term);
      zone.add_text("i.test", "v=spf1 a:x.test -all");
      zone.add_mx("m.test", 10, "x.test");
      zone.break_name("x.test", status);
      const CheckResult result = check(zone, "192.0.2.1", "x@a.test");
      expect_result(result, SpfResult::temperror);
      cr_expect(result.why.contains("x.test"), "%s: %s", term, result.why.c_str());
    }
  }
}

// RFC 8616 4.
Test(evaluation, a_local_part_beyond_ascii_matches_no_term_that_asks_for_it) {
  Zone zone;
  zone.add_text("xn--bcher-kva.test",
                "v=spf1 exists:%{l}.x.test exists:%{s}.x.test exists:%{o}.x.test -all");
  zone.add_address("xn--bcher-kva.test.x.test", ip("127.0.0.2"));
  const CheckResult result = check(zone, "192.0.2.1",
                                   "jos\xc3\xa9@b\xc3\xbc"
                                   "cher.test");
  expect_result(result, SpfResult::pass);
  cr_expect_eq(result.mechanism, "exists:%{o}.x.test");
  cr_expect_eq(zone.asked(), 2, "nothing was asked with bytes of the local part");
  cr_expect_eq(result.void_lookups, 0);
}

Test(evaluation, explanations) {
  Zone zone;
  zone.add_text("a.test", "v=spf1 include:b.test -all exp=e.a.test");
  zone.add_text("b.test", "v=spf1 ip4:203.0.113.1 exp=e.b.test -all");
  zone.add_text("e.a.test", "%{i} is not one of %{d}'s");
  zone.add_text("e.b.test", "never seen");
  const CheckResult result = check(zone, "192.0.2.1", "x@a.test");
  cr_expect_eq(result.explanation, "192.0.2.1 is not one of a.test's");
  cr_expect_eq(result.lookups, 1, "exp is free");
  cr_assert(!result.trace.terms.empty());
  cr_expect_eq(result.trace.terms.back().term, "exp=e.a.test");
  zone.add_text("e.a.test", "a second text");
  cr_expect_eq(check(zone, "192.0.2.1", "x@a.test").explanation, "");
}

namespace {

// Keeps what is announced.
class Listener : public Resolver {
public:
  explicit Listener(Zone& zone) : zone_(zone) {}
  void expect(const Question& question) override { announced.push_back(question.name); }
  net::Task<net::DnsAnswer> resolve(Question question) override {
    return zone_.resolve(std::move(question));
  }
  std::vector<std::string> announced;

private:
  Zone& zone_;
};

} // namespace

Test(evaluation, announces_what_the_next_terms_will_ask_and_nothing_else) {
  Zone zone;
  zone.add_text("a.test", "v=spf1 a mx:m.test exists:%{i}.x.test include:%{p}.test include:i.test "
                          "ip4:192.0.2.0/24 a:never.test -all");
  zone.add_text("i.test", "v=spf1 -all");
  zone.add_address("a.test", ip("203.0.113.1"));
  zone.add_mx("m.test", 10, "mx1.test");
  zone.add_mx("m.test", 20, "mx2.test");
  for (const char* const host : {"mx1.test", "mx2.test"})
    zone.add_address(host, ip("203.0.113.1"));
  Listener listener(zone);
  net::Task<CheckResult> task =
      check_host(listener, mail_from_query(ip("192.0.2.1"), "x@a.test", ""), Limits());
  task.start();
  cr_assert(task.done());
  const std::vector<std::string> expected{"a.test", "m.test", "i.test", "mx1.test", "mx2.test"};
  cr_expect(listener.announced == expected);
}
