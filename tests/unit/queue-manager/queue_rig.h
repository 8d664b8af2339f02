// QueueRig: a queue manager without a loop, its outside played by the test.
//
// What the manager asks for is answered later, in order, by run(): routes, deliveries and notices
// by functions that a test sets. Time stands still until pass().
#pragma once

#include <criterion/criterion.h>
#include <deque>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "queue/accept/message_writer.h"
#include "queue/manager/manager.h"
#include "tests/unit/fault_fs.h"
#include "tests/unit/queue-accept/spool_folder.h"

namespace waypost::test {

class StillClock final : public Clock {
public:
  [[nodiscard]] WallUs wall_us() const override { return wall; }
  [[nodiscard]] BootMs boot_ms() const override { return boot; }
  WallUs wall = 1'800'000'000'000'000;
  BootMs boot = 5'000'000;
};

inline Outcome delivered() {
  Outcome outcome;
  outcome.disposition = Disposition::delivered;
  outcome.code = 250;
  outcome.status = {2, 0, 0};
  outcome.reply = "queued";
  return outcome;
}

inline Outcome deferred(FailureClass klass = FailureClass::unreachable) {
  Outcome outcome;
  outcome.klass = klass;
  outcome.code = 451;
  outcome.status = {4, 4, 1};
  outcome.reply = "not now";
  return outcome;
}

inline Outcome refused(FailureClass klass = FailureClass::mailbox) {
  Outcome outcome;
  outcome.disposition = Disposition::failed;
  outcome.klass = klass;
  outcome.code = 550;
  outcome.status = {5, 1, 1};
  outcome.reply = "no such user";
  return outcome;
}

class QueueRig final : public queue::Outside {
public:
  explicit QueueRig(Fs& fs, std::string spool) : fs_(fs), spool_(std::move(spool)) {
    settings.generation = 1;
    settings.hostname = "mx.test";
    settings.postmaster = "postmaster@mx.test";
    settings.retry_s = {60, 120, 300};
    settings.delay_notice_after_s = 100'000;
    settings.expire_after_s = 100'000;
    route = [](const RouteQuery& query) {
      RouteAnswer answer;
      answer.transport = "direct";
      answer.type = "direct";
      answer.destination = query.to;
      answer.rule = "default";
      return answer;
    };
    deliver = [](const Job&, const JobRecipient&) { return delivered(); };
  }

  // ---- what the outside does
  std::function<RouteAnswer(const RouteQuery&)> route;
  std::function<Outcome(const Job&, const JobRecipient&)> deliver;
  std::function<Result<std::string>(const NoticeRequest&)> bounce = [](const NoticeRequest& one) {
    return Result<std::string>("Subject: notice\r\n\r\n" + one.id + "\r\n");
  };
  std::function<LocalResult(const Job&)> local = [](const Job&) { return LocalResult(); };
  std::function<OverlayAnswer(const OverlayRequest&)> overlay = [](const OverlayRequest&) {
    return OverlayAnswer();
  };
  std::string transcript;            // that every result brings along
  std::string silent;                // a destination that never answers
  std::optional<queue::Member> hung; // who never answers
  std::function<void()> asked;       // comes between a question to the routes and its answer
  DsnReturn ret = DsnReturn::unset;  // of what is accepted
  Settings settings;
  std::vector<Transport> transports;
  std::vector<SenderDomain> domains;
  queue::ManagerLimits limits;
  StillClock clock;

  // ---- what it saw
  std::vector<Job> jobs;
  std::vector<std::string> mailboxes; // of local jobs
  std::vector<RouteQuery> queries;
  std::vector<NoticeRequest> notices;
  std::vector<OverlayRequest> overlays;
  std::size_t most_overlays = 0; // at once
  std::string broke;
  BootMs woken_at = 0;

  void start() {
    Snapshot snapshot;
    snapshot.settings = settings;
    snapshot.transports = transports;
    snapshot.domains = domains;
    auto dirs = queue::SpoolDirs::open(fs_, spool_);
    auto box = queue::DropBox::open(fs_, spool_);
    cr_assert(dirs && box, "open the spool");
    manager = std::make_unique<queue::Manager>(fs_, clock, std::move(*dirs), std::move(*box), 0600,
                                               std::move(snapshot), limits, *this);
    cr_assert(manager->load().has_value(), "load");
  }
  // As kill -9: nothing is said or written any more.
  void kill() {
    manager.reset();
    events_.clear();
    woken_at = 0;
  }
  void run() {
    while (!events_.empty()) {
      const auto event = std::move(events_.front());
      events_.pop_front();
      event();
    }
  }
  // Lets time go by, from one alarm to the next.
  void pass(BootMs ms) {
    const BootMs end = clock.boot + ms;
    run();
    while (woken_at != 0 && woken_at <= end) {
      clock.wall += std::max<BootMs>(0, woken_at - clock.boot) * 1000;
      clock.boot = std::max(clock.boot, woken_at);
      woken_at = 0;
      manager->wake();
      run();
    }
    clock.wall += (end - clock.boot) * 1000;
    clock.boot = end;
  }
  void name_seen(const MessageId& id) {
    manager->on_name(id.text());
    run();
  }

  // Accepts a message as waypost-queue would. Recipients like "a@x.test" or "a@x.test NEVER".
  MessageId accept(const std::string& sender, const std::vector<std::string>& recipients,
                   std::uint32_t hops = 0) {
    const MessageId id = MessageId::make(clock.wall, ++made_);
    auto box = queue::DropBox::open(fs_, spool_);
    cr_assert(box.has_value());
    queue::MessageWriter writer(fs_, *box, 0600);
    const queue::Origin origin{::getuid(), {}, {}, clock.wall};
    std::string text;
    for (std::uint32_t i = 0; i < hops; ++i)
      text += "Received: from a by b\r\n";
    text += "Subject: hello\r\n\r\nworld\r\n";
    EnvelopeSender from;
    from.sender = *Address::parse(sender);
    from.ret = ret;
    bool good = writer.begin(id, origin, {}).has_value() && writer.message(text).has_value() &&
                writer.sender(from).has_value();
    for (const std::string& one : recipients) {
      const std::size_t space = one.find(' ');
      EnvelopeRecipient to;
      to.address = *Address::parse(one.substr(0, space));
      if (space != std::string::npos) to.notify = *Notify::parse(one.substr(space + 1));
      good = good && writer.recipient(to).has_value();
    }
    cr_assert(good && writer.commit().has_value(), "accept");
    return id;
  }

  // ---- Outside
  void send_query(const RouteQuery& query) override {
    queries.push_back(query);
    if (hung == queue::Member::route) return;
    if (asked) events_.emplace_back(asked);
    events_.emplace_back([this, query] {
      RouteAnswer answer = route(query);
      answer.query = query.query;
      if (answer.generation == 0) answer.generation = settings.generation;
      manager->on_route_answer(answer);
    });
  }
  void send_job(const Job& job, Fd message) override {
    cr_assert(message.valid());
    cr_assert_eq(::fcntl(message.get(), F_GETFL) & O_ACCMODE, O_RDONLY, "a sender must not write");
    jobs.push_back(job);
    events_.emplace_back([this] { manager->on_taken(); });
    if (job.destination == silent) return;
    events_.emplace_back([this, job] {
      JobResult result;
      result.job = job.job;
      result.end = true;
      result.transaction.host = "host." + job.destination;
      result.transaction.address = "192.0.2.1";
      result.transcript = transcript;
      for (const JobRecipient& one : job.recipients) {
        RecipientGroup group;
        group.recipients.add(one.number);
        group.outcome = deliver(job, one);
        result.transaction.groups.push_back(std::move(group));
      }
      manager->on_result(result);
    });
  }
  void send_local_job(const Job& job, const std::string& mailbox, Fd message) override {
    cr_assert(message.valid());
    jobs.push_back(job);
    mailboxes.push_back(mailbox);
    events_.emplace_back([this, job] {
      LocalResult result = local(job);
      result.job = job.job;
      manager->on_local_result(result);
    });
  }
  void send_overlay_request(const OverlayRequest& request, Fd message,
                            std::uint64_t offset) override {
    cr_assert(message.valid() && offset == MessageHead::kSize);
    cr_assert_eq(::fcntl(message.get(), F_GETFL) & O_ACCMODE, O_RDONLY);
    overlays.push_back(request);
    most_overlays = std::max(most_overlays, ++overlays_now_);
    if (hung == queue::Member::overlay) return;
    events_.emplace_back([this, request] {
      --overlays_now_;
      OverlayAnswer answer = overlay(request);
      answer.number = request.number;
      manager->on_overlay(answer);
    });
  }
  void send_notice_request(const NoticeRequest& request) override {
    notices.push_back(request);
    if (hung == queue::Member::bounce) return;
    events_.emplace_back([this, request] { manager->on_notice(request.id, bounce(request)); });
  }
  void send_reload() override {}
  void work(std::function<void()> blocking, std::function<void()> then) override {
    events_.emplace_back([blocking = std::move(blocking), then = std::move(then)] {
      blocking();
      then();
    });
  }
  void wake_at(BootMs when) override { woken_at = std::max<BootMs>(when, 1); }
  void at_rest() override {}
  void broken(const std::string& why) override { broke = why; }

  std::unique_ptr<queue::Manager> manager;

private:
  Fs& fs_;
  std::string spool_;
  std::deque<std::function<void()>> events_;
  std::uint32_t made_ = 0;
  std::size_t overlays_now_ = 0;
};

// All names in cur/, sorted.
inline std::vector<std::string> cur_names(const SpoolFolder& folder) {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() + "/cur")) {
    if (!entry.is_directory()) all.push_back(entry.path().filename());
  }
  std::ranges::sort(all);
  return all;
}

} // namespace waypost::test
