// Outside: the world of the manager as a value: the other programs, other threads, and time's
// alarm. The loop provides it (loop_outside.h), tests their own. Everything returns at once; what
// comes back arrives by the manager's on_...() functions.
#pragma once

#include <functional>
#include <string>

#include "lib/mail/job.h"
#include "lib/mail/notice_request.h"
#include "lib/mail/overlay_request.h"
#include "lib/mail/route_query.h"
#include "lib/sys/fd.h"

namespace waypost::queue {

class Outside {
public:
  Outside() = default;
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;
  virtual ~Outside() = default;

  virtual void send_query(const RouteQuery& query) = 0;
  virtual void send_job(const Job& job, Fd message) = 0;
  // To waypost-lspawn; the message goes by a pipe of its own.
  virtual void send_local_job(const Job& job, const std::string& mailbox, Fd message) = 0;
  // To waypost-overlay; `message` is the file, of which the part goes by a pipe.
  virtual void send_overlay_request(const OverlayRequest& request, Fd message,
                                    std::uint64_t offset) = 0;
  virtual void send_notice_request(const NoticeRequest& request) = 0;
  virtual void send_reload() = 0; // on the channels of routes and jobs, in their order
  // `blocking` on another thread, then `then` on this one.
  virtual void work(std::function<void()> blocking, std::function<void()> then) = 0;
  virtual void wake_at(BootMs when) = 0; // replaces what was asked for before
  // Nothing has been under way for a while: a time to give memory back.
  virtual void at_rest() = 0;
  // Nothing good can come of going on: the tree starts again.
  virtual void broken(const std::string& why) = 0;
};

} // namespace waypost::queue
