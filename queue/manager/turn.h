// Turn: one pass over the recipients of one message that are due.
//
//   open the file -> what stands in its history -> a window of recipients -> ask the routes
//     -> aliases of several become messages
//     -> tickets by (transport, destination) -> results: history, marks, one flush -> more
//     recipients
//     -> notices that are owed -> remove the file, or the time of the next turn
//
// Runs on the loop's thread as a small state machine: whatever happens calls advance(), which looks
// at what is open and does the next thing. Lives (by shared pointer) until ended(); holds at most
// kWindow recipients and one byte for each recipient of the message. No libuv: see TurnHost.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "queue/manager/notice_plan.h"
#include "queue/manager/settlement.h"
#include "queue/manager/turn_host.h"
#include "queue/spool/envelope_cursor.h"
#include "queue/spool/message_change.h"
#include "queue/spool/message_file.h"
#include "queue/spool/progress.h"

namespace waypost::queue {

struct TurnStart {
  MessageId id;
  Next name;           // NEXT in the file's name
  bool verify = false; // compare the checksum first
  bool full = true; // all pending recipients are due; else those without an attempt since `began`
  WallUs began = 0; // of the last full turn
  bool deliver = true;    // false: only settle notices that stand already
  bool fresh = false;     // its first turn
  std::uint64_t kick = 0; // begun by hand: the kick's number
  WallUs ahead = 0;       // the wall clock, of QueueTime, when the message arrived
};

class Turn : public std::enable_shared_from_this<Turn> {
public:
  static constexpr std::uint32_t kWindow = 500;

  Turn(TurnHost& host, TurnStart start) : host_(host), start_(std::move(start)) {}
  void begin();

  [[nodiscard]] const MessageId& id() const { return start_.id; }
  // The uid that handed the message in; once a job has been composed.
  [[nodiscard]] std::uint32_t owner() const { return file_->head().uid; }
  // The share of the manager's memory that this turn may take, in recipients.
  [[nodiscard]] std::uint32_t weight() const;

  // The job for a ticket of this turn, and a descriptor that can only read.
  [[nodiscard]] Result<std::pair<Job, Fd>> compose(const Ticket& ticket, std::uint64_t number);
  // An error when the result does not fit the ticket.
  [[nodiscard]] Result<> result(const Ticket& ticket, std::uint64_t job, const Transaction& found,
                                bool end);
  // The ticket was made under another configuration: no attempt was made.
  void ask_again(const Ticket& ticket);
  // turn_change.cc
  using Decided = std::function<void(Result<Changed>)>;
  // A person's decision about the message; `then` is called once it is as durable as it has to be.
  // EAGAIN: the turn has ended, ask the manager again.
  void change(const MessageChange& change, Decided then);
  // False: the ticket's recipients were taken back while it waited.
  [[nodiscard]] bool wants(const Ticket& ticket) const;
  // It cannot be started now: its recipients wait, which is no attempt either.
  void put_off(const Ticket& ticket);

private:
  enum class Stage : std::uint8_t {
    loaded,    // known to this turn
    asked,     // the routes have been asked
    routed,    // and have answered
    queued,    // in a ticket
    sent,      // in a job
    refused,   // for good by one transport; the routes are asked for another
    expanding, // an alias: the message that it becomes is being made
  };
  struct Open { // a recipient under way
    EnvelopeRecipient recipient;
    RecipientProgress progress;
    Stage stage = Stage::loaded;
    std::shared_ptr<const RouteAnswer> choice;
    std::uint64_t job = 0;
  };
  // Where an alias led, else the recipient as it was handed in.
  [[nodiscard]] static Address address_now(const Open& one);
  // By which way an outcome came about.
  struct Way {
    std::uint32_t attempt = 1;
    std::string transport;
    std::string rule;
    bool here = false; // by a local transport
  };
  struct Wish { // a decision that came before the turn could take it
    MessageChange change;
    Decided then;
  };

  // turn_start.cc
  void opened();
  void stand_damage(const Error& error);
  Result<> read_facts();
  void settle_standing_notices();
  void note_standing_notices(const std::vector<MessageId>& standing);
  void log_queued() const;
  void deliver();
  // turn_overlay.cc
  void use_rewritten_sender();
  [[nodiscard]] bool overlaid() const;
  void ask_overlay();
  void overlay_told(const Result<OverlayAnswer>& answer);
  [[nodiscard]] Result<bool> keep_overlay(const OverlayAnswer& answer);
  void begin_when_flushed(bool written);
  void begin_delivery();
  [[nodiscard]] std::string why_unfit(const RouteAnswer& choice) const;
  void defer_unfit(const RouteAnswer& choice, std::uint32_t attempt,
                   const std::vector<std::uint32_t>& numbers, const std::string& why);
  // turn.cc
  void advance();
  [[nodiscard]] bool more_to_load() const;
  Result<> load_window();
  void finish_pass();
  void flush_again();
  void remove();
  void end(TurnEnd::Kind kind);
  void try_later(const char* what, const Error& error);
  // turn_routes.cc
  void route_loaded();
  void ask(const RouteQuery& query, std::vector<std::uint32_t> numbers);
  void answered(const std::vector<std::uint32_t>& numbers, const RouteAnswer& answer);
  void submit_routed();
  void fail_by_rule(const RouteAnswer& choice, std::uint32_t attempt,
                    const std::vector<std::uint32_t>& numbers);
  [[nodiscard]] RouteQuery query_for(const Open& one) const;
  void ask_with_local_parts(const std::vector<std::uint32_t>& numbers);
  // turn_children.cc
  [[nodiscard]] Result<> note_standing_children(std::vector<MessageId>& standing);
  [[nodiscard]] Result<> note_child(std::uint32_t number, const MessageId& child);
  void expand(std::uint32_t number, const RouteAnswer& answer);
  void expanded(std::uint32_t number, const MessageId& child);
  void fail_expansion(std::uint32_t number, const std::string& why);
  void expansion_fails(std::uint32_t number, const Error& error);
  // turn_results.cc
  void settle_all(const Way& way, const Transaction& found, bool may_move);
  void ask_elsewhere(const Way& way, const Transaction& found, const Outcome& outcome,
                     const std::vector<std::uint32_t>& numbers);
  void answered_elsewhere(const Way& way, Transaction found,
                          const std::vector<std::uint32_t>& numbers, const RouteAnswer& answer);
  void write_down(const HistoryEntry& entry);
  void flush_soon();
  void log_dropped(const Open& one) const;
  void tell_outcome(const Way& way, const Transaction& found, const Open& one,
                    const Outcome& outcome) const;
  // turn_change.cc
  void take_wishes();
  void give_wishes_back();
  void decide(const MessageChange& change, const Decided& then);
  void take_effect(const MessageChange& change);
  void take_back();
  void fail_by_hand(const std::vector<std::uint32_t>& numbers);
  [[nodiscard]] Outcome as_decided(const Outcome& outcome) const;
  void requeue_at_end();
  // turn_notices.cc
  bool begin_notice(); // false: none is owed, or none can be made now
  [[nodiscard]] Result<NoticePlan> next_notice();
  [[nodiscard]] Result<> keep_alike(NoticePlan& plan) const;
  [[nodiscard]] Result<ProgressFold> fold_of(const std::vector<std::uint32_t>& recipients) const;
  [[nodiscard]] Result<NoticePlan> delay_notice();
  [[nodiscard]] bool may_tell_of_delay() const;
  [[nodiscard]] BootMs delay_due() const;
  [[nodiscard]] std::optional<MessageId> new_notice_name(char kind) const;
  [[nodiscard]] bool noted(const std::string& name) const;
  void make_notice(const std::shared_ptr<NoticePlan>& plan);
  [[nodiscard]] Result<NoticeRequest> notice_request_for(const NoticePlan& plan) const;
  [[nodiscard]] Result<> add_recipients(NoticeRequest& request, const NoticePlan& plan) const;
  void notice_rendered(const std::shared_ptr<NoticePlan>& plan, const std::string& text);
  void notice_created(const std::shared_ptr<NoticePlan>& plan);
  void notice_fails(const NoticePlan& plan, const Error& error);

  [[nodiscard]] bool all_closed() const;
  [[nodiscard]] WallUs age() const;
  // Runs an fdatasync on the work thread; `then` gets its result.
  void sync(std::function<void(Result<>)> then);

  TurnHost& host_;
  TurnStart start_;
  std::unique_ptr<MessageFile> file_;
  std::unique_ptr<EnvelopeCursor> cursor_;
  EnvelopeSender sender_; // as it leaves
  Address handed_in_;     // the sender as it came
  std::string account_;
  MessageFacts facts_;
  std::string why_unsigned_; // it should be, and cannot be
  std::string why_unsent_;
  Reporting reporting_ = Reporting::sender;

  WallUs began_ = 0;
  std::uint64_t known_history_ = 0; // its end when the turn began: what later loads fold
  std::uint32_t next_ = 0;          // the first recipient that was not looked at yet
  std::map<std::uint32_t, Open> open_;
  std::uint32_t asking_ = 0;   // questions without an answer
  std::uint32_t attempts_ = 0; // the highest number of an attempt so far
  bool loading_ = false;       // deliver() has begun, next_ counts
  bool waits_ = false;         // some recipients could not be tried: ask again soon
  bool advancing_ = false;
  bool advance_again_ = false;
  bool wants_flush_ = false;
  bool flushing_ = false;
  bool marks_trouble_ = false; // a mark could not be written or flushed: the turn stays until then
  bool notice_running_ = false;
  bool notice_blocked_ = false; // it could not be made in this turn
  bool delay_checked_ = false;
  bool failure_timed_ = false; // five minutes run from the first failure
  std::vector<Wish> wishes_;
  std::vector<HistoryEntry> requeue_; // to be written when the turn ends
  std::uint32_t deciding_ = 0;        // decisions that are being flushed
  bool stopped_ = false;              // nothing more is tried in this turn
  bool bounced_ = false;              // by hand: what is still open fails
  bool again_ = false;                // the next turn begins at once
  std::optional<Error> load_error_;   // told once what is under way has come back
  bool ended_ = false;
};

// With this host's name where it has no domain, as Delivered-To shows it.
[[nodiscard]] std::string full_address(const Address& address, const Settings& settings);

} // namespace waypost::queue
