// SenderReport: tells the queue manager how it stands with the senders (lib/mail/sender_state.h):
// when that has changed, at most once a second, and never while nothing happens.
#pragma once

#include <functional>
#include <string>
#include <uv.h>

#include "lib/mail/record.h"

namespace waypost::deliver {

class SenderReport {
public:
  // `make`: the record as it would be now.
  SenderReport(uv_loop_t* loop, std::function<Record()> make, std::function<void(Record)> send);
  SenderReport(const SenderReport&) = delete;
  SenderReport& operator=(const SenderReport&) = delete;
  ~SenderReport();

  // Something may have changed.
  void changed();

private:
  void tell();

  uv_loop_t* loop_;
  std::function<Record()> make_;
  std::function<void(Record)> send_;
  uv_timer_t* timer_; // freed by uv_close
  std::uint64_t told_at_ = 0;
  std::string told_;
};

} // namespace waypost::deliver
