// ControlAnswer: what one command is told, made in slices: a slice fills what the caller's socket
// is behind by a bounded amount, the next follows when that has left. So neither a long list nor a
// caller that does not read costs memory, or the queue its time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <sys/types.h>

#include "lib/mail/record.h"
#include "queue/manager/manager.h"
#include "queue/spool/message_change.h"

namespace waypost::queue {

struct ControlCaller {
  uid_t uid = 0;
  bool sees_all = false; // root, the group wayadmin, or the queue's own user

  [[nodiscard]] bool may_see(std::uint32_t owner) const { return sees_all || uid == owner; }
  // Everybody may stop his own mail; what makes mail move is for those who answer for this host.
  [[nodiscard]] bool may_order(Verb verb) const {
    return sees_all || verb == Verb::hold || verb == Verb::drop;
  }
};

// Where records go; `full` says that it is time to pause.
class ControlSink {
public:
  ControlSink() = default;
  ControlSink(const ControlSink&) = delete;
  ControlSink& operator=(const ControlSink&) = delete;
  virtual ~ControlSink() = default;
  virtual void send(Record record, std::string_view bytes) = 0;
  [[nodiscard]] virtual bool full() const = 0;
};

class ControlAnswer {
public:
  enum class State : std::uint8_t {
    more,    // call slice() again, later
    waiting, // `resume` will be called
    ended,   // type=end was sent
  };
  ControlAnswer() = default;
  ControlAnswer(const ControlAnswer&) = delete;
  ControlAnswer& operator=(const ControlAnswer&) = delete;
  virtual ~ControlAnswer() = default;
  virtual State slice(ControlSink& sink) = 0;
  // The caller wants no more; what has begun is finished and told.
  virtual void stop() {}
};

// The answer to a request, never none: an error is an answer too. `resume` is called, each time,
// when an answer that was waiting can go on.
[[nodiscard]] std::unique_ptr<ControlAnswer>
answer_control(const Record& request, const ControlCaller& caller, Manager& manager,
               std::function<void()> resume, std::function<void()> reload);

// type=end
void send_end(ControlSink& sink, int status, std::string_view text);

} // namespace waypost::queue
