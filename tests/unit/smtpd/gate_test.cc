#include <criterion/criterion.h>

#include "tests/unit/smtpd/gate_rig.h"

using namespace gate_rig;
using namespace waypost::smtpd;
using waypost::Result;
using std::string_literals::operator""s;

namespace {

const std::string kEnvelope = "Fa@b.test\0Tc@d.test\0\0"s;
// Says what it read, and ends as the message's first word says.
const std::string kQueue = "exec 3<&1\n"
                           "message=$(cat)\n"
                           "echo \"$message $(tr '\\0' ' ' <&3)\" >> $0.log\n"
                           "exit ${message%% *}";

std::string status(int number) {
  return waypost::encode({false, number, "text"});
}

// The status that is the message's first word.
void serve_all(int connection) {
  say_go(connection);
  std::string message;
  std::string envelope;
  while (take(connection, message, envelope))
    say(connection, status(envelope == kEnvelope ? std::atoi(message.c_str()) : 91));
}

} // namespace

Test(gate, waypost_accept_takes_one_message_after_another_and_no_program_runs) {
  GateRig rig;
  rig.accept(serve_all);
  rig.start(kQueue);
  for (const int wanted : {0, 53, 0, 31, 0})
    cr_expect_eq(rig.send(std::to_string(wanted) + " text", kEnvelope), wanted);
  cr_expect_eq(rig.stop(), 0);
  cr_expect_eq(rig.log(), "");
}

Test(gate, the_program_is_executed_where_waypost_accept_cannot_or_shall_not_be_asked) {
  for (const bool ask : {true, false}) {
    GateRig rig;
    if (!ask) rig.accept(serve_all);
    rig.start(kQueue, {.ask_accept = ask});
    cr_expect_eq(rig.send("0 one", kEnvelope), 0);
    cr_expect_eq(rig.send("31 two", kEnvelope), 31);
    cr_expect_eq(rig.log(), "0 one Fa@b.test Tc@d.test  \n31 two Fa@b.test Tc@d.test  \n");
  }
}

Test(gate, a_place_that_is_refused_or_not_given_leads_to_the_program) {
  const std::function<void(int)> ways[] = {
      [](int connection) { say(connection, status(71)); },
      [](int) {},
      [](int connection) { say(connection, "nonsense"); },
      [](int connection) { // says nothing, and stays
        all_of(connection);
      },
  };
  for (const auto& way : ways) {
    GateRig rig;
    rig.accept(way);
    rig.start(kQueue, {.wait_ms = 100});
    cr_expect_eq(rig.send("7 one", kEnvelope), 7);
    cr_expect_eq(rig.send("0 two", kEnvelope), 0);
    cr_expect_eq(rig.stop(), 0);
  }
}

Test(gate, a_message_that_is_lost_on_the_way_is_never_said_to_be_safe) {
  const std::function<void(int)> ways[] = {
      [](int connection) {
        std::string message;
        std::string envelope;
        take(connection, message, envelope);
      },
      [](int connection) {
        std::string message;
        std::string envelope;
        take(connection, message, envelope);
        say_go(connection);
      },
      [](int connection) { // half an answer, and stays
        std::string message;
        std::string envelope;
        take(connection, message, envelope);
        say(connection, status(0).substr(0, 5));
        all_of(connection);
      },
  };
  for (const auto& way : ways) {
    GateRig rig;
    rig.accept([&way](int connection) {
      say_go(connection);
      way(connection);
    });
    rig.start(kQueue);
    const int said = rig.send("0 one", kEnvelope);
    cr_expect_eq(said, kConnectionLost);
    cr_expect_eq(rig.stop(), 0);
    cr_expect_eq(rig.log(), "", "it may be safe: the program must not get it too");
  }
}

Test(gate, nobody_waits_for_a_slow_message_of_another_client) {
  GateRig rig;
  rig.accept(serve_all); // one connection at a time
  rig.start(kQueue, {.wait_ms = 100});
  GateDoor slow(rig.requests());
  cr_assert(slow.open().has_value());
  slow.message("53 slow");
  cr_expect_eq(rig.send("7 quick", kEnvelope), 7); // which no connection was free for
  cr_expect_eq(slow.finish(kEnvelope), 53);
}

Test(gate, what_is_no_request_is_dropped) {
  GateRig rig;
  rig.start(kQueue);
  cr_assert(::send(rig.requests(), "junk", 4, 0) == 4);
  int ends[2];
  cr_assert(::pipe(ends) == 0);
  const std::array two{ends[0], ends[1]};
  cr_assert(waypost::pass_descriptors(rig.requests(), 'Q', two).has_value());
  cr_expect_eq(rig.send("0 one", kEnvelope), 0);
  cr_expect_eq(rig.stop(), 0);
}

Test(gate, garbage_for_an_answer_says_nothing_of_the_message) {
  const std::string rows[] = {"", "\0"s, "9", "\0\0"s, "99", "\x1f\x1f"};
  for (const std::string& row : rows) {
    int pair[2];
    cr_assert(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    const Fd talker(pair[0]);
    const Fd gate(pair[1]);
    Result<Asked> asked = ask(talker.get(), Request::Kind::message);
    cr_assert(asked.has_value());
    std::array<Fd, 3> passed;
    cr_assert(waypost::take_descriptors(gate.get(), passed).has_value());
    cr_assert_eq(::write(passed[2].get(), row.data(), row.size()),
                 static_cast<ssize_t>(row.size()));
    passed[2].reset();
    cr_expect_eq(await_status(asked->answer), kInternal);
  }
}

Test(gate, a_message_without_an_envelope_is_not_answered_with_0) {
  GateRig rig;
  rig.accept(serve_all);
  rig.start(kQueue);
  GateDoor door(rig.requests());
  cr_assert(door.open().has_value());
  door.message("0 never ended");
  door.abandon();
  cr_expect_eq(rig.send("0 next", kEnvelope), 0);
}

Test(gate, a_program_that_cannot_be_executed_is_a_failure) {
  GateRig rig;
  rig.start("");
  rig.remove_program();
  cr_expect_eq(rig.send("0", kEnvelope), kInternal);
}
