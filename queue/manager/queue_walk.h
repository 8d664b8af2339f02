// QueueWalk: the messages that a command means, one after another in the order of their arrival:
// those that the caller may see and the filter asks for.
//
// Goes in steps of bounded work and memory, however long the queue and a message's list of
// recipients are; between two steps the queue has its turn. Account names may have to be looked up:
// then `resume` is called when the walk can go on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "queue/manager/control_answer.h"
#include "queue/manager/control_filter.h"

namespace waypost::queue {

class QueueWalk {
public:
  enum class Step : std::uint8_t {
    again,      // nothing yet
    waits,      // for a name; resume() comes
    found,      // view() is one that is meant
    unreadable, // id() is one that cannot be opened, which error() explains
    end,
  };
  QueueWalk(Manager& manager, const ControlCaller& caller, ControlFilter filter,
            std::function<void()> resume);
  [[nodiscard]] Step step();

  // What was found, until the next step.
  [[nodiscard]] const MessageId& id() const { return *id_; }
  [[nodiscard]] MessageView& view() { return *view_; }
  [[nodiscard]] const std::string& account() const { return name_->account; }
  [[nodiscard]] WallUs due() const { return due_; }
  [[nodiscard]] const Error& error() const { return error_; }

  [[nodiscard]] std::uint64_t looked() const { return looked_; } // at so many messages
  // Ids that were asked for by name and are not there, or not for this caller.
  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }

private:
  enum class Stage : std::uint8_t { next, account, recipients };
  struct Name { // may be answered when the walk has gone
    std::string account;
    bool open = false;
    bool at_once = false;
  };
  Step next();
  Step open(const std::string& name);
  Step ask_account();
  Step look_at_message();
  Step look_at_recipients();
  Step passed_over(); // not a message of this walk

  Manager& manager_;
  ControlCaller caller_;
  ControlFilter filter_;
  std::function<void()> resume_;
  IdWalk ids_;            // of the whole queue
  std::size_t taken_ = 0; // of the page
  bool page_ready_ = false;
  Stage stage_ = Stage::next;
  std::optional<MessageId> id_;
  std::unique_ptr<MessageView> view_;
  std::shared_ptr<Name> name_ = std::make_shared<Name>();
  WallUs due_ = 0;
  Error error_;
  std::uint64_t looked_ = 0;
  std::vector<std::string> missing_;
};

// When the message is due next; 0: held.
[[nodiscard]] WallUs next_attempt(Manager& manager, const QueueEntry& entry);

} // namespace waypost::queue
