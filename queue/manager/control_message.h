// `why` and `show`: one message, its story and its content.
#pragma once

#include <deque>
#include <memory>

#include "queue/manager/control_answer.h"
#include "queue/manager/message_view.h"

namespace waypost::queue {

// type=message, type=history for each entry, type=transcript for each dialogue that is still known
// where they are asked for, type=outlook, type=plan for pending recipients, type=later for the
// attempts of the first of them, type=end.
class ControlWhy final : public ControlAnswer {
public:
  ControlWhy(Manager& manager, std::unique_ptr<MessageView> view, bool with_transcripts,
             std::function<void()> resume);
  State slice(ControlSink& sink) override;

private:
  enum class Part : std::uint8_t { account, message, history, dialogues, ask, plan, end };
  // What the routes said and the ring held; the answer may come after the caller has gone.
  struct Plans {
    std::string account;
    std::deque<Record> records;
    std::size_t open = 0;
    bool at_once = false; // answers come while they are asked for
  };
  void ask_account();
  bool send_message(ControlSink& sink);
  bool send_history(ControlSink& sink);
  void read_dialogues();
  void ask_routes();
  void ask_route(const RecipientView& one, std::uint32_t attempt, WallUs when, const char* type);

  Manager& manager_;
  std::unique_ptr<MessageView> view_;
  std::function<void()> resume_;
  std::shared_ptr<Plans> plans_ = std::make_shared<Plans>();
  std::vector<RecipientView> pending_;
  std::uint64_t history_at_;
  WallUs due_ = 0;
  Part part_ = Part::account;
  bool with_transcripts_;
};

// type=content until all has been sent, type=end.
class ControlShow final : public ControlAnswer {
public:
  explicit ControlShow(std::unique_ptr<MessageView> view) : view_(std::move(view)) {}
  State slice(ControlSink& sink) override;

private:
  std::unique_ptr<MessageView> view_;
  std::uint64_t sent_ = 0;
};

} // namespace waypost::queue
