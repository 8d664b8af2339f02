// `stats`, `top` and `status` on the control socket.
#include "tests/unit/queue-manager/queue_rig.h"

#include <set>

#include "queue/manager/control_stats.h"
#include "queue/manager/metrics.h"
#include "tests/unit/queue-manager/control_reader.h"

using namespace waypost;
using namespace waypost::test;
using namespace waypost::queue;

namespace {

struct Queue {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig{fs, folder.path()};
  std::unique_ptr<ControlAnswer> answer;

  void ask(const char* command, bool sees_all = true, std::uint64_t most = 100) {
    Record request;
    request.add("command", command).add_number("most", most);
    answer = answer_control(request, {1, sees_all}, *rig.manager, [] {}, [] {});
  }
  void read(Reader& reader) const {
    while (answer->slice(reader) == ControlAnswer::State::more && !reader.full()) {
    }
  }
};

} // namespace

Test(control_stats, tells_every_metric_by_its_name_and_labels) {
  Queue queue;
  queue.rig.deliver = [](const Job&, const JobRecipient& one) {
    return one.recipient.address.domain() == "one.test" ? delivered() : deferred();
  };
  queue.rig.start();
  queue.rig.name_seen(queue.rig.accept("a@b.test", {"x@one.test", "x@two.test"}));
  queue.rig.manager->on_senders({2, 1, 1, {{"relay", FailureClass::auth, "535 no"}}});
  queue.ask("stats", false);
  Reader reader;
  queue.read(reader);
  std::set<std::string_view> told;
  for (const Record& one : reader.records) {
    if (one.get("type") != "metric") continue;
    const auto* const metric =
        std::ranges::find(kMetrics, one.get("name"), [](const Metric* m) { return m->name; });
    cr_assert(metric != kMetrics.end(), "%s is not in the table", one.encode().c_str());
    told.insert((*metric)->name);
    for (const std::string_view label : {"state", "transport", "kind", "class", "outcome", "tried"})
      cr_expect_eq(one.has(label), (*metric)->labels.find(label) != std::string_view::npos,
                   "%s: %s", one.get("name").data(), label.data());
  }
  for (const Metric* metric : kMetrics)
    cr_expect(told.contains(metric->name), "%s is not told", metric->name.data());
  cr_expect_eq(reader.records.back().get("type"), "end");
}

Test(control_stats, a_caller_that_does_not_read_stops_it) {
  Queue queue;
  queue.rig.route = [](const RouteQuery& query) {
    RouteAnswer answer;
    answer.transport = "to-" + query.to;
    answer.type = "direct";
    answer.destination = query.to;
    return answer;
  };
  queue.rig.start();
  for (int i = 0; i < 300; ++i)
    queue.rig.name_seen(queue.rig.accept("", {"x@d" + std::to_string(i) + ".test"}));
  for (const char* command : {"stats", "top"}) {
    queue.ask(command);
    Reader reader;
    reader.most = 10;
    for (int i = 0; i < 100; ++i)
      cr_assert(queue.answer->slice(reader) == ControlAnswer::State::more, "%s", command);
    cr_expect_lt(reader.records.size(), 60U, "%s: a slice is small", command);
    reader.most = SIZE_MAX;
    queue.read(reader);
    cr_expect_eq(reader.records.back().get("type"), "end", "%s", command);
  }
}

Test(control_top, tells_the_busiest_destinations_and_what_they_said) {
  Queue queue;
  queue.rig.deliver = [](const Job&, const JobRecipient& one) {
    return one.recipient.address.domain() == "one.test" ? delivered() : deferred();
  };
  queue.rig.start();
  const MessageId id = queue.rig.accept("a@b.test", {"x@one.test", "y@two.test"});
  queue.rig.name_seen(id);
  for (int i = 0; i < 3; ++i)
    queue.rig.name_seen(queue.rig.accept("a@b.test", {"x@one.test"}));
  queue.ask("top");
  Reader reader;
  queue.read(reader);
  cr_expect_eq(reader.count("destination"), 2U);
  const Record* one = reader.find("destination", "one.test", "destination");
  const Record* two = reader.find("destination", "two.test", "destination");
  cr_assert(one != nullptr && two != nullptr);
  cr_expect_lt(one, two, "four outcomes are more than one");
  cr_expect(one->number("delivered") == 4 && !one->has("oldest"));
  cr_expect(two->number("deferred") == 1 && two->get("class") == "unreachable");
  cr_expect_eq(two->number("oldest"), static_cast<std::uint64_t>(QueueKey(id).arrived()));
  cr_expect_eq(two->get("reply"), "not now");
  const Record* direct = reader.find("transport", "direct", "transport");
  cr_assert(direct != nullptr);
  cr_expect_eq(direct->number("messages"), 1U);
  cr_expect_gt(*direct->number("delivered_rate"), 3'000U);
  cr_expect_eq(reader.find("type", "queue", "queue")->number("deferred"), 1U);

  queue.ask("top", true, 1);
  Reader few;
  queue.read(few);
  cr_expect_eq(few.count("destination"), 1U);
}

Test(control_top, is_for_those_who_see_all) {
  Queue queue;
  queue.rig.start();
  queue.ask("top", false);
  Reader reader;
  queue.read(reader);
  cr_assert_eq(reader.records.size(), 1U);
  cr_expect_eq(reader.records[0].number("status"), 100U);
}

Test(control_status, tells_what_is_held_back) {
  Queue queue;
  queue.rig.start();
  queue.rig.manager->on_senders({1, 0, 1, {{"relay", FailureClass::auth, "535 no"}}});
  queue.ask("status", false);
  Reader reader;
  queue.read(reader);
  const Record* senders = reader.find("type", "senders", "senders");
  cr_assert(senders != nullptr);
  cr_expect(senders->get("held") == "relay" && senders->get("class") == "auth");
}

Test(control_transports, tells_every_transport_and_what_is_held) {
  Queue queue;
  queue.rig.transports.resize(20);
  queue.rig.transports[19].name = "direct";
  queue.rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  queue.rig.start();
  queue.rig.name_seen(queue.rig.accept("a@b.test", {"x@one.test"}));
  queue.rig.manager->on_senders({1, 0, 1, {{"direct", FailureClass::auth, "535 no"}}});
  for (const bool sees_all : {true, false}) {
    queue.ask("transports", sees_all);
    Reader reader;
    queue.read(reader);
    const Record* const direct = reader.find("transport", "direct", "transport");
    cr_assert(direct != nullptr);
    cr_expect_eq(direct->get("kind"), "direct");
    cr_expect_eq(direct->number("messages").value_or(9), sees_all ? 1U : 9U);
    cr_expect_eq(reader.find("held", "direct", "senders")->get("reply"), "535 no");
    cr_expect_eq(reader.records.back().get("type"), "end");
  }
}
