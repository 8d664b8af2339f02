// What goes wrong within a dialogue: refusals in every order, lost connections, and what may be
// used again after them.

#include <criterion/criterion.h>

#include <algorithm>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

const Letter kTwo{.to = {"one@example.com", "two@example.com"}};

std::ptrdiff_t said(const std::vector<std::string>& heard, std::string_view line) {
  return std::ranges::count(heard, line);
}

void take_and_wait(Script& peer) {
  peer.greet();
  take_mail(peer);
  peer.hear();
}

// Two jobs, one after the other; both results.
std::vector<JobResult> two_jobs(const Transport& transport, const Job& first, const Job& second) {
  Delivery delivery(transport);
  delivery.give(first, Letter().text);
  delivery.results(1);
  delivery.give(second, Letter().text);
  return delivery.results(2);
}

} // namespace

Test(trouble, helo_follows_ehlo_only_where_the_server_does_not_know_it) {
  struct Row {
    const char* reply;
    bool helo;
  };
  for (const Row& row :
       {Row{"500 what\r\n", true}, Row{"501 what\r\n", true}, Row{"502 what\r\n", true},
        Row{"503 what\r\n", true}, Row{"504 what\r\n", true}, Row{"550 go away\r\n", false},
        Row{"421 busy\r\n", false}, Row{"451 later\r\n", false}}) {
    ScriptedServer server({[&](Script& peer) {
      peer.say("220 test\r\n");
      peer.answer(row.reply);
      if (!row.helo) return;
      peer.answer("250 test\r\n");
      take_mail(peer);
    }});
    const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
    const bool delivered = summary(results) == "0:delivered:250";
    cr_expect(delivered == row.helo, "%s: %s", row.reply, summary(results).c_str());
    cr_expect_eq(said(server.heard(), "HELO me.test"), row.helo ? 1 : 0, "%s", row.reply);
    if (!row.helo) {
      const Outcome& outcome = results.back().transaction.groups[0].outcome;
      cr_expect_eq(outcome.disposition, Disposition::deferred, "%s bounces nothing", row.reply);
    }
  }
}

Test(trouble, replies_that_make_no_sense_before_the_mail_defer) {
  struct Row {
    const char* banner;
    const char* ehlo;
    const char* starttls;
    const char* expected;
  };
  for (const Row& row :
       {Row{"354 what\r\n", "", "", "0:deferred:other"},
        Row{"250 hello\r\n", "", "", "0:deferred:other"},
        Row{"220 hello\r\n", "334 what\r\n", "", "0:deferred:other"},
        Row{"220 hello\r\n", "250 test\r\n", "334 what\r\n", "0:deferred:tls"},
        Row{"220 hello\r\n", "250 test\r\n", "250 ok\r\n", "0:deferred:tls"},
        Row{"220 hello\r\n", "250 test\r\n", "550 no\r\n", "0:deferred:550:tls"}}) {
    ScriptedServer server({[&](Script& peer) {
      peer.say(row.banner);
      peer.answer(row.ehlo);
      peer.answer(row.starttls);
    }});
    Transport transport = smarthost(server.port());
    transport.tls = TlsPolicy::required;
    const std::vector<JobResult> results = Delivery::of({}, transport);
    cr_expect(summary(results) == row.expected, "%s%s%s: %s", row.banner, row.ehlo, row.starttls,
              summary(results).c_str());
  }
}

Test(trouble, replies_at_the_final_dot_decide_for_those_that_were_accepted) {
  struct Row {
    const char* reply;
    const char* expected;
  };
  for (const Row& row : {Row{"250 ok\r\n", "0:delivered:250 1:failed:550:mailbox"},
                         Row{"450 4.2.0 later\r\n", "0:deferred:450:mailbox 1:failed:550:mailbox"},
                         Row{"554 5.6.0 no\r\n", "0:failed:554:content 1:failed:550:mailbox"},
                         Row{"354 what\r\n", "0:deferred:other 1:failed:550:mailbox"}}) {
    ScriptedServer server({[&](Script& peer) {
      peer.greet();
      peer.answer("250 ok\r\n");
      peer.answer("250 ok\r\n");
      peer.answer("550 5.1.1 unknown\r\n");
      peer.answer("354 go on\r\n");
      peer.hear_message();
      peer.say(row.reply);
    }});
    const std::vector<JobResult> results = Delivery::of(kTwo, smarthost(server.port()));
    cr_expect(summary(results) == row.expected, "%s: %s", row.reply, summary(results).c_str());
  }
}

Test(trouble, a_refusal_of_data_is_the_outcome_of_those_that_were_accepted) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("550 5.1.1 unknown\r\n");
    peer.answer("451 4.3.0 no room\r\n");
    peer.hear();
  }});
  expect_summary(Delivery::of(kTwo, smarthost(server.port())),
                 "0:deferred:451:other 1:failed:550:mailbox");
}

Test(trouble, too_many_recipients_are_told_by_552_as_well) {
  for (const char* const reply :
       {"452 4.5.3 too many recipients\r\n", "552 5.5.3 Too many recipients\r\n",
        "552 too many recipients received\r\n", "452 Too many recipients in this session\r\n"}) {
    ScriptedServer server({[&](Script& peer) {
      peer.greet();
      peer.answer("250 ok\r\n");
      peer.answer("250 ok\r\n");
      peer.answer(reply);
      peer.answer("354 go on\r\n");
      peer.hear_message();
      peer.say("250 ok\r\n");
      take_mail(peer);
    }});
    const std::vector<JobResult> results = Delivery::of(kTwo, smarthost(server.port()));
    cr_expect(summary(results) == "0:delivered:250 1:delivered:250", "%s: %s", reply,
              summary(results).c_str());
  }
}

Test(trouble, a_full_mailbox_is_not_taken_for_too_many_recipients) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("552 5.2.2 mailbox full\r\n");
    peer.answer("354 go on\r\n");
    peer.hear_message();
    peer.say("250 ok\r\n");
  }});
  expect_summary(Delivery::of(kTwo, smarthost(server.port())),
                 "0:delivered:250 1:failed:552:mailbox");
}

Test(trouble, no_quit_within_data_when_the_lone_dot_stays_without_answer) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("550 5.1.1 unknown\r\n");
    peer.answer("354 go on\r\n");
    peer.hear(); // the dot
    peer.hear();
  }});
  Transport transport = smarthost(server.port());
  transport.timeouts.final_ms = 150;
  expect_summary(Delivery::of({}, transport), "0:failed:550:mailbox");
  const std::vector<std::string> heard = server.heard();
  expect_same(heard.at(4), ".");
  expect_same(heard.at(5), "(closed)");
}

Test(trouble, a_message_that_cannot_be_read_gets_no_final_dot) {
  std::string received;
  ScriptedServer server({[&](Script& peer) {
                           peer.greet();
                           peer.answer("250 ok\r\n");
                           peer.answer("250 ok\r\n");
                           peer.answer("354 go on\r\n");
                           received = peer.hear_message();
                         },
                         take_and_wait});
  Job torn = job_for({}, 1);
  torn.length += 1; // the file ends before
  expect_summary(two_jobs(smarthost(server.port()), torn, job_for({}, 2)),
                 "0:deferred:other 0:delivered:250");
  expect_same(received, "(closed)");
  cr_expect_eq(server.connections(), 2);
}

Test(trouble, a_connection_is_not_used_again_after_nonsense) {
  for (const char* const reply :
       {"2500 ok\r\n", "250-a\r\n251 b\r\n", "hello\r\n", "354 what\r\n"}) {
    ScriptedServer server({[&](Script& peer) {
                             peer.greet();
                             peer.answer("250 ok\r\n");
                             peer.answer("250 ok\r\n");
                             peer.answer("354 go on\r\n");
                             peer.hear_message();
                             peer.say(reply);
                             peer.hear();
                           },
                           take_and_wait});
    const std::vector<JobResult> results =
        two_jobs(smarthost(server.port()), job_for({}, 1), job_for({}, 2));
    cr_expect(summary(results) == "0:deferred:other 0:delivered:250", "%s: %s", reply,
              summary(results).c_str());
    const std::string& why = results.front().transaction.groups[0].outcome.reply;
    cr_expect(why.find("may have been delivered") != std::string::npos, "%s", why.c_str());
    cr_expect_eq(server.connections(), 2);
  }
}

Test(trouble, a_connection_is_not_used_again_after_a_reply_too_many) {
  ScriptedServer server({[](Script& peer) {
                           peer.greet();
                           take_mail(peer, 1, "250 ok\r\n250 and another\r\n");
                           peer.hear();
                         },
                         take_and_wait});
  const std::vector<JobResult> results =
      two_jobs(smarthost(server.port()), job_for({}, 1), job_for({}, 2));
  expect_summary(results, "0:delivered:250 0:delivered:250");
  cr_expect_eq(server.connections(), 2);
}

Test(trouble, a_delivered_message_stays_delivered_whatever_quit_is_answered) {
  for (const char* const farewell : {"500 what\r\n", "221 bye\r\n", "nonsense\r\n", ""}) {
    ScriptedServer server({[&](Script& peer) {
      peer.greet();
      take_mail(peer);
      peer.answer(farewell);
    }});
    Transport transport = smarthost(server.port());
    transport.messages_per_connection = 1;
    const std::vector<JobResult> results = Delivery::of({}, transport);
    expect_summary(results, "0:delivered:250");
    cr_expect_eq(said(server.heard(), "QUIT"), 1, "%s", farewell);
  }
}

Test(trouble, a_reset_while_quitting_changes_nothing) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    take_mail(peer);
    peer.reset();
  }});
  Transport transport = smarthost(server.port());
  transport.messages_per_connection = 1;
  expect_summary(Delivery::of({}, transport), "0:delivered:250");
}

Test(trouble, a_smarthost_s_own_refusals_of_the_mail_are_final) {
  struct Row {
    const char* mail;
    const char* rcpt;
    const char* data;
    const char* expected;
  };
  for (const Row& row :
       {Row{"550 5.7.1 no\r\n", "", "", "0:failed:550:other"},
        Row{"250 ok\r\n", "550 5.1.1 no\r\n", "503 no\r\n", "0:failed:550:mailbox"},
        Row{"250 ok\r\n", "250 ok\r\n", "554 5.7.1 no\r\n", "0:failed:554:other"}}) {
    ScriptedServer server({[&](Script& peer) {
      peer.greet();
      peer.answer(row.mail);
      peer.answer(row.rcpt);
      peer.answer(row.data);
    }});
    const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
    cr_expect(summary(results) == row.expected, "%s: %s", row.expected, summary(results).c_str());
  }
}
