#include "queue/spool/envelope_cursor.h"
#include "tests/unit/queue-spool/spool_message.h"

using namespace waypost;
using namespace waypost::test;

Test(envelope_cursor, finds_any_ascending_choice_of_recipients) {
  SpoolFolder spool;
  RealFs fs;
  constexpr std::uint32_t kCount = 3000; // longer than a block
  const auto all = numbered(kCount);
  write_message(fs, spool, all);
  const auto file = open_message(fs, spool);
  cr_assert(file.has_value());
  for (const std::uint32_t step : {1U, 2U, 7U, 999U}) {
    queue::EnvelopeCursor cursor(*file);
    const auto sender = cursor.sender();
    cr_assert(sender && sender->sender.text() == "a@b.test" && sender->ret == DsnReturn::full);
    for (std::uint32_t n = 0; n < kCount; n += step) {
      const auto one = cursor.recipient(n);
      cr_assert(one.has_value(), "step %u, recipient %u", step, n);
      cr_expect(one->address == all[n].address && one->notify == all[n].notify &&
                    one->orcpt == all[n].orcpt,
                "step %u, recipient %u", step, n);
    }
  }
}

Test(envelope_cursor, a_recipient_too_many_is_damage) {
  SpoolFolder spool;
  RealFs fs;
  write_message(fs, spool, numbered(2));
  const auto file = open_message(fs, spool);
  queue::EnvelopeCursor cursor(*file);
  cr_assert(cursor.sender() && cursor.recipient(1));
  const auto none = cursor.recipient(2);
  cr_expect(!none && none.error().code == 0);
}
