#include <criterion/criterion.h>
#include <fcntl.h>

#include "lib/sys/passed_descriptors.h"
#include "queue/accept/handovers.h"
#include "tests/unit/queue-accept/handover_rig.h"

using namespace waypost;
using namespace waypost::queue;
using waypost::test::HandoverRig;
using std::string_literals::operator""s;

namespace {

const std::string kEnvelope = "Fa@example.org\0Tb@example.net\0\0"s;

// A pipe in which these bytes lie, at its end unless it is kept open.
struct Filled {
  explicit Filled(const std::string& bytes, bool ended = true) {
    int ends[2];
    cr_assert(::pipe(ends) == 0);
    read = Fd(ends[0]);
    write = Fd(ends[1]);
    cr_assert(::write(write.get(), bytes.data(), bytes.size()) ==
              static_cast<ssize_t>(bytes.size()));
    if (ended) write.reset();
  }
  Fd read;
  Fd write;
};

Fd place_in(const HandoverRig& rig) {
  Fd connection = rig.connect();
  cr_assert(HandoverRig::answer(connection).go);
  return connection;
}

HandoverAnswer pass(const Fd& connection, int message, int envelope) {
  const std::array both{message, envelope};
  cr_assert(pass_descriptors(connection.get(), kHandoverPipes, both).has_value());
  return HandoverRig::answer(connection);
}

HandoverAnswer pass(const Fd& connection, const std::string& message, const std::string& envelope) {
  return pass(connection, Filled(message).read.get(), Filled(envelope).read.get());
}

int status(QueueExit exit) {
  return static_cast<int>(exit);
}

} // namespace

Test(handovers, pipes_bring_one_message_after_another) {
  HandoverRig rig;
  rig.start();
  const Fd connection = place_in(rig);
  for (const char* text : {"Subject: one", "Subject: two", ""}) {
    const HandoverAnswer answer = pass(connection, text, kEnvelope);
    cr_expect(answer.status == 0 && !answer.go, "%s: %s", text, answer.text.c_str());
    cr_expect(rig.spool().read("/new/" + answer.text).find(text) != std::string::npos);
  }
  cr_expect_eq(rig.spool().names("/new").size(), 3U);
}

Test(handovers, a_refused_message_is_answered_and_the_next_one_taken) {
  HandoverRig rig;
  rig.start({.size_max = 100});
  const Fd connection = place_in(rig);
  const int null = ::open("/dev/null", O_RDWR);
  struct Row {
    HandoverAnswer answer;
    QueueExit exit;
  };
  const Row rows[] = {
      {pass(connection, "x", "Fa@b.test\0"s), QueueExit::read_error},
      {pass(connection, "x", ""), QueueExit::read_error},
      {pass(connection, "x", "nonsense\0\0"s), QueueExit::bad_envelope},
      {pass(connection, std::string(101, 'x'), kEnvelope), QueueExit::too_large},
      {pass(connection, null, Filled(kEnvelope).read.get()), QueueExit::read_error},
      {pass(connection, Filled("x").read.get(), null), QueueExit::read_error},
      {pass(connection, Filled("x").read.get(), connection.get()), QueueExit::read_error},
  };
  for (const Row& row : rows)
    cr_expect_eq(row.answer.status, status(row.exit), "%s", row.answer.text.c_str());
  cr_expect(rig.spool().names("/new").empty());
  cr_expect(pass(connection, "x", kEnvelope).status == 0);
}

Test(handovers, what_is_no_pair_of_pipes_costs_the_place) {
  HandoverRig rig;
  rig.start();
  const Filled pipe("x");
  for (const std::vector<int>& passed :
       {std::vector{pipe.read.get()},
        std::vector{pipe.read.get(), pipe.read.get(), pipe.read.get()}}) {
    const Fd connection = place_in(rig);
    cr_assert(pass_descriptors(connection.get(), kHandoverPipes, passed).has_value());
    cr_expect_eq(HandoverRig::hear(connection), "");
  }
  for (const char byte : {'X', '9', '\0'}) { // 9: of a frame, there would be more to come
    const Fd connection = place_in(rig);
    const std::array both{pipe.read.get(), pipe.read.get()};
    cr_assert(pass_descriptors(connection.get(), byte, both).has_value());
    cr_expect_eq(HandoverRig::hear(connection), "");
  }
  const Fd none = place_in(rig);
  cr_assert(::send(none.get(), "Q", 1, 0) == 1);
  cr_expect_eq(HandoverRig::hear(none), "");
  const Fd changing = place_in(rig); // frames behind pipes
  cr_assert(pass(changing, "x", kEnvelope).status == 0);
  cr_assert(::send(changing.get(), "2:Mx,", 5, 0) == 5);
  cr_expect_eq(HandoverRig::hear(changing), "");
}

Test(handovers, nobody_waits_for_ever) {
  HandoverRig rig;
  rig.start({.patience_ms = 100});
  const Fd slow = place_in(rig);
  const Filled message("x", false);
  cr_expect_eq(pass(slow, message.read.get(), Filled(kEnvelope).read.get()).status,
               status(QueueExit::timeout));
  cr_expect_eq(HandoverRig::hear(slow), ""); // and nothing more came
}

Test(handovers, the_end_of_the_tree_ends_all) {
  HandoverRig rig;
  rig.start();
  const Fd idle = place_in(rig);
  cr_assert(pass(idle, "x", kEnvelope).status == 0);
  const Fd busy = place_in(rig);
  const Filled message("x", false);
  const std::array both{message.read.get(), message.read.get()};
  cr_assert(pass_descriptors(busy.get(), kHandoverPipes, both).has_value());
  cr_expect(rig.stop() == 0);
  cr_expect_eq(HandoverRig::hear(idle), "");
  cr_expect_eq(HandoverRig::answer(busy).status, status(QueueExit::busy));
  cr_expect_eq(rig.spool().names("/new").size(), 1U);
}
