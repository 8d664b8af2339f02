// What waypost-deliver tells of its senders: what is new, and no more often than it says.
#include "deliver/sender_report.h"

#include <criterion/criterion.h>
#include <unistd.h>
#include <vector>

#include "deliver/known_failures.h"
#include "lib/mail/sender_state.h"
#include "lib/net/loop.h"

using namespace waypost;
using namespace waypost::deliver;

namespace {

struct Told {
  net::Loop loop;
  SenderState state;
  std::vector<Record> records;
  SenderReport report{loop.uv(), [this] { return to_record(state); },
                      [this](Record record) { records.push_back(std::move(record)); }};

  void turn(std::uint64_t ms = 0) {
    ::usleep(static_cast<useconds_t>(ms * 1000));
    loop.run_ready();
    loop.run_ready();
  }
};

} // namespace

Test(sender_report, tells_a_change_at_once_and_the_next_within_a_second_or_so) {
  Told told;
  told.turn();
  cr_expect(told.records.empty(), "nobody asked");
  told.state.living = 1;
  told.report.changed();
  told.turn();
  cr_assert_eq(told.records.size(), 1U);
  const std::uint64_t begun = told.loop.now_ms();
  while (told.loop.now_ms() - begun < 1'500 ||
         told.records.back().number("living") != told.state.living) {
    if (told.loop.now_ms() - begun < 1'500) ++told.state.living;
    told.report.changed();
    told.turn(20);
  }
  const std::uint64_t seconds = (told.loop.now_ms() - begun) / 1000;
  cr_expect_leq(told.records.size(), 2 + seconds);
  cr_expect_geq(told.records.size(), 2U);
}

Test(sender_report, what_has_not_changed_is_not_told) {
  Told told;
  told.state.living = 1;
  for (int i = 0; i < 3; ++i) {
    told.report.changed();
    told.turn(i == 0 ? 0 : 1'010);
  }
  cr_expect_eq(told.records.size(), 1U);
}

Test(sender_state, is_read_as_it_was_written) {
  SenderState state{7,
                    3,
                    2,
                    {{"relay", FailureClass::auth, "535 5.7.8 no", 1'800'000'000'000'000,
                      1'800'000'060'000'000, "look at it"},
                     {"ses", FailureClass::tls, ""}}};
  const Result<SenderState> read = sender_state(to_record(state));
  cr_assert(read.has_value());
  cr_expect(*read == state);
  state.held[0].reply = std::string(5'000, 'x');
  cr_expect_eq(sender_state(to_record(state))->held[0].reply.size(), kMostHeldReply);
}

Test(sender_state, what_does_not_fit_is_refused) {
  const auto record = [](std::uint64_t living, std::uint64_t idle) {
    Record made;
    made.add("type", "senders").add_number("living", living).add_number("idle", idle);
    return made.add_number("failing", 0);
  };
  cr_expect(sender_state(record(1, 1)).has_value());
  cr_expect(!sender_state(record(1, 2)).has_value(), "more idle than living");
  cr_expect(!sender_state(Record().add("type", "senders")).has_value());
  cr_expect(!sender_state(record(1, 1).add("held", "")).has_value());
  cr_expect(!sender_state(record(1, 1).add("held", "x").add("class", "bad")).has_value());
  cr_expect(!sender_state(record(1, 1).add("held", "x").add("since", "-1")).has_value());
  cr_expect(!sender_state(record(1, 1).add("held", "x").add("probe", "soon")).has_value());
  Record many = record(1, 1);
  for (std::size_t i = 0; i <= kMostHeldTransports; ++i)
    many.add("held", "x");
  cr_expect(!sender_state(many).has_value());
}

Test(known_failures, of_a_transport) {
  KnownFailures failures;
  Outcome outcome;
  outcome.klass = FailureClass::auth;
  cr_expect(!failures.of_transport("relay"));
  failures.failed({"relay", "host:587"}, outcome, 1'000);
  failures.failed({"relay2", "host:25"}, Outcome(), 1'000);
  cr_assert(failures.of_transport("relay"));
  cr_expect_eq(failures.of_transport("relay")->why->klass, FailureClass::auth);
  cr_expect(!failures.of_transport("rela") && !failures.of_transport("relay3"));
  cr_expect_eq(failures.size(), 2U);
  failures.failed({"relay", "host:587"}, outcome, 100'000);
  const auto standing = failures.of_transport("relay");
  cr_expect_eq(standing->since_ms, 1'000U, "since the first of them");
  cr_expect_eq(standing->until_ms, 100'000 + 2 * KnownFailures::kFirstLoginMs);
  failures.answered({"relay", "host:587"});
  cr_expect(!failures.of_transport("relay"));
}
