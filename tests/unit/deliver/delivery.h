// Delivery: a sender on a loop of its own, fed with jobs as waypost-deliver feeds it, so that a
// test sees what comes back over the socket.
#pragma once

#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "deliver/sender.h"
#include "lib/mail/job.h"
#include "lib/mail/login.h"

namespace waypost::test {

struct Letter {
  std::string sender = "from@example.org";
  std::vector<std::string> to = {"one@example.com"};
  std::string text = "Subject: test\r\n\r\nbody\r\n";
};

// A job for that letter; its fields may be changed before it is given.
[[nodiscard]] Job job_for(const Letter& letter, std::uint64_t number = 1);

// A transport of type smtp to 127.0.0.1. Its timeouts end what hangs: no test waits for them.
[[nodiscard]] Transport smarthost(std::uint16_t port);

class Delivery {
public:
  explicit Delivery(Transport transport, std::string destination = "127.0.0.1",
                    Settings settings = {});
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // The sender's line to an oracle that answers so; none: it hangs up.
  using Oracle = std::function<std::optional<LoginAnswer>(const LoginQuery&)>;
  void connect_oracle(Oracle oracle);
  void hang_up_oracle();
  void give(const Job& job, const std::string& text);
  // Runs until `count` jobs have ended (or 10 s have passed); all results so far.
  const std::vector<JobResult>& results(std::size_t count = 1);
  // What the sender has told of its proxy: "reached", "not_reached", ...
  [[nodiscard]] const std::vector<std::string>& proxy_news() const;
  // Runs for a while, or until something stops the loop: false then.
  bool run_for(std::uint64_t ms);
  // Does the sender say that it leaves before so many milliseconds have passed?
  bool leaves(std::uint64_t ms);

  // One letter by one transport: its results.
  static std::vector<JobResult> of(const Letter& letter, Transport transport,
                                   std::string destination = "127.0.0.1");

private:
  class Manager;
  class OracleEnd;
  net::Loop loop_;
  std::unique_ptr<Manager> manager_;
  std::unique_ptr<deliver::Sender> sender_;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<OracleEnd> oracle_;
};

// "0:delivered:250", "1:failed:550:mailbox", ... of all groups, joined by a space.
[[nodiscard]] std::string summary(const std::vector<JobResult>& results);
void expect_summary(const std::vector<JobResult>& results, std::string_view expected,
                    std::source_location where = std::source_location::current());
void expect_same(const std::string& got, std::string_view expected,
                 std::source_location where = std::source_location::current());
[[nodiscard]] bool has_step(const std::vector<JobResult>& results, std::string_view part);

} // namespace waypost::test
