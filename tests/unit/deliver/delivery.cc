#include "tests/unit/deliver/delivery.h"

#include <criterion/criterion.h>
#include <csignal>
#include <sys/mman.h>
#include <sys/socket.h>

#include "deliver/worker.h"
#include "lib/net/tls_openssl.h"

namespace waypost::test {

// Links the TLS implementation into the test: no module lies beside it.
[[maybe_unused]] static auto* const volatile kTls = &waypost_open_tls;

class Delivery::Manager final : public ChannelHandler {
public:
  explicit Manager(net::Loop& loop) : loop_(loop) {}
  void on_frame(Frame frame) override {
    if (frame.record.get("type") == "hosts") channel->send(Record().add("type", "alone"));
    if (frame.record.get("type") == "proxy") news.emplace_back(frame.record.get("news"));
    if (frame.record.get("type") == "leaving") {
      left = true;
      loop_.stop();
    }
    if (frame.record.get("type") != "result") return;
    const Result<JobResult> result = job_result(frame.record);
    if (!result) return;
    results.push_back(*result);
    if (result->end) ++ended;
    if (ended >= wanted) loop_.stop();
  }
  void on_closed(const std::optional<Error>&) override { loop_.stop(); }
  Channel* channel = nullptr;
  std::vector<JobResult> results;
  std::vector<std::string> news;
  bool left = false;
  std::size_t ended = 0;
  std::size_t wanted = 0;

private:
  net::Loop& loop_;
};

Delivery::Delivery(Transport transport, std::string destination, Settings settings)
    : manager_(std::make_unique<Manager>(loop_)) {
  ::signal(SIGPIPE, SIG_IGN);
  int pair[2] = {-1, -1};
  ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
  if (settings.hostname.empty()) settings.hostname = "me.test";
  deliver::Start start;
  start.destination = std::move(destination);
  start.settings = std::move(settings);
  start.transport = std::move(transport);
  sender_ = std::make_unique<deliver::Sender>(loop_, std::move(start), Fd(pair[0]), nullptr);
  channel_ = std::make_unique<Channel>(loop_.uv(), Fd(pair[1]), Fd(), kMaxJobFrame, *manager_);
  manager_->channel = channel_.get();
}

Delivery::~Delivery() = default;

class Delivery::OracleEnd final : public ChannelHandler {
public:
  OracleEnd(net::Loop& loop, Fd socket, Oracle oracle)
      : oracle_(std::move(oracle)),
        channel_(
            std::make_unique<Channel>(loop.uv(), std::move(socket), Fd(), kMaxLoginFrame, *this)) {}
  void on_frame(Frame frame) override {
    const Result<LoginQuery> query = login_query(frame.record);
    if (!query) return;
    std::optional<LoginAnswer> answer = oracle_(*query);
    if (query->kind == LoginQuery::Kind::dropped) return;
    if (!answer) return channel_.reset(); // which closes the socket
    answer->login = query->login;
    channel_->send(to_record(*answer));
  }
  void on_closed(const std::optional<Error>&) override {}

private:
  Oracle oracle_;
  std::unique_ptr<Channel> channel_;
};

void Delivery::connect_oracle(Oracle oracle) {
  int pair[2] = {-1, -1};
  ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
  oracle_ = std::make_unique<OracleEnd>(loop_, Fd(pair[0]), std::move(oracle));
  channel_->send(Record().add("type", "oracle"), {}, Fd(pair[1]));
}

void Delivery::hang_up_oracle() {
  oracle_.reset();
}

void Delivery::give(const Job& job, const std::string& text) {
  Fd file(::memfd_create("message", MFD_CLOEXEC));
  const std::string padded = std::string(job.offset, '#') + text;
  if (::write(file.get(), padded.data(), padded.size()) < 0) return;
  channel_->send(to_record(job), {}, std::move(file));
}

bool Delivery::run_for(std::uint64_t ms) {
  bool passed = false;
  uv_timer_t timer;
  uv_timer_init(loop_.uv(), &timer);
  timer.data = &passed;
  const auto ring = [](uv_timer_t* rung) {
    *static_cast<bool*>(rung->data) = true;
    uv_stop(rung->loop);
  };
  uv_timer_start(&timer, ring, ms, 0);
  loop_.run();
  uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr);
  loop_.run_ready();
  return passed;
}

bool Delivery::leaves(std::uint64_t ms) {
  manager_->wanted = SIZE_MAX;
  return manager_->left || (!run_for(ms) && manager_->left);
}

const std::vector<JobResult>& Delivery::results(std::size_t count) {
  manager_->wanted = count;
  // A sender that leaves stops the loop as well.
  for (int runs = 0; runs < 2 && manager_->ended < count; ++runs)
    run_for(10'000);
  return manager_->results;
}

const std::vector<std::string>& Delivery::proxy_news() const {
  return manager_->news;
}

std::vector<JobResult> Delivery::of(const Letter& letter, Transport transport,
                                    std::string destination) {
  Delivery delivery(std::move(transport), std::move(destination));
  delivery.give(job_for(letter), letter.text);
  return delivery.results();
}

Job job_for(const Letter& letter, std::uint64_t number) {
  Job job;
  job.job = number;
  job.id = "0123456789abcdef";
  job.transport = "test";
  job.destination = "test";
  job.offset = 512;
  job.length = letter.text.size();
  job.sender.sender = *Address::parse(letter.sender);
  for (std::size_t i = 0; i < letter.to.size(); ++i) {
    JobRecipient one;
    one.number = static_cast<std::uint32_t>(i);
    one.recipient.address = *Address::parse(letter.to[i]);
    job.recipients.push_back(std::move(one));
  }
  return job;
}

Transport smarthost(std::uint16_t port) {
  Transport transport;
  transport.name = "test";
  transport.type = TransportType::smtp;
  transport.helo = "me.test";
  transport.host = "127.0.0.1";
  transport.port = port;
  transport.timeouts = {30'000, 30'000, 30'000, 30'000, 30'000};
  return transport;
}

std::string summary(const std::vector<JobResult>& results) {
  std::string text;
  for (const JobResult& result : results) {
    for (const RecipientGroup& group : result.transaction.groups) {
      if (!text.empty()) text += ' ';
      text += group.recipients.text() + ':' + std::string(name(group.outcome.disposition));
      if (group.outcome.code != 0) text += ':' + std::to_string(group.outcome.code);
      if (group.outcome.klass != FailureClass::none) {
        text += ':' + std::string(name(group.outcome.klass));
      }
    }
  }
  return text;
}

void expect_summary(const std::vector<JobResult>& results, std::string_view expected,
                    std::source_location where) {
  expect_same(summary(results), expected, where);
}

void expect_same(const std::string& got, std::string_view expected, std::source_location where) {
  cr_expect(got == expected, "line %u: got '%s'", where.line(), got.c_str());
}

bool has_step(const std::vector<JobResult>& results, std::string_view part) {
  for (const JobResult& result : results) {
    for (const std::string& step : result.transaction.steps) {
      if (step.find(part) != std::string::npos) return true;
    }
  }
  return false;
}

} // namespace waypost::test
