#include "deliver/sender_report.h"

#include <memory>

namespace waypost::deliver {
namespace {

constexpr std::uint64_t kAtMostEveryMs = 1'000;

} // namespace

SenderReport::SenderReport(uv_loop_t* loop, std::function<Record()> make,
                           std::function<void(Record)> send)
    : loop_(loop),
      make_(std::move(make)),
      send_(std::move(send)),
      timer_(std::make_unique<uv_timer_t>().release()) {
  uv_timer_init(loop, timer_);
  timer_->data = this;
}

SenderReport::~SenderReport() {
  uv_close(reinterpret_cast<uv_handle_t*>(timer_), [](uv_handle_t* closed) {
    const std::unique_ptr<uv_timer_t> freed(reinterpret_cast<uv_timer_t*>(closed));
  });
}

// Looked at once the loop has done all that is to be done now: a sender that begins and ends in one
// turn is no news.
void SenderReport::changed() {
  if (uv_is_active(reinterpret_cast<const uv_handle_t*>(timer_)) != 0) return;
  const std::uint64_t since = uv_now(loop_) - told_at_;
  const bool lately = told_at_ != 0 && since < kAtMostEveryMs;
  const auto due = [](uv_timer_t* timer) { static_cast<SenderReport*>(timer->data)->tell(); };
  uv_timer_start(timer_, due, lately ? kAtMostEveryMs - since : 0, 0);
}

void SenderReport::tell() {
  Record record = make_();
  if (record.encode() == told_) return;
  told_ = record.encode();
  told_at_ = uv_now(loop_);
  send_(std::move(record));
}

} // namespace waypost::deliver
