#include "spfcheck/dns_resolver.h"

#include <utility>

namespace waypost::spfcheck {
namespace {

net::DnsAnswer silence() {
  net::DnsAnswer answer;
  answer.status = net::DnsStatus::timed_out;
  answer.text = "no answer in time";
  return answer;
}

} // namespace

std::string escaped(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c == '\\') out += c;
    out += c;
  }
  return out;
}

DnsResolver::DnsResolver(net::Loop& loop, net::Resolver& resolver, std::uint64_t most_ms)
    : loop_(loop),
      resolver_(resolver),
      most_ms_(most_ms),
      timer_(std::make_unique<uv_timer_t>().release()) {
  uv_timer_init(loop_.uv(), timer_);
  timer_->data = this;
  begin();
}

DnsResolver::~DnsResolver() {
  uv_close(reinterpret_cast<uv_handle_t*>(timer_), [](uv_handle_t* closed) {
    const std::unique_ptr<uv_timer_t> freed(reinterpret_cast<uv_timer_t*>(closed));
  });
}

void DnsResolver::begin() {
  over_ = false;
  uv_timer_start(
      timer_, [](uv_timer_t* timer) { static_cast<DnsResolver*>(timer->data)->time_is_over(); },
      most_ms_, 0);
}

void DnsResolver::expect(const Question& question) {
  if (!over_) ask(question);
}

net::Task<net::DnsAnswer> DnsResolver::resolve(Question question) {
  Asked& asked = ask(question);
  const Arrival arrival{&asked};
  net::DnsAnswer answer = co_await arrival;
  co_return answer;
}

// What went unanswered when the time was over is asked again once it has begun anew.
DnsResolver::Asked& DnsResolver::ask(const Question& question) {
  std::unique_ptr<Asked>& asked = asked_[question];
  const bool silent = asked && asked->answer && asked->task.done() &&
                      asked->answer->status == net::DnsStatus::timed_out;
  if (asked && (over_ || !silent)) return *asked;
  asked = std::make_unique<Asked>();
  if (over_) {
    asked->answer = silence();
  } else {
    asked->task = fetch(question, *asked);
    asked->task.start();
  }
  return *asked;
}

net::Task<> DnsResolver::fetch(Question question, Asked& asked) {
  net::Lookup lookup = resolver_.start(escaped(question.name), question.type);
  net::DnsAnswer answer = co_await resolver_.finish(std::move(lookup));
  settle(asked, std::move(answer));
}

void DnsResolver::settle(Asked& asked, net::DnsAnswer answer) {
  asked.answer = std::move(answer);
  for (const std::coroutine_handle<> waiter : std::exchange(asked.waiters, {}))
    waiter.resume();
}

// Whoever is resumed may ask on at once, and be told the same.
void DnsResolver::time_is_over() {
  over_ = true;
  std::vector<Asked*> open;
  for (const auto& [question, asked] : asked_)
    if (!asked->answer) open.push_back(asked.get());
  for (Asked* const asked : open) {
    asked->task.drop();
    settle(*asked, silence());
  }
}

} // namespace waypost::spfcheck
