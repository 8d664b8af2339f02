// What a server says that it will take of one session (RFC 9422), and how a job goes on in another.

#include <criterion/criterion.h>

#include <algorithm>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

const Letter kThree{.to = {"one@a.test", "two@b.test", "three@a.test"}};

// How often a line begins so.
std::ptrdiff_t said(const std::vector<std::string>& heard, std::string_view begin) {
  return std::ranges::count_if(heard,
                               [&](const std::string& line) { return line.starts_with(begin); });
}

// A server with these limits that takes any number of mails, each for so many recipients.
ScriptedServer::Play with_limits(const std::string& limits, std::vector<int> mails) {
  return [=](Script& peer) {
    peer.greet("250-test\r\n250-PIPELINING\r\n250 LIMITS " + limits + "\r\n");
    for (const int recipients : mails)
      take_mail(peer, recipients);
    peer.answer("221 bye\r\n");
  };
}

} // namespace

Test(limits, no_more_recipients_in_a_transaction_than_rcptmax) {
  ScriptedServer server({with_limits("RCPTMAX=2", {2, 1})});
  {
    Delivery delivery(smarthost(server.port()));
    delivery.give(job_for(kThree), kThree.text);
    expect_summary(delivery.results(), "0-1:delivered:250 2:delivered:250");
  }
  cr_expect_eq(said(server.heard(), "MAIL"), 2);
}

Test(limits, the_transport_s_own_limit_counts_where_it_is_lower) {
  ScriptedServer server({with_limits("RCPTMAX=50", {2, 1})});
  Transport transport = smarthost(server.port());
  transport.recipients_per_message = 2;
  expect_summary(Delivery::of(kThree, transport), "0-1:delivered:250 2:delivered:250");
}

Test(limits, no_more_messages_in_a_session_than_mailmax) {
  const auto play = with_limits("MAILMAX=2", {1, 1});
  ScriptedServer server({play, play});
  {
    Transport transport = smarthost(server.port());
    transport.connections = 1;
    Delivery delivery(transport);
    for (std::uint64_t i = 1; i <= 3; ++i)
      delivery.give(job_for({}, i), Letter().text);
    expect_summary(delivery.results(3), "0:delivered:250 0:delivered:250 0:delivered:250");
  }
  const std::vector<std::string> heard = server.heard();
  cr_expect_eq(server.connections(), 2);
  cr_expect_eq(said(heard, "QUIT"), 1, "the session that was full ends with QUIT");
}

Test(limits, a_job_goes_on_at_the_same_host_when_a_session_is_full) {
  const auto play = with_limits("MAILMAX=1 RCPTMAX=1", {1});
  ScriptedServer server({play, play, play});
  const std::vector<JobResult> results = Delivery::of(kThree, smarthost(server.port()));
  expect_summary(results, "0:delivered:250 1:delivered:250 2:delivered:250");
  cr_expect_eq(server.connections(), 3);
}

Test(limits, no_more_recipient_domains_in_a_session_than_rcptdomainmax) {
  ScriptedServer server({with_limits("RCPTDOMAINMAX=1", {2}), with_limits("RCPTDOMAINMAX=1", {1})});
  const std::vector<JobResult> results = Delivery::of(kThree, smarthost(server.port()));
  expect_summary(results, "0,2:delivered:250 1:delivered:250");
  const std::vector<std::string> heard = server.heard();
  cr_expect_eq(server.connections(), 2);
  const auto second = std::ranges::find(heard, "-");
  cr_assert(second != heard.end());
  cr_expect_eq(std::count(second, heard.end(), "RCPT TO:<two@b.test>"), 1);
}

Test(limits, domains_are_counted_over_the_messages_of_a_session) {
  const auto play = with_limits("RCPTDOMAINMAX=1", {1});
  ScriptedServer server({play, play});
  Transport transport = smarthost(server.port());
  transport.connections = 1;
  Delivery delivery(transport);
  delivery.give(job_for({.to = {"one@a.test"}}, 1), Letter().text);
  delivery.give(job_for({.to = {"one@b.test"}}, 2), Letter().text);
  expect_summary(delivery.results(2), "0:delivered:250 0:delivered:250");
  cr_expect_eq(server.connections(), 2);
}

Test(limits, one_domain_in_its_two_spellings_is_one) {
  ScriptedServer server({with_limits("RCPTDOMAINMAX=1", {3})});
  const Letter letter{
      .to = {"a@b\xc3\xbc\x63her.example", "b@xn--bcher-kva.example", "c@XN--Bcher-KVA.example"}};
  expect_summary(Delivery::of(letter, smarthost(server.port())), "0-2:delivered:250");
}

Test(limits, a_transport_s_limits_of_one_need_a_connection_for_each_recipient) {
  const auto play = [](Script& peer) {
    peer.greet();
    take_mail(peer);
    peer.hear();
  };
  ScriptedServer server({play, play, play});
  Transport transport = smarthost(server.port());
  transport.recipients_per_message = 1;
  transport.messages_per_connection = 1;
  expect_summary(Delivery::of(kThree, transport),
                 "0:delivered:250 1:delivered:250 2:delivered:250");
  cr_expect_eq(server.connections(), 3);
}

Test(limits, a_server_that_closes_after_each_message_is_asked_again_for_the_rest) {
  const auto play = [](Script& peer) {
    peer.greet();
    take_mail(peer);
  };
  ScriptedServer server({play, play, play});
  Transport transport = smarthost(server.port());
  transport.recipients_per_message = 1;
  expect_summary(Delivery::of(kThree, transport),
                 "0:delivered:250 1:delivered:250 2:delivered:250");
}

Test(limits, after_a_421_the_rest_of_a_job_is_not_offered_again_and_again) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250 test\r\n");
    peer.answer("421 4.3.2 closing down\r\n");
    peer.hear();
  }});
  Transport transport = smarthost(server.port());
  transport.recipients_per_message = 1;
  const std::vector<JobResult> results = Delivery::of(kThree, transport);
  expect_summary(results, "0:deferred:421:other 1-2:deferred:421:other");
  cr_expect_eq(server.connections(), 1);
}
