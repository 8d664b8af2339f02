// How many connections there may be, and for how long a failure is known.

#include <criterion/criterion.h>

#include "deliver/concurrency.h"
#include "deliver/known_failures.h"
#include "deliver/roster.h"

using namespace waypost;
using namespace waypost::deliver;

namespace {

Outcome refused() {
  Outcome outcome;
  outcome.klass = FailureClass::unreachable;
  outcome.reply = "connection refused";
  return outcome;
}

// For how long each of `count` failures in a row is known.
std::string waits(const std::vector<std::uint64_t>& retry_s, int count) {
  KnownFailures failures;
  failures.reset(retry_s);
  const DestinationKey key{"direct", "a.test"};
  std::uint64_t now = 1'000;
  std::string text;
  for (int i = 0; i < count; ++i) {
    failures.failed(key, refused(), now);
    const std::uint64_t began = now;
    while (failures.known(key, now) != nullptr)
      now += 250;
    text += std::to_string(now - began) + " ";
  }
  return text;
}

} // namespace

Test(concurrency, grows_with_deliveries_up_to_the_configured_number) {
  Concurrency fresh(3, false);
  cr_expect_eq(fresh.allowed(0), 1);
  for (int i = 0; i < 9; ++i)
    fresh.delivered();
  cr_expect_eq(fresh.allowed(0), 3);
  cr_expect_eq(Concurrency(3, true).allowed(0), 3);
}

Test(concurrency, a_further_connection_needs_jobs_that_wait) {
  struct Row {
    std::size_t open, waiting;
    bool worth;
  };
  const Concurrency proven(4, true);
  for (const Row& row : {Row{0, 0, false}, Row{0, 1, true}, Row{1, 2, false}, Row{1, 3, true},
                         Row{3, 6, false}, Row{3, 7, true}, Row{4, 100, false}}) {
    cr_expect_eq(proven.worth_one_more(row.open, row.waiting, 0), row.worth, "%zu open, %zu wait",
                 row.open, row.waiting);
  }
}

Test(concurrency, a_refused_connection_leaves_as_many_as_there_are) {
  Concurrency proven(20, true);
  proven.refused(5, 1'000);
  cr_expect_eq(proven.allowed(1'000), 5);
  proven.delivered();
  cr_expect_eq(proven.allowed(30'000), 5, "success does not lift what the server said");
  cr_expect_eq(proven.allowed(61'000), 6, "one more is tried each minute");
  proven.refused(5, 61'000);
  cr_expect_eq(proven.allowed(62'000), 5);
  cr_expect_eq(proven.allowed(61'000 + 100 * 60'000), 20);
  proven.slow_down(8, 0);
  cr_expect_eq(proven.allowed(0), 4);
  proven.slow_down(1, 0);
  cr_expect_eq(proven.allowed(0), 1);
  proven.failed();
  cr_expect_eq(proven.allowed(0), 1);
  proven.delivered();
  cr_expect_eq(proven.allowed(0), 2, "a failed one grows again as a new one does");
}

Test(known_failures, are_known_for_longer_each_time_but_never_past_the_next_attempt) {
  struct Row {
    std::vector<std::uint64_t> retry_s;
    const char* waits;
  };
  for (const Row& row : {Row{{7200}, "30000 60000 120000 240000 480000 600000 600000 "},
                         Row{{450, 900, 1800}, "30000 60000 120000 225000 225000 225000 225000 "},
                         Row{{60, 10, 600}, "5000 5000 5000 5000 5000 5000 5000 "},
                         Row{{1}, "500 500 500 500 500 500 500 "}}) {
    const std::string got = waits(row.retry_s, 7);
    cr_expect(got == row.waits, "shortest wait %lu s: %s",
              static_cast<unsigned long>(row.retry_s[0]), got.c_str());
  }
}

Test(known_failures, an_answer_clears_a_failure) {
  KnownFailures failures;
  failures.reset({450});
  const DestinationKey key{"direct", "a.test"};
  cr_expect(!failures.answered(key));
  cr_expect(failures.failed(key, refused(), 0), "news");
  cr_expect(!failures.failed(key, refused(), 100), "another connection of the same moment");
  cr_expect(failures.known(key, 29'999) != nullptr);
  cr_expect(failures.known(key, 30'000) == nullptr && failures.failing(key), "due for a probe");
  cr_expect(!failures.failed(key, refused(), 30'000), "no news");
  cr_expect(failures.known(key, 89'999) != nullptr);
  cr_expect(failures.answered(key));
  cr_expect(failures.known(key, 30'001) == nullptr && !failures.failing(key));
  failures.failed(key, refused(), 100'000);
  cr_expect(failures.known(key, 130'000) == nullptr, "30 s again, as the first time");
}

Test(known_failures, a_login_that_fails_is_probed_after_1_2_4_to_15_minutes) {
  KnownFailures failures;
  failures.reset({86'400});
  const DestinationKey key{"ses", "smtp.example:587"};
  Outcome wrong = refused();
  wrong.klass = FailureClass::auth;
  std::uint64_t now = 0;
  for (const std::uint64_t minutes : {1, 2, 4, 8, 15, 15}) {
    failures.failed(key, wrong, now);
    cr_expect(failures.known(key, now + minutes * 60'000 - 1) != nullptr, "%zu", minutes);
    now += minutes * 60'000;
    cr_expect(failures.known(key, now) == nullptr, "%zu", minutes);
  }
}

Test(roster, shares_places_by_standing) {
  struct Row {
    int proven, unknown, failing;
    const char* room; // for one more of each
  };
  for (const Row& row :
       {Row{0, 0, 0, "111"}, Row{8, 0, 0, "000"}, Row{7, 0, 0, "111"}, Row{0, 4, 0, "100"},
        Row{0, 0, 2, "110"}, Row{0, 2, 2, "100"}, Row{4, 3, 0, "111"}, Row{4, 2, 2, "000"}}) {
    Roster roster(8);
    for (int i = 0; i < row.proven; ++i)
      roster.started(Standing::proven);
    for (int i = 0; i < row.unknown; ++i)
      roster.started(Standing::unknown);
    for (int i = 0; i < row.failing; ++i)
      roster.started(Standing::failing);
    std::string room;
    for (const Standing standing : kStandings)
      room += roster.room(standing) ? '1' : '0';
    cr_expect(room == row.room, "%d proven, %d unknown, %d failing: %s", row.proven, row.unknown,
              row.failing, room.c_str());
  }
}
