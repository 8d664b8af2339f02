// The world around one Spawner: the manager, the template and every sender, played by a test.
#pragma once

#include <criterion/criterion.h>
#include <fcntl.h>
#include <functional>
#include <map>
#include <memory>
#include <sys/mman.h>
#include <sys/socket.h>

#include "deliver/sender_records.h"
#include "deliver/spawner.h"
#include "deliver/start.h"
#include "lib/mail/login.h"
#include "tests/unit/deliver/delivery.h"

namespace waypost::test {

struct End final : ChannelHandler {
  std::function<void(Frame)> each;
  std::vector<Record> records;
  std::vector<Record> states; // of the senders, which come at their own time
  bool closed = false;
  std::unique_ptr<Channel> channel;
  void on_frame(Frame frame) override {
    (frame.record.get("type") == "senders" ? states : records).push_back(frame.record);
    if (each) each(std::move(frame));
  }
  void on_closed(const std::optional<Error>&) override { closed = true; }
  [[nodiscard]] std::size_t count(std::string_view type) const {
    std::size_t n = 0;
    for (const Record& one : records)
      n += one.get("type") == type ? 1 : 0;
    return n;
  }
};

// The world around one Spawner.
class World {
public:
  explicit World(std::uint32_t senders = 200, std::uint32_t connections = 2,
                 std::uint64_t retry_s = 60) {
    Snapshot snapshot;
    snapshot.settings.generation = 7;
    snapshot.settings.hostname = "me.test";
    snapshot.settings.postmaster = "postmaster@me.test";
    snapshot.settings.retry_s = {retry_s};
    snapshot.settings.expire_after_s = 60;
    snapshot.settings.senders = senders;
    Transport direct;
    direct.name = "direct";
    direct.helo = "me.test";
    direct.connections = connections;
    Transport socks = direct;
    socks.name = "proxy";
    socks.type = TransportType::socks;
    socks.proxy = "10.9.0.1:1080";
    Transport login = socks;
    login.name = "login";
    login.user = "u";
    login.credential = "c";
    Transport submission = direct;
    submission.name = "ses";
    submission.type = TransportType::submission;
    submission.tls = TlsPolicy::verified;
    submission.host = "smtp.example";
    submission.port = 587;
    submission.user = "AKIA";
    submission.credential = "ses-key";
    snapshot.transports = {direct, socks, login, submission};
    write_snapshot(snapshot);
    auto [manager_theirs, manager_ours] = pair();
    auto [template_theirs, template_ours] = pair();
    auto [oracle_theirs, oracle_ours] = pair();
    oracle.channel = open(std::move(oracle_ours), kMaxLoginFrame, oracle);
    manager.channel = open(std::move(manager_ours), kMaxJobFrame, manager);
    senders_.channel = open(std::move(template_ours), deliver::kMaxStartFrame, senders_);
    senders_.each = [this](Frame frame) { take_start(std::move(frame)); };
    spawner = std::make_unique<deliver::Spawner>(loop, std::move(manager_theirs),
                                                 std::move(template_theirs),
                                                 std::move(oracle_theirs), path());
  }
  ~World() { ::unlink(path().c_str()); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void write_snapshot(const Snapshot& snapshot) {
    const std::string bytes = encode_snapshot(snapshot);
    Fd file(::open(path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    cr_assert(::write(file.get(), bytes.data(), bytes.size()) ==
              static_cast<ssize_t>(bytes.size()));
  }

  void give(std::uint64_t number, const std::string& destination,
            const std::string& transport = "direct", std::uint64_t generation = 7,
            std::uint64_t kick = 0) {
    Job job = job_for({}, number);
    job.transport = transport;
    job.destination = destination;
    job.generation = generation;
    job.kick = kick;
    manager.channel->send(to_record(job), {}, Fd(::memfd_create("message", MFD_CLOEXEC)));
    turn();
  }
  void turn() {
    for (int i = 0; i < 10; ++i)
      loop.run_ready();
  }
  // A job that a person has kicked.
  void kick(std::uint64_t number, const std::string& destination, std::uint64_t kick,
            const std::string& transport = "direct") {
    give(number, destination, transport, 7, kick);
  }
  // The sender of a destination says how a job ended.
  void finish(const std::string& destination, std::uint64_t job,
              Disposition disposition = Disposition::delivered, std::uint32_t recipient = 0) {
    JobResult result;
    result.job = job;
    result.end = true;
    RecipientGroup group;
    group.recipients.add(recipient);
    group.outcome.disposition = disposition;
    result.transaction.groups.push_back(group);
    sender(destination).channel->send(to_record(result));
    turn();
  }
  // The sender of a destination says that all of it failed, and then how a job ended.
  void fail(const std::string& destination, std::uint64_t job) {
    Outcome outcome;
    outcome.klass = FailureClass::unreachable;
    outcome.status = {4, 4, 1};
    outcome.reply = "connection refused";
    sender(destination).channel->send(deliver::down_record(outcome));
    finish(destination, job, Disposition::deferred);
  }
  // The sender of a destination says what its proxy has shown.
  void proxy(const std::string& destination, deliver::ProxyNews news,
             const std::string& reply = "the proxy says no") {
    Outcome outcome;
    outcome.klass = FailureClass::unreachable;
    outcome.status = {4, 4, 1};
    outcome.reply = reply;
    const bool reached = news == deliver::ProxyNews::reached;
    sender(destination).channel->send(deliver::proxy_record(news, reached ? nullptr : &outcome));
    turn();
  }
  void say(const std::string& destination, const std::string& type) {
    sender(destination).channel->send(Record().add("type", type));
    turn();
  }
  void wait(std::uint64_t ms) {
    ::usleep(static_cast<useconds_t>(ms * 1000));
    turn();
  }
  End& sender(const std::string& destination) {
    cr_assert(started.contains(destination), "no sender of %s", destination.c_str());
    return *started[destination];
  }
  [[nodiscard]] std::string last_result() const {
    const Result<JobResult> result = job_result(manager.records.back());
    return result ? summary({*result})
                  : "(" + std::string(manager.records.back().get("type")) + ")";
  }

  net::Loop loop;
  End manager;
  End oracle;
  std::map<std::string, std::unique_ptr<End>> started; // the last sender of each destination
  std::size_t starts = 0;
  std::unique_ptr<deliver::Spawner> spawner;

private:
  std::string path() const { return "/tmp/waypost-spawner-test-" + std::to_string(::getpid()); }
  static std::pair<Fd, Fd> pair() {
    int both[2] = {-1, -1};
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both);
    return {Fd(both[0]), Fd(both[1])};
  }
  std::unique_ptr<Channel> open(Fd fd, std::size_t most, End& end) {
    return std::make_unique<Channel>(loop.uv(), std::move(fd), Fd(), most, end);
  }
  void take_start(Frame frame) {
    if (frame.descriptor) channel_ = std::move(frame.descriptor);
    const Result<std::optional<deliver::Start>> start = reader_.take(frame.record);
    cr_assert(start.has_value());
    if (!*start) return;
    ++starts;
    auto end = std::make_unique<End>();
    end->channel = open(std::move(channel_), kMaxJobFrame, *end);
    started[(*start)->destination] = std::move(end);
  }

  End senders_;
  deliver::StartReader reader_;
  Fd channel_;
};

} // namespace waypost::test
