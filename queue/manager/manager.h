// Manager: the queue, loaded from the spool, and everything that happens in it. waypost-qmgr(8).
//
//   a name in new/ -> cur/ -> a Turn at each due time -> jobs by way of the JobQueue -> the file
//   goes
//
// The spool's only writer after accept. One thread, no loop and no libuv: what is outside comes
// through Outside and the on_...() functions, so that a whole life of a message, kill included,
// fits in a unit test. Bounded: active turns, active recipients, jobs under way, jobs that the
// other side has not taken yet.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "lib/mail/local_job.h"
#include "lib/mail/sender_state.h"
#include "queue/accept/drop_box.h"
#include "queue/manager/accounts.h"
#include "queue/manager/figures.h"
#include "queue/manager/member_watch.h"
#include "queue/manager/outside.h"
#include "queue/manager/removal_sync.h"
#include "queue/manager/schedule.h"
#include "queue/manager/traffic.h"
#include "queue/manager/turn.h"
#include "queue/spool/transcript_ring.h"

namespace waypost::queue {

struct ManagerLimits {
  std::uint32_t turns = 5'000;       // each has one descriptor
  std::uint32_t recipients = 19'000; // that turns have in memory
  std::uint32_t jobs = 2'000;
};

class Manager final : public TurnHost {
public:
  // `mode`: of the notices' files, as MessageWriter wants it.
  Manager(Fs& fs, const Clock& clock, SpoolDirs dirs, DropBox box, mode_t mode, Snapshot snapshot,
          ManagerLimits limits, Outside& outside);

  // Reads the names in cur/ and new/; opens no message of cur/.
  [[nodiscard]] Result<> load();
  // After names may have been missed.
  [[nodiscard]] Result<> scan_new();
  void on_name(const std::string& name); // in new/
  void on_route_answer(const RouteAnswer& answer);
  void on_taken();
  void on_result(const JobResult& result);
  // Deliver gives a job back: of another generation, or its sender was leaving.
  enum class Untried : bool { stale, sender_left };
  void on_untried(std::uint64_t job, Untried why);
  void on_local_result(const LocalResult& result);
  void on_overlay(const OverlayAnswer& answer);
  void on_notice(const std::string& id, Result<std::string> text);
  void on_senders(SenderState state) { senders_ = std::move(state); }
  // The time asked for with wake_at() has come.
  void wake();
  void reload(Snapshot snapshot);
  // No new turns and jobs from now on.
  void drain();
  [[nodiscard]] bool idle() const { return under_way_.empty(); }

  // A person's decision about a message, in manager_change.cc. `then` is called once it is as
  // durable as it has to be, at once or later. Errors: ENOENT, the message has gone meanwhile.
  void change(const MessageId& id, const MessageChange& change, Turn::Decided then);
  // A person has given a kick, of any number of messages: one more probe for each destination.
  void begin_kick() { ++kicks_; }

  [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] Schedule& schedule() { return schedule_; }
  [[nodiscard]] Accounts& accounts() { return accounts_; }
  [[nodiscard]] std::size_t active() const { return turns_.size(); }
  [[nodiscard]] std::size_t jobs_under_way() const { return under_way_.size(); }
  [[nodiscard]] const JobQueue& jobs() const { return jobs_; }
  [[nodiscard]] const Figures& figures() const { return figures_; }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  [[nodiscard]] const SenderState& senders() const { return senders_; }

  // ---- TurnHost
  [[nodiscard]] Fs& fs() override { return fs_; }
  [[nodiscard]] const SpoolDirs& dirs() const override { return dirs_; }
  [[nodiscard]] const QueueTime& time() const override { return time_; }
  [[nodiscard]] const Settings& settings() const override { return snapshot_.settings; }
  void account(const MessageHead& head, Accounts::Then then) override;
  [[nodiscard]] bool wants_overlay(const std::string& account) const override;
  void ask_overlay(OverlayRequest request, std::function<Result<Fd>()> file,
                   std::function<void(Result<OverlayAnswer>)> then) override;
  [[nodiscard]] bool sends_signatures(const std::string& transport) const override;
  void ask_route(RouteQuery query, std::function<void(const RouteAnswer&)> then) override;
  void submit(Ticket ticket) override;
  void ask_notice(NoticeRequest request, std::function<void(Result<std::string>)> then) override;
  void work(std::function<void()> blocking, std::function<void()> then) override;
  void later(BootMs wait, std::function<void()> then) override;
  [[nodiscard]] bool stands(const MessageId& id) override;
  [[nodiscard]] Result<> make_durable(const MessageId& id) override;
  [[nodiscard]] Result<> create(const MessageId& id, const MessageHead& origin,
                                const EnvelopeSender& sender, const EnvelopeRecipient& recipient,
                                const std::string& message) override;
  [[nodiscard]] Result<> create_child(const MessageId& id, const MessageHead& origin,
                                      const MessagePart& message, const EnvelopeSender& sender,
                                      const std::vector<EnvelopeRecipient>& recipients,
                                      const std::string& before) override;
  [[nodiscard]] std::vector<MessageId> waiting_for(const MessageId& origin) const override;
  void notice_settled(const MessageId& id) override;
  void notice_made(NoticeKind kind) override { figures_.notice(kind); }
  void outcome(const MessageId& id, const ToldOutcome& told) override;
  void ended(const MessageId& id, const TurnEnd& end) override;
  void broken(const std::string& why) override { outside_.broken(why); }

private:
  struct Active {
    std::shared_ptr<Turn> turn;
    std::uint32_t weight = 1;
    bool fresh = false;
    bool settles_only = false;
  };
  struct PendingOverlay {
    OverlayRequest request;
    std::function<Result<Fd>()> file;
    std::function<void(Result<OverlayAnswer>)> then;
  };
  struct PendingNotice {
    std::string id; // of the message that it tells of
    std::function<void(Result<std::string>)> then;
  };

  // manager_spool.cc
  void clear_tmp();
  void set_aside(int dir, const std::string& name, const std::string& reason);
  void adopt(const MessageId& id);
  void look_again();
  void park(const MessageId& id, const MessageId& origin);
  void release_parked(const MessageId& origin);
  [[nodiscard]] bool stands_in_new(const MessageId& id);
  [[nodiscard]] bool notice_is_whole(const MessageId& id);
  void rename(const MessageId& id, QueueEntry& entry, Next next);
  // manager_change.cc
  void kick(const MessageId& id, QueueEntry& entry, const MessageChange& change,
            const Turn::Decided& then);
  void change_apart(const MessageId& id, QueueEntry& entry, const MessageChange& change,
                    Turn::Decided then);
  void schedule_changed(const MessageId& id, After after, bool waits);
  void due_now(const MessageId& id, QueueEntry& entry);
  // manager_local.cc
  void start_local_jobs();
  void start_local_job(std::uint64_t number, const Ticket& ticket);
  void give_local_jobs_back();
  // manager_overlays.cc
  void start_overlays();
  // manager_figures.cc
  void note_destination(const Ticket& ticket);
  void end_job(const Ticket& ticket, JobEnd end);
  // manager.cc
  void run();
  bool start_turns();
  void start_turn(const MessageId& id);
  void start_jobs();
  void keep_transcript(const Ticket& ticket, std::uint32_t owner, const JobResult& result);
  void run_alarms();
  void set_wake(bool soon);
  void rest_soon();
  void make_room_soon();
  [[nodiscard]] TransportLimits limits_of(const std::string& transport) const;

  Fs& fs_;
  SpoolDirs dirs_;
  DropBox box_;
  mode_t mode_;
  QueueTime time_;
  ClockSettings clock_settings_;
  Snapshot snapshot_;
  ManagerLimits limits_;
  Outside& outside_;
  Schedule schedule_;
  Accounts accounts_;
  JobQueue jobs_;
  Figures figures_;
  Traffic traffic_;
  SenderState senders_;
  std::unordered_map<std::string, Active> turns_;
  std::uint32_t weight_ = 0;
  std::uint32_t due_turns_ = 0; // active ones that are not fresh
  std::deque<std::pair<std::uint64_t, std::function<void(const RouteAnswer&)>>> queries_;
  std::uint64_t last_query_ = 0;
  std::unordered_map<std::uint64_t, Ticket> under_way_;
  std::uint64_t last_job_ = 0;
  std::deque<std::uint64_t> local_line_; // jobs for this machine that wait for a place
  std::size_t local_running_ = 0;
  std::uint64_t kicks_ = 0;
  int credits_ = kJobCredits;
  std::deque<PendingNotice> notices_;
  std::deque<PendingOverlay> overlay_line_; // wait for a place
  std::deque<PendingOverlay> overlays_;     // under way
  std::uint64_t last_overlay_ = 0;
  std::multimap<BootMs, std::function<void()>> alarms_;
  std::map<MessageId, std::vector<MessageId>> parked_; // by origin
  std::set<MessageId> to_settle_;                      // origins whose notices stood at the start
  MemberWatch watch_{*this};
  RemovalSync removals_{*this};
  TranscriptRing transcripts_{fs_, dirs_.root()};
  bool loading_ = false;
  bool blocked_ = false; // messages are due, no place is free
  bool draining_ = false;
  bool running_ = false;
  bool resting_soon_ = false;
  bool making_room_ = false;
  bool looking_again_ = false; // at new/, for what could not be adopted
};

} // namespace waypost::queue
