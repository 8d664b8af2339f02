// Changes: a queue of the test's own whose messages are changed as commands change them.
#pragma once

#include "queue/spool/message_change.h"
#include "tests/unit/queue-manager/queue_rig.h"

namespace waypost::test {

using queue::Changed;
using queue::Effect;
using queue::Verb;

struct Changes {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig{fs, folder.path()};

  // What the command was told; none: nothing yet.
  std::shared_ptr<std::optional<Result<Changed>>> begin(const MessageId& id, Verb verb,
                                                        std::optional<std::string> hand = {}) {
    auto told = std::make_shared<std::optional<Result<Changed>>>();
    rig.manager->change(id, {verb, std::move(hand), "uid 7"},
                        [told](const Result<Changed>& done) { *told = done; });
    return told;
  }
  Effect change(const MessageId& id, Verb verb, std::optional<std::string> hand = {}) {
    const auto told = begin(id, verb, std::move(hand));
    rig.run();
    cr_assert(told->has_value() && (*told)->has_value(), "%s",
              std::string(queue::name(verb)).c_str());
    return (**told)->effect;
  }
  // A message that was tried once and waits.
  MessageId deferred_once(const std::vector<std::string>& recipients = {"x@one.test"}) {
    rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
    const MessageId id = rig.accept("a@b.test", recipients);
    rig.start();
    rig.run();
    cr_assert_eq(cur_names(folder).size(), 1U);
    return id;
  }
  bool stands_as(const MessageId& id, const std::string& next) const {
    return cur_names(folder) == std::vector{id.text() + "." + next};
  }
  int synced() const {
    return static_cast<int>(std::ranges::count_if(
        fs.log(), [](const std::string& call) { return call.starts_with("sync_data"); }));
  }
};

} // namespace waypost::test
