// Walking over the queue, a step at a time.
#include "tests/unit/queue-manager/queue_rig.h"

#include "queue/manager/control_change.h"
#include "tests/unit/queue-manager/control_reader.h"

using namespace waypost;
using namespace waypost::test;
using namespace waypost::queue;

namespace {

std::vector<std::string> walked(const Schedule& schedule) {
  std::vector<std::string> all;
  IdWalk walk;
  while (true) {
    while (!schedule.step(walk)) {
    }
    if (walk.page.empty()) return all;
    all.insert(all.end(), walk.page.begin(), walk.page.end());
  }
}

struct Queue {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig{fs, folder.path()};
  std::unique_ptr<ControlAnswer> answer;
  bool resumed = false;

  explicit Queue(int messages) {
    rig.limits.turns = 0; // they stay as they are
    for (int i = 0; i < messages; ++i)
      rig.accept("a@b.test", {"x@one.test"});
    rig.start();
  }
  void ask(const Record& request, const ControlCaller& caller) {
    answer = answer_control(request, caller, *rig.manager, [this] { resumed = true; }, [] {});
  }
  // Until it waits.
  void slices(Reader& reader) const {
    while (answer->slice(reader) == ControlAnswer::State::more) {
    }
  }
  // As the session on the loop does, until the end or until nothing more can happen.
  ControlAnswer::State go_on(Reader& reader) {
    auto state = ControlAnswer::State::more;
    for (int i = 0; i < 100'000 && state != ControlAnswer::State::ended && !reader.full(); ++i) {
      resumed = false;
      state = answer->slice(reader);
      if (state != ControlAnswer::State::waiting) continue;
      rig.run();
      if (!resumed) break;
    }
    return state;
  }
};

Record all(const char* command) {
  Record request;
  return request.add("command", command).add("all", "1");
}

constexpr ControlCaller kRoot{0, true};

} // namespace

Test(walk, every_id_comes_once_and_in_order_over_many_pages) {
  Schedule schedule;
  std::vector<std::string> ids;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    const MessageId id = MessageId::make(1'800'000'000'000'000 + i * 7919 % 5000, i);
    ids.push_back(id.text());
    schedule.add(id, {});
    if (i % 100 != 0) continue;
    ids.push_back(id.derive('b', 1)->text());
    schedule.add(*id.derive('b', 1), {});
  }
  std::ranges::sort(ids);
  cr_expect(walked(schedule) == ids);
  cr_expect(walked(Schedule()).empty());
}

Test(walk, a_map_that_grows_meanwhile_loses_nobody) {
  Schedule schedule;
  std::set<std::string> before;
  const auto add = [&](std::uint32_t i) {
    const MessageId id = MessageId::make(1'800'000'000'000'000 + i, i);
    schedule.add(id, {});
    return id.text();
  };
  for (std::uint32_t i = 0; i < 12'000; ++i)
    before.insert(add(i));
  IdWalk walk;
  std::uint32_t more = 12'000;
  while (true) {
    while (!schedule.step(walk))
      add(more++);
    if (walk.page.empty()) break;
    for (const std::string& id : walk.page)
      before.erase(id);
    if (more < 24'000) {
      for (int i = 0; i < 5'000; ++i)
        add(more++);
    }
  }
  cr_expect(before.empty());
}

Test(walk, a_change_reaches_all_in_bounded_slices) {
  Queue queue(300);
  queue.ask(all("hold"), kRoot);
  Reader reader;
  cr_expect(queue.go_on(reader) == ControlAnswer::State::ended);
  cr_expect_eq(reader.count("changed"), 300U);
  cr_expect(reader.records.back().get("type") == "end" &&
            reader.records.back().number("status") == 0);
  cr_expect_eq(queue.rig.manager->schedule().held(), 300U);
}

Test(walk, no_more_than_a_few_changes_are_under_way) {
  Queue queue(300);
  queue.ask(all("hold"), kRoot);
  Reader reader;
  queue.slices(reader); // until the account's name is asked for
  queue.rig.run();
  queue.slices(reader);
  queue.rig.run();
  const std::size_t held = queue.rig.manager->schedule().held();
  cr_expect(held > 0 && held <= 16, "%zu", held);
}

Test(walk, a_caller_that_does_not_read_stops_the_work) {
  Queue queue(300);
  queue.ask(all("hold"), kRoot);
  Reader reader;
  reader.most = 10;
  queue.go_on(reader);
  queue.rig.run();
  const std::size_t held = queue.rig.manager->schedule().held();
  cr_expect(held < 60, "%zu", held);
  reader.most = SIZE_MAX;
  cr_expect(queue.go_on(reader) == ControlAnswer::State::ended);
  cr_expect_eq(queue.rig.manager->schedule().held(), 300U);
}

Test(walk, a_stop_finishes_what_was_begun_and_tells_all_of_it) {
  Queue queue(300);
  queue.ask(all("hold"), kRoot);
  Reader reader;
  reader.most = 10;
  queue.go_on(reader);
  queue.answer->stop();
  reader.most = SIZE_MAX;
  cr_expect(queue.go_on(reader) == ControlAnswer::State::ended);
  cr_expect_eq(reader.count("changed"), queue.rig.manager->schedule().held());
  cr_expect_lt(reader.count("changed"), 100U);
}

Test(walk, a_caller_that_goes_leaves_no_message_half_changed) {
  Queue queue(100);
  queue.ask(all("hold"), kRoot);
  Reader reader;
  queue.slices(reader);
  queue.rig.run();
  queue.slices(reader);
  queue.answer.reset();
  queue.rig.run();
  const std::size_t held = queue.rig.manager->schedule().held();
  cr_expect(held > 0 && held < 100);
}

Test(walk, who_may_order_what) {
  const std::uint32_t me = ::getuid();
  const struct {
    const char* command;
    ControlCaller caller;
    int status;
    std::size_t changed;
  } rows[] = {
      {"hold", {me, false}, 0, 1},       {"drop", {me, false}, 0, 1},
      {"release", {me, false}, 100, 0},  {"kick", {me, false}, 100, 0},
      {"bounce", {me, false}, 100, 0},   {"requeue", {me, false}, 100, 0},
      {"hold", {me + 1, false}, 0, 0},   {"drop", {me + 1, false}, 0, 0},
      {"release", {me + 1, true}, 0, 1}, {"kick", {me + 1, true}, 0, 1},
      {"bounce", {me + 1, true}, 0, 1},  {"requeue", {me + 1, true}, 0, 1},
  };
  for (const auto& row : rows) {
    Queue queue(1);
    queue.ask(all(row.command), row.caller);
    Reader reader;
    cr_expect(queue.go_on(reader) == ControlAnswer::State::ended);
    cr_expect(reader.records.back().number("status") == row.status, "%s", row.command);
    cr_expect_eq(reader.count("changed"), row.changed, "%s by %u", row.command, row.caller.uid);
  }
}

Test(walk, another_users_message_is_not_there) {
  Queue queue(1);
  Record request;
  const std::string id = cur_names(queue.folder)[0].substr(0, 16);
  queue.ask(request.add("command", "drop").add("id", id), {::getuid() + 1, false});
  Reader reader;
  queue.go_on(reader);
  cr_assert_eq(reader.records.size(), 2U);
  cr_expect(reader.records[0].get("text").find("no such message") != std::string_view::npos);
  cr_expect(reader.records[1].number("status") == 100);
  cr_expect_eq(cur_names(queue.folder).size(), 1U);
}
