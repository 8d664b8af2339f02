// How long a server may be silent at each stage (RFC 5321 4.5.3.2).

#include <criterion/criterion.h>

#include <chrono>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

constexpr std::uint64_t kShort = 150;
constexpr std::uint64_t kAfterOthers =
    1500; // where replies come before the silence, on a busy machine
constexpr std::uint64_t kLong = 60'000;

struct Row {
  const char* stage;
  std::uint64_t Timeouts::* deadline;
  ScriptedServer::Play play; // up to the silence
  const char* words;         // of the outcome
  std::uint64_t limit = kShort;
};

void up_to_mail(Script& peer) {
  peer.greet();
  peer.hear();
}

void up_to_rcpt(Script& peer) {
  peer.greet();
  peer.answer("250 ok\r\n");
  peer.hear();
}

void up_to_data(Script& peer) {
  peer.greet();
  peer.answer("250 ok\r\n");
  peer.answer("250 ok\r\n");
  peer.hear();
}

void up_to_final_dot(Script& peer) {
  up_to_data(peer);
  peer.say("354 go on\r\n");
  peer.hear_message();
}

const std::vector<Row> kRows = {
    {"banner", &Timeouts::greeting_ms, [](Script&) {}, "at greeting"},
    {"EHLO", &Timeouts::command_ms,
     [](Script& peer) {
       peer.say("220 test\r\n");
       peer.hear();
     },
     "at EHLO"},
    {"HELO", &Timeouts::command_ms,
     [](Script& peer) {
       peer.say("220 test\r\n");
       peer.answer("500 what\r\n");
       peer.hear();
     },
     "at EHLO"},
    {"MAIL", &Timeouts::command_ms, up_to_mail, "at MAIL", kAfterOthers},
    {"RCPT", &Timeouts::command_ms, up_to_rcpt, "at RCPT", kAfterOthers},
    {"DATA", &Timeouts::data_ms, up_to_data, "at DATA"},
    {"final dot", &Timeouts::final_ms, up_to_final_dot, "may have been delivered"},
    {"half a reply", &Timeouts::command_ms,
     [](Script& peer) {
       up_to_mail(peer);
       peer.say("250-one\r\n25");
     },
     "at MAIL", kAfterOthers},
};

} // namespace

Test(deadlines, are_those_of_rfc_5321_or_longer) {
  const Timeouts standard;
  const std::uint64_t minute = 60'000;
  cr_expect(standard.greeting_ms >= 5 * minute, "4.5.3.2.1");
  cr_expect(standard.command_ms >= 5 * minute, "4.5.3.2.2, 4.5.3.2.3");
  cr_expect(standard.data_ms >= 3 * minute, "4.5.3.2.4, 4.5.3.2.5");
  cr_expect(standard.final_ms >= 10 * minute, "4.5.3.2.6");
}

Test(deadlines, each_stage_has_its_own) {
  for (const Row& row : kRows) {
    ScriptedServer server({[&](Script& peer) {
      row.play(peer);
      while (peer.hear() != "(closed)") {
      }
    }});
    Transport transport = smarthost(server.port());
    transport.timeouts = {kLong, kLong, kLong, kLong, kLong};
    transport.timeouts.*row.deadline = row.limit;
    const auto begun = std::chrono::steady_clock::now();
    const std::vector<JobResult> results = Delivery::of({}, transport);
    const auto took = std::chrono::steady_clock::now() - begun;
    cr_expect(summary(results) == "0:deferred:unreachable", "%s: %s", row.stage,
              summary(results).c_str());
    cr_assert(!results.empty());
    const std::string& reply = results.back().transaction.groups[0].outcome.reply;
    cr_expect(reply.find(row.words) != std::string::npos, "%s: %s", row.stage, reply.c_str());
    cr_expect(reply.find("timed out") != std::string::npos, "%s: %s", row.stage, reply.c_str());
    cr_expect(took >= std::chrono::milliseconds(row.limit - 20), "%s: gave up early", row.stage);
    cr_expect(took < std::chrono::milliseconds(kLong - 1000), "%s: waited too long", row.stage);
  }
}

Test(deadlines, a_server_that_reads_nothing_is_given_up_while_the_message_is_sent) {
  ScriptedServer server({[](Script& peer) {
    up_to_data(peer);
    peer.say("354 go on\r\n");
    peer.wait(3000);
  }});
  Transport transport = smarthost(server.port());
  transport.timeouts = {kLong, kLong, kLong, kShort, kLong};
  Letter letter;
  letter.text += std::string(20'000'000, 'x');
  const auto begun = std::chrono::steady_clock::now();
  const std::vector<JobResult> results = Delivery::of(letter, transport);
  const auto took = std::chrono::steady_clock::now() - begun;
  expect_summary(results, "0:deferred:unreachable");
  cr_expect(took < std::chrono::milliseconds(kLong - 1000), "the deadline for the final dot");
  const std::string& reply = results.back().transaction.groups[0].outcome.reply;
  cr_expect(reply.find("may have") == std::string::npos, "no final dot was sent: %s",
            reply.c_str());
}

Test(deadlines, a_server_that_keeps_each_one_is_given_up_when_the_message_takes_too_long) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    for (int i = 0; i < 100 && peer.hear() != "(closed)"; ++i) {
      peer.wait(60);
      peer.say("250 in the end\r\n");
    }
  }});
  Transport transport = smarthost(server.port());
  transport.timeouts = {kLong, kLong, kLong, kLong, kLong, kShort};
  Letter letter;
  for (int i = 0; i < 60; ++i)
    letter.to.push_back(std::to_string(i) + "@example.com");
  const std::vector<JobResult> results = Delivery::of(letter, transport);
  cr_assert(!results.empty());
  const Outcome& outcome = results.back().transaction.groups[0].outcome;
  cr_expect(outcome.disposition == Disposition::deferred);
  cr_expect(outcome.reply.find("timeout_transaction") != std::string::npos, "%s",
            outcome.reply.c_str());
}

Test(deadlines, a_message_that_is_taken_too_slowly_is_given_up) {
  ScriptedServer server({[](Script& peer) {
    up_to_data(peer);
    peer.say("354 go on\r\n");
    peer.wait(4000);
  }});
  Transport transport = smarthost(server.port());
  transport.timeouts = {kLong, kLong, kLong, kLong, kLong, kShort};
  Letter letter;
  letter.text += std::string(20'000'000, 'x');
  const std::vector<JobResult> results = Delivery::of(letter, transport);
  expect_summary(results, "0:deferred:unreachable");
  const std::string& reply = results.back().transaction.groups[0].outcome.reply;
  cr_expect(reply.find("timeout_transaction") != std::string::npos, "%s", reply.c_str());
}

Test(deadlines, the_wait_for_the_final_reply_is_not_bound_by_that_of_the_transaction) {
  ScriptedServer server({[](Script& peer) {
    up_to_data(peer);
    peer.say("354 go on\r\n");
    peer.hear_message();
    peer.wait(1700);
    peer.say("250 taken\r\n");
    while (peer.hear() != "(closed)") {
    }
  }});
  Transport transport = smarthost(server.port());
  transport.timeouts = {kLong, kLong, kLong, kLong, kLong, kAfterOthers};
  expect_summary(Delivery::of({}, transport), "0:delivered:250");
}

Test(deadlines, a_whole_transaction_has_the_time_of_its_recipients_and_bytes) {
  const Timeouts standard;
  constexpr std::uint64_t kSecond = 1'000;
  cr_expect(standard.whole_transaction_ms(0, 0) == 1'800 * kSecond);
  cr_expect(standard.whole_transaction_ms(0, 100) == 4'800 * kSecond);
  cr_expect(standard.whole_transaction_ms(30'000'000, 0) == 31'800 * kSecond);
}

Test(deadlines, a_reply_that_trickles_is_not_waited_for_line_by_line) {
  ScriptedServer server({[](Script& peer) {
    up_to_mail(peer);
    for (int i = 0; i < 20; ++i) {
      peer.say("250-not yet\r\n");
      peer.wait(50);
    }
  }});
  Transport transport = smarthost(server.port());
  transport.timeouts = {kLong, kLong, kShort, kLong, kLong};
  expect_summary(Delivery::of({}, transport), "0:deferred:unreachable");
}
