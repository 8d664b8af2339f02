// DnsResolver: the Resolver that asks the network, by lib/net's.
//
// What is announced is asked at once; each question is asked once and its answer kept for as long
// as this lives, which is one check or one run of a command. What has no answer when the time is
// over has timed out, so that a check takes no longer than that (RFC 7208 4.6.4). Lives no longer
// than the loop and the resolver that it is given.
#pragma once

#include <coroutine>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "lib/net/dns.h"
#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

class DnsResolver : public Resolver {
public:
  static constexpr std::uint64_t kUsualMs = 20'000; // 4.6.4: at least 20 seconds

  DnsResolver(net::Loop& loop, net::Resolver& resolver, std::uint64_t most_ms = kUsualMs);
  DnsResolver(const DnsResolver&) = delete;
  DnsResolver& operator=(const DnsResolver&) = delete;
  ~DnsResolver() override;

  void expect(const Question& question) override;
  [[nodiscard]] net::Task<net::DnsAnswer> resolve(Question question) override;
  // The time begins anew: for the next check with the same answers.
  void begin();

private:
  // One question, from the moment on when it was asked.
  struct Asked {
    net::Task<> task;
    std::optional<net::DnsAnswer> answer;
    std::vector<std::coroutine_handle<>> waiters;
  };
  struct Arrival {
    Asked* asked;
    [[nodiscard]] bool await_ready() const noexcept { return asked->answer.has_value(); }
    void await_suspend(std::coroutine_handle<> waiter) const { asked->waiters.push_back(waiter); }
    [[nodiscard]] net::DnsAnswer await_resume() const { return *asked->answer; }
  };

  Asked& ask(const Question& question);
  net::Task<> fetch(Question question, Asked& asked);
  static void settle(Asked& asked, net::DnsAnswer answer);
  void time_is_over();

  net::Loop& loop_;
  net::Resolver& resolver_;
  std::uint64_t most_ms_;
  bool over_ = false;
  uv_timer_t* timer_ = nullptr; // freed by uv_close
  std::map<Question, std::unique_ptr<Asked>> asked_;
};

// The name as lib/net asks for it: dots part the labels, any other byte is itself.
[[nodiscard]] std::string escaped(const std::string& name);

} // namespace waypost::spfcheck
