#include <criterion/criterion.h>
#include <string>
#include <vector>

#include "queue/commands/change_tally.h"

using namespace waypost::queue;

Test(change_tally, says_it_in_a_sentence) {
  const struct {
    Verb verb;
    std::vector<Effect> effects;
    int failed;
    bool dry;
    std::string sentence;
  } rows[] = {
      {Verb::hold, {}, 0, false, "No message matches."},
      {Verb::hold, {Effect::changed}, 0, false, "1 message held."},
      {Verb::kick, {Effect::changed, Effect::changed}, 0, false, "2 messages due now."},
      {Verb::drop, {Effect::changed}, 0, true, "1 message would be dropped."},
      {Verb::hold, {Effect::already}, 0, false, "0 messages held. 1 was held already."},
      {Verb::release,
       {Effect::already, Effect::already},
       0,
       false,
       "0 messages released. 2 were not held."},
      {Verb::kick,
       {Effect::held},
       0,
       false,
       "0 messages due now. 1 is held and was left alone: `waypost release` comes first."},
      {Verb::bounce,
       {Effect::changed, Effect::settled},
       1,
       false,
       "1 message bounced. 1 has no recipient waiting any more. 1 failed."},
      {Verb::requeue, {}, 2, false, "0 messages requeued. 2 failed."},
  };
  for (const auto& row : rows) {
    ChangeTally tally(row.verb);
    for (const Effect effect : row.effects)
      tally.count(effect);
    for (int i = 0; i < row.failed; ++i)
      tally.count_failure();
    cr_expect(tally.sentence(row.dry) == row.sentence, "%s", tally.sentence(row.dry).c_str());
  }
}
