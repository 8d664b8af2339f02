// A session with a queue and a clock of the test's, and what it says.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smtpd/session.h"

namespace talk {

using Lines = std::vector<std::string>; // without their ends

inline Lines operator+(Lines lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

inline const Lines kMail = {"EHLO me.test", "MAIL FROM:<a@b.test>"};
inline const Lines kRcpt = kMail + Lines{"RCPT TO:<c@d.test>"};

struct Queue final : waypost::smtpd::QueueDoor {
  struct Taken {
    std::string message, envelope;
  };
  waypost::Result<> open() override {
    if (broken) return waypost::fail("broken");
    ++opened;
    message_.clear();
    return {};
  }
  void message(std::string_view bytes) override { message_ += bytes; }
  int finish(std::string_view envelope) override {
    if (status == 0) taken.push_back({message_, std::string(envelope)});
    return status;
  }
  void abandon() override { ++abandoned; }

  std::vector<Taken> taken;
  int status = 0;
  int opened = 0;
  int abandoned = 0;
  bool broken = false;

private:
  std::string message_;
};

struct Time final : waypost::Clock {
  [[nodiscard]] waypost::WallUs wall_us() const override { return 1'795'348'020'000'000; }
  [[nodiscard]] waypost::BootMs boot_ms() const override { return now; }
  waypost::BootMs now = 1'000'000;
};

// here@local.test is here, other names of that domain are not; unknown.test cannot be told.
struct Names final : waypost::smtpd::LocalNames {
  Standing find(const waypost::Address& sender, const waypost::Address& recipient) override {
    asked += std::string(sender.text()) + " " + std::string(recipient.text()) + "\n";
    if (recipient.domain() == "unknown.test") return Standing::unknown;
    if (recipient.domain() != "local.test") return Standing::elsewhere;
    return recipient.local() == "here" ? Standing::here : Standing::nobody;
  }
  std::string asked;
};

struct Dialogue {
  Dialogue() {
    policy.hostname = "out.test";
    policy.postmaster = "pm@out.test";
    policy.size_max = 10'000;
    client.network = true;
    client.ip = "192.0.2.1";
    client.relay = "";
  }

  void begin() {
    session.emplace(policy, client, queue, time, local ? &names : nullptr);
    session->greet();
    session->replies().clear();
  }
  // What is answered to these bytes.
  std::string say(std::string_view bytes) {
    if (!session) begin();
    session->take(bytes);
    return std::exchange(session->replies(), "");
  }
  // To each of these lines, each alone: the codes, divided by spaces.
  std::string codes(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) {
      const std::string answer = say(line + "\r\n");
      if (!all.empty()) all += ' ';
      all += answer.substr(0, 3);
    }
    return all;
  }
  void until_data() {
    codes({"EHLO me.test", "MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"});
  }

  waypost::smtpd::Policy policy;
  waypost::smtpd::Client client;
  Queue queue;
  Time time;
  Names names;
  bool local = false;
  std::optional<waypost::smtpd::Session> session;
};

} // namespace talk
