// A program that is there and answers nothing: the tree starts again, and no mail is lost.
#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;
using queue::Member;
using queue::MemberWatch;

namespace {

constexpr BootMs kPatience = MemberWatch::kGlances * MemberWatch::kGlanceMs;

// A message that needs all three: it is signed, and what comes of it is a notice.
struct Scene {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig{fs, folder.path()};

  explicit Scene(std::optional<Member> hung) {
    rig.hung = hung;
    rig.domains = {{"home.test", {}, {"s"}}};
    rig.deliver = [](const Job& job, const JobRecipient&) {
      return job.sender.sender.null() ? delivered() : refused();
    };
    rig.accept("me@home.test", {"x@one.test"});
    rig.start();
    rig.run();
  }
};

void expect_told(Member member, const std::string& name) {
  Scene scene(member);
  scene.rig.pass(kPatience - MemberWatch::kGlanceMs);
  cr_expect(scene.rig.broke.empty(), "too early: %s", scene.rig.broke.c_str());
  scene.rig.pass(2 * MemberWatch::kGlanceMs);
  cr_expect(scene.rig.broke.contains(name), "%s", scene.rig.broke.c_str());
  cr_expect_eq(cur_names(scene.folder).size(), 1U, "the message stays");
}

} // namespace

Test(member_watch, route_that_hangs_is_told) {
  expect_told(Member::route, "waypost-route");
}

Test(member_watch, bounce_that_hangs_is_told) {
  expect_told(Member::bounce, "waypost-bounce");
}

Test(member_watch, overlay_that_hangs_is_told) {
  expect_told(Member::overlay, "waypost-overlay");
}

Test(member_watch, where_all_is_answered_nobody_is_woken_for_long) {
  Scene scene(std::nullopt);
  scene.rig.pass(kPatience);
  cr_expect(cur_names(scene.folder).empty(), "all is done");
  cr_expect_eq(scene.rig.woken_at, 0);
  cr_expect(scene.rig.broke.empty(), "%s", scene.rig.broke.c_str());
}

// Ten minutes without any answer, not ten minutes for each.
Test(member_watch, who_is_slow_and_answers_is_left_alone) {
  Scene scene(Member::route);
  for (int i = 0; i < 5; ++i) {
    scene.rig.pass(kPatience - MemberWatch::kGlanceMs);
    scene.rig.name_seen(scene.rig.accept("me@home.test", {"x@one.test"}));
    RouteAnswer answer = scene.rig.route(scene.rig.queries.at(static_cast<std::size_t>(i)));
    answer.query = scene.rig.queries[static_cast<std::size_t>(i)].query;
    answer.generation = scene.rig.settings.generation;
    scene.rig.manager->on_route_answer(answer);
    scene.rig.run();
  }
  cr_expect(scene.rig.broke.empty(), "%s", scene.rig.broke.c_str());
}
