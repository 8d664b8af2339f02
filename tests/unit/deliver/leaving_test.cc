// Senders that can log in no more, and what becomes of the jobs that they have.

#include <criterion/criterion.h>

#include <atomic>

#include "tests/unit/deliver/login_script.h"

using namespace waypost;
using namespace waypost::test;

// It would defer all mail for as long as there is some; the next one has a line of its own.
Test(leaving, a_sender_without_a_line_to_the_oracle_leaves_and_another_stays) {
  for (const bool hangs_up : {false, true}) {
    ScriptedServer server({[](Script& peer) {
      greet(peer);
      peer.hear();
    }});
    Delivery delivery(login_to(server.port()));
    if (hangs_up)
      delivery.connect_oracle([](const LoginQuery&) { return std::optional<LoginAnswer>(); });
    delivery.give(job_for({}), Letter().text);
    cr_expect(delivery.leaves(60'000));
    expect_summary(delivery.results(), "0:deferred:auth");
  }
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.hear();
  }});
  Delivery delivery(login_to(server.port()));
  delivery.connect_oracle(
      [](const LoginQuery&) { return std::optional(answer(Kind::refused, "no password")); });
  delivery.give(job_for({}), Letter().text);
  cr_expect(!delivery.leaves(300));
  expect_summary(delivery.results(), "0:deferred:auth");
}

// Else its next message would be deferred, or wait until deliver ends who is idle.
Test(leaving, a_sender_whose_oracle_goes_away_while_it_is_idle_leaves) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("235 ok\r\n");
    take_mail(peer);
    peer.hear();
  }});
  Delivery delivery(login_to(server.port()));
  delivery.connect_oracle(believing(auth("PLAIN", "AGEAYg==")));
  delivery.give(job_for({}), Letter().text);
  expect_summary(delivery.results(), "0:delivered:250");
  cr_expect(!delivery.leaves(300), "with a line it stays");
  delivery.hang_up_oracle();
  cr_expect(delivery.leaves(60'000));
}

// Deliver had not heard of it yet: that job is for another sender, which has a line.
Test(leaving, a_job_that_comes_to_a_sender_that_leaves_is_not_touched) {
  ScriptedServer server({[](Script& peer) {
    greet(peer);
    peer.answer("235 ok\r\n");
    take_mail(peer);
    peer.hear();
  }});
  Delivery delivery(login_to(server.port()));
  delivery.connect_oracle(believing(auth("PLAIN", "AGEAYg==")));
  delivery.give(job_for({}), Letter().text);
  expect_summary(delivery.results(), "0:delivered:250");
  delivery.hang_up_oracle();
  cr_assert(delivery.leaves(60'000));
  delivery.give(job_for({}, 2), Letter().text);
  delivery.run_for(200);
  cr_expect_eq(delivery.results().size(), 1, "neither tried nor deferred");
}

// The connection that is there serves on; what needs a new one has not been tried.
Test(leaving, what_waits_in_a_busy_sender_is_not_touched) {
  for (const std::uint32_t messages : {1U, 2U}) {
    std::atomic<bool> gone = false;
    ScriptedServer server({[&](Script& peer) {
      greet(peer);
      peer.answer("235 ok\r\n");
      for (int waits = 0; waits < 500 && !gone; ++waits)
        peer.wait(10);
      for (std::uint32_t i = 0; i < messages; ++i)
        take_mail(peer);
      peer.hear();
    }});
    bool logged_in = false;
    Transport transport = login_to(server.port());
    transport.messages_per_connection = messages;
    Delivery delivery(transport);
    delivery.connect_oracle([&](const LoginQuery& query) {
      if (query.kind == LoginQuery::Kind::accepted) logged_in = true;
      return believing(auth("PLAIN", "AGEAYg=="))(query);
    });
    for (std::uint64_t job = 1; job <= 3; ++job)
      delivery.give(job_for({}, job), Letter().text);
    for (int runs = 0; runs < 500 && !logged_in; ++runs)
      delivery.run_for(10);
    delivery.run_for(300); // until the oracle's answer to that has been read
    delivery.hang_up_oracle();
    gone = true;
    cr_expect(delivery.leaves(60'000));
    const std::vector<JobResult>& results = delivery.results(messages);
    cr_assert_eq(results.size(), messages);
    for (const JobResult& one : results)
      expect_summary({one}, "0:delivered:250");
    delivery.run_for(100);
    cr_expect_eq(delivery.results(messages).size(), messages,
                 "the rest is neither tried nor deferred");
    cr_expect_eq(server.connections(), 1);
  }
}
