#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "lib/mail/message_file.h"
#include "queue/accept/handover_client.h"
#include "tests/unit/queue-accept/handover_rig.h"

using namespace waypost;
using namespace waypost::queue;
using waypost::test::HandoverRig;
using std::string_literals::operator""s;

namespace {

const std::string kMessage = "Subject: x\n\nbody\n";
const std::string kEnvelope = "Fa@example.org\0Tb@example.net\0\0"s;

// The client, with files in place of its caller's pipes.
std::expected<void, Refusal> hand_over(const HandoverRig& rig, const std::string& message,
                                       const std::string& envelope, int wait_ms = 20'000,
                                       int rest_ms = 60'000) {
  rig.spool().write("/message", message);
  rig.spool().write("/envelope", envelope);
  const Fd from(::open((rig.spool().path() + "/message").c_str(), O_RDONLY | O_CLOEXEC));
  const Fd to(::open((rig.spool().path() + "/envelope").c_str(), O_RDONLY | O_CLOEXEC));
  return queue::hand_over({rig.socket(), from.get(), to.get(), wait_ms, rest_ms});
}

void expect_refusal(const std::expected<void, Refusal>& outcome, QueueExit exit) {
  cr_assert(!outcome, "accepted; expected exit %d", static_cast<int>(exit));
  cr_expect(outcome.error().exit == exit, "exit %d, expected %d: %s",
            static_cast<int>(outcome.error().exit), static_cast<int>(exit),
            outcome.error().text.c_str());
}

std::string frames(HandoverPart part, std::string_view bytes) {
  std::string out;
  append_handover(out, part, bytes);
  return out;
}

std::string whole() {
  return frames(HandoverPart::message, kMessage) + frames(HandoverPart::envelope, kEnvelope);
}

// What waypost-accept answers to these bytes, behind the G; the connection is then at its end.
HandoverAnswer answer_to(const HandoverRig& rig, std::string_view bytes) {
  const Fd connection = rig.connect();
  cr_assert(HandoverRig::answer(connection).go);
  cr_assert(::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0);
  ::shutdown(connection.get(), SHUT_WR);
  return HandoverRig::answer(connection);
}

int status(QueueExit exit) {
  return static_cast<int>(exit);
}

} // namespace

Test(handover, a_message_is_accepted_as_its_callers_own) {
  HandoverRig rig;
  rig.start();
  const std::string large = "Subject: x\n\n" + std::string(5'000'000, 'x') + "\n";
  for (const std::string& message : {kMessage, large}) {
    const auto done = hand_over(rig, message, kEnvelope);
    cr_assert(done.has_value(), "%s", done.error().text.c_str());
  }
  std::vector<std::size_t> lengths;
  for (const std::string& name : rig.spool().names("/new")) {
    const auto head = decode_head(rig.spool().read("/new/" + name).substr(0, MessageHead::kSize));
    cr_assert(head.has_value());
    cr_expect(head->uid == ::getuid() && head->recipients == 1);
    lengths.push_back(head->message_length);
  }
  std::ranges::sort(lengths);
  cr_assert(lengths.size() == 2);
  cr_expect(lengths[0] < 300 && lengths[1] > large.size());
  cr_expect(rig.stop() == 0);
}

Test(handover, a_refusal_comes_through_also_while_the_message_is_being_sent) {
  HandoverRig rig;
  rig.start({.size_max = 1000});
  expect_refusal(hand_over(rig, std::string(8'000'000, 'x'), kEnvelope), QueueExit::too_large);
  expect_refusal(hand_over(rig, kMessage, "X\0\0"s), QueueExit::bad_envelope);
  expect_refusal(hand_over(rig, kMessage, kEnvelope + "x"), QueueExit::bad_envelope);
  expect_refusal(hand_over(rig, kMessage, "Fa@example.org\0"s), QueueExit::read_error);
  expect_refusal(hand_over(rig, kMessage, ""), QueueExit::read_error);
  cr_expect(rig.spool().names("/new").empty());
}

Test(handover, lies_and_fragments_leave_nothing) {
  HandoverRig rig;
  rig.start();
  const std::string message = frames(HandoverPart::message, kMessage);
  const std::string envelope = frames(HandoverPart::envelope, kEnvelope);
  const std::pair<std::string, QueueExit> rows[] = {
      {"", QueueExit::read_error},
      {message, QueueExit::read_error},
      {message.substr(0, 5), QueueExit::read_error},
      {message + envelope.substr(0, envelope.size() - 1), QueueExit::read_error},
      {message + frames(HandoverPart::envelope, kEnvelope.substr(0, kEnvelope.size() - 1)),
       QueueExit::read_error},
      {"999999999:M", QueueExit::bad_envelope},
      {"40000:M" + std::string(40'000, 'x') + ",", QueueExit::bad_envelope},
      {"5:Mbody!", QueueExit::bad_envelope},
      {"GET / HTTP/1.0\r\n\r\n", QueueExit::bad_envelope},
      {message + "1:E,", QueueExit::bad_envelope},
      {message + frames(HandoverPart::envelope, "Fa@b"s + '\0') + message, QueueExit::bad_envelope},
      {envelope.substr(0, 3) + "x", QueueExit::read_error},
  };
  for (const auto& [bytes, exit] : rows) {
    const HandoverAnswer answer = answer_to(rig, bytes);
    cr_expect(!answer.go && answer.status == status(exit), "%.20s: %d %s", bytes.c_str(),
              answer.status, answer.text.c_str());
  }
  cr_expect(rig.spool().names("/new").empty());
  cr_expect(answer_to(rig, whole()).status == 0, "and the next caller is served");
}

Test(handover, who_says_nothing_for_too_long_loses_the_place) {
  HandoverRig rig;
  rig.start({.patience_ms = 50});
  const Fd silent = rig.connect();
  cr_assert(HandoverRig::answer(silent).go);
  cr_expect(HandoverRig::answer(silent).status == status(QueueExit::timeout));
  const Fd half = rig.connect();
  cr_assert(HandoverRig::answer(half).go);
  ::send(half.get(), "5:Mab", 5, MSG_NOSIGNAL); // a slow machine may be too late for it
  cr_expect(HandoverRig::answer(half).status == status(QueueExit::timeout));
  cr_expect(HandoverRig::hear(half).empty());
}

Test(handover, ten_places_for_a_user_and_the_next_waits_for_one) {
  HandoverRig rig;
  rig.start();
  std::vector<Fd> taken;
  for (int i = 0; i < Places::kOfOneUser; ++i) {
    taken.push_back(rig.connect());
    cr_assert(HandoverRig::answer(taken.back()).go, "place %d", i);
  }
  const HandoverAnswer eleventh = HandoverRig::answer(rig.connect());
  cr_expect(!eleventh.go && eleventh.status == status(QueueExit::busy), "%d", eleventh.status);
  expect_refusal(hand_over(rig, kMessage, kEnvelope, 50), QueueExit::busy);
  const pid_t leaver = ::fork();
  if (leaver == 0) {
    // Sees that the client has been refused: it tries each tenth of a second.
    ::usleep(300'000);
    ::shutdown(taken.front().get(), SHUT_RDWR);
    ::_exit(0);
  }
  taken.front().reset();
  const auto done = hand_over(rig, kMessage, kEnvelope);
  cr_expect(done.has_value(), "%s", done ? "" : done.error().text.c_str());
  ::waitpid(leaver, nullptr, 0);
}

Test(handover, nobody_there_is_told_at_once_or_after_a_while) {
  HandoverRig rig;
  const auto at = [](const std::string& socket, int wait_ms) {
    int ends[2];
    cr_assert(::pipe(ends) == 0);
    ::close(ends[1]);
    const Fd nothing(ends[0]);
    const Fd envelope(::memfd_create("envelope", 0));
    cr_assert(::write(envelope.get(), kEnvelope.data(), kEnvelope.size()) > 0);
    ::lseek(envelope.get(), 0, SEEK_SET);
    return queue::hand_over({socket, nothing.get(), envelope.get(), wait_ms});
  };
  expect_refusal(at(rig.spool().path() + "/none", 1'000'000), QueueExit::not_connected);
  rig.spool().write("/no-socket", "");
  expect_refusal(at(rig.spool().path() + "/no-socket", 50), QueueExit::not_connected);
}

Test(handover, no_answer_but_the_right_one_means_accepted) {
  const std::string go = encode({true, 0, ""});
  const std::string good = encode({false, 0, "id"});
  const std::pair<std::string, QueueExit> rows[] = {
      {good, QueueExit::connection_lost},
      {go + good, QueueExit::connection_lost},
      {go + go, QueueExit::connection_lost},
      {go, QueueExit::connection_lost},
      {"", QueueExit::connection_lost},
      {"GARBAGE", QueueExit::connection_lost},
      {go + "3:S0", QueueExit::connection_lost},
      {go + encode({false, 53, "full"}), QueueExit::write_error},
  };
  for (const auto& [said, exit] : rows) {
    HandoverRig rig;
    rig.pretend({said});
    expect_refusal(hand_over(rig, std::string(3'000'000, 'x'), kEnvelope, 50), exit);
  }
}

// Five minutes are for the first byte of an answer.
Test(handover, half_an_answer_is_not_waited_for, .timeout = 60) {
  const std::string go = encode({true, 0, ""});
  const std::vector<std::string> rows[] = {
      {"1:"}, {go, "12:S0 1j0q"}, {go + "12:S0 1j0q"}, {go, "2"}};
  for (const std::vector<std::string>& said : rows) {
    HandoverRig rig;
    rig.pretend(said, HandoverRig::Then::listens);
    expect_refusal(hand_over(rig, kMessage, kEnvelope, 50, 50), QueueExit::no_answer);
  }
}

Test(handover, an_answer_may_come_in_parts) {
  HandoverRig rig;
  rig.pretend({"1", ":G,", "4:S0", " a,"}, HandoverRig::Then::listens);
  const auto done = hand_over(rig, kMessage, kEnvelope);
  cr_expect(done.has_value(), "%s", done ? "" : done.error().text.c_str());
}

Test(handover, what_is_under_way_when_the_tree_ends_is_told_so) {
  HandoverRig rig;
  rig.start();
  const Fd under_way = rig.connect();
  cr_assert(HandoverRig::answer(under_way).go);
  cr_expect(rig.stop() == 0);
  cr_expect(HandoverRig::answer(under_way).status == status(QueueExit::busy));
  cr_expect(rig.spool().names("/new").empty());
}

Test(reception, leaves_when_nobody_comes) {
  HandoverRig rig;
  const Fd one = rig.connect(); // before it can have left
  rig.start({.idle_ms = 100});
  cr_assert(HandoverRig::answer(one).go);
  cr_assert(::send(one.get(), whole().data(), whole().size(), 0) > 0);
  cr_expect(HandoverRig::answer(one).status == 0);
  cr_expect(rig.wait() == 0);
  // Who knocks now waits in the socket's queue for the next one.
  const Fd next = rig.connect();
  rig.start();
  cr_expect(HandoverRig::answer(next).go);
}

Test(reception, a_killed_server_gives_its_place_back) {
  HandoverRig rig;
  rig.start([](int, uid_t) { ::raise(SIGKILL); });
  for (int i = 0; i < 3 * Places::kOfOneUser; ++i) {
    const Fd connection = rig.connect();
    const HandoverAnswer first = HandoverRig::answer(connection);
    if (!first.go) cr_expect(first.status == status(QueueExit::busy));
    cr_expect(HandoverRig::hear(connection).empty(), "no answer is better than a wrong one");
  }
}

// malloc that has missed a page once, in what all are forked from, lets each fork abort.
Test(reception, leaves_when_a_server_has_crashed) {
  HandoverRig rig;
  rig.start([](int, uid_t) {
    ::signal(SIGABRT, SIG_DFL);
    ::raise(SIGABRT);
  });
  const Fd one = rig.connect();
  cr_expect(HandoverRig::hear(one) == encode({true, 0, ""}),
            "no answer is better than a wrong one");
  cr_expect(rig.wait() == 0);
  rig.start();
  cr_expect(answer_to(rig, whole()).status == 0, "the next one is sound");
}

Test(places, each_user_has_ten_and_all_have_a_bound) {
  Places places;
  pid_t process = 1;
  for (int i = 0; i < Places::kOfOneUser; ++i)
    places.take(process++, 1000);
  cr_expect(!places.free_for(1000) && places.free_for(1001));
  places.leave(3);
  cr_expect(places.free_for(1000));
  places.leave(3);
  places.leave(4711);
  places.take(3, 1000);
  cr_expect(!places.free_for(1000));
  for (uid_t uid = 2000; !places.full(); ++uid)
    places.take(process++, uid);
  cr_expect(!places.free_for(9999));
  for (pid_t one = 1; one < process; ++one)
    places.leave(one);
  cr_expect(places.empty() && places.free_for(1000));
}
