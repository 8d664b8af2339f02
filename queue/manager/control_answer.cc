#include "queue/manager/control_answer.h"

#include "lib/mail/control.h"
#include "lib/sys/text.h"
#include "queue/manager/control_change.h"
#include "queue/manager/control_list.h"
#include "queue/manager/control_message.h"
#include "queue/manager/control_stats.h"
#include "queue/manager/control_transports.h"

namespace waypost::queue {
namespace {

constexpr int kPermanent = 100;

class Refusal final : public ControlAnswer {
public:
  explicit Refusal(std::string text) : text_(std::move(text)) {}
  State slice(ControlSink& sink) override {
    send_end(sink, kPermanent, text_);
    return State::ended;
  }

private:
  std::string text_;
};

class Status final : public ControlAnswer {
public:
  explicit Status(Manager& manager) : manager_(manager) {}
  State slice(ControlSink& sink) override {
    Record record;
    record.add("type", "status").add_number("queued", manager_.schedule().size());
    record.add_number("active", manager_.active());
    record.add_number("held", manager_.schedule().held());
    record.add_number("generation", manager_.settings().generation);
    for (const Transport& one : manager_.snapshot().transports)
      record.add("transport", one.name);
    sink.send(std::move(record), {});
    sink.send(to_record(manager_.senders()), {});
    send_end(sink, 0, {});
    return State::ended;
  }

private:
  Manager& manager_;
};

class Reload final : public ControlAnswer {
public:
  explicit Reload(std::function<void()> reload) : reload_(std::move(reload)) {}
  State slice(ControlSink& sink) override {
    reload_();
    send_end(sink, 0, {});
    return State::ended;
  }

private:
  std::function<void()> reload_;
};

} // namespace

void send_end(ControlSink& sink, int status, std::string_view text) {
  Record record;
  record.add("type", "end").add_number("status", static_cast<std::uint64_t>(status));
  record.add_some("text", text);
  sink.send(std::move(record), {});
}

std::unique_ptr<ControlAnswer> answer_control(const Record& request, const ControlCaller& caller,
                                              Manager& manager, std::function<void()> resume,
                                              std::function<void()> reload) {
  const std::string_view command = request.get("command");
  if (command == "list") {
    Result<ControlFilter> filter = ControlFilter::parse(request);
    if (!filter) return std::make_unique<Refusal>(filter.error().text);
    return std::make_unique<ControlList>(manager, caller, std::move(*filter), std::move(resume));
  }
  if (const auto verb = parse_verb(command)) {
    if (!caller.may_order(*verb))
      return std::make_unique<Refusal>("only root and the group wayadmin may do this");
    Result<ChangeRequest> change = change_request(request, manager.snapshot());
    if (!change) return std::make_unique<Refusal>(change.error().text);
    return std::make_unique<ControlChange>(manager, caller, std::move(*change), std::move(resume));
  }
  if (command == "status") return std::make_unique<Status>(manager);
  if (command == "transports") return std::make_unique<ControlTransports>(manager, caller.sees_all);
  if (command == "stats") return std::make_unique<ControlStats>(manager);
  if (command == "top") {
    if (!caller.sees_all)
      return std::make_unique<Refusal>("only root and the group wayadmin see where mail goes");
    return std::make_unique<ControlTop>(manager, request.number("most").value_or(SIZE_MAX));
  }
  if (command == "reload") {
    if (!caller.sees_all) return std::make_unique<Refusal>("reload: permission denied");
    return std::make_unique<Reload>(std::move(reload));
  }
  if (command != "why" && command != "show")
    return std::make_unique<Refusal>("no such command: " + printable(command));

  // Whoever may not see a message is not told that it exists.
  const std::string none = "no such message: " + std::string(request.get("id"));
  const auto id = MessageId::parse(request.get("id"));
  const QueueEntry* entry = id ? manager.schedule().find(*id) : nullptr;
  if (entry == nullptr) return std::make_unique<Refusal>(none);
  Result<std::unique_ptr<MessageView>> view =
      MessageView::open(manager.fs(), manager.dirs(), *id, *entry);
  if (!view) return std::make_unique<Refusal>(view.error().text);
  if (!caller.may_see((*view)->head().uid)) return std::make_unique<Refusal>(none);
  if (command == "show") return std::make_unique<ControlShow>(std::move(*view));
  return std::make_unique<ControlWhy>(manager, std::move(*view), request.get("transcript") == "1",
                                      std::move(resume));
}

} // namespace waypost::queue
