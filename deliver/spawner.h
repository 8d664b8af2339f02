// Spawner: waypost-deliver's whole work: jobs come from the manager, go to the sender of their
// (transport, destination), which is started when there is none, and results go back.
//
// It knows no spool and no secret; messages pass through as descriptors. Jobs made under another
// generation of the configuration than its own go back as stale. Jobs wait here while their sender
// is full or while no sender may start; what a dead sender had in hand comes back deferred, and
// what one was given that was leaving comes back untried. Jobs for a destination that is known to
// fail are answered with that failure (known_failures.h).
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "deliver/known_failures.h"
#include "deliver/link.h"
#include "deliver/roster.h"
#include "deliver/sender_report.h"
#include "deliver/transport_holds.h"
#include "deliver/wall_time.h"
#include "lib/mail/sender_state.h"
#include "lib/mail/snapshot.h"
#include "lib/net/loop.h"

namespace waypost::deliver {

class Spawner final : public ChannelHandler, public LinkOwner {
public:
  static constexpr std::uint64_t kIdleMs = 30'000;

  // `snapshot`: the path of the compiled configuration.
  // `oracle`: the socket to waypost-sasl.
  Spawner(net::Loop& loop, Fd manager, Fd senders, Fd oracle, std::string snapshot);
  ~Spawner() override;

  // Reads the snapshot; without a readable one all jobs are stale.
  void reload();

  // From the manager.
  void on_frame(Frame frame) override;
  void on_closed(const std::optional<Error>& error) override;
  // From a sender.
  void on_result(Link& link, const JobResult& result, Record record) override;
  void on_tls_used(Link& link) override;
  void on_down(Link& link, const Outcome& outcome) override;
  void on_up(Link& link) override;
  bool on_proxy_record(Link& link, const Record& record) override;
  bool on_hosts_record(Link& link, const Record& record) override;
  void on_leaving(Link& link) override;
  void on_sender_gone(Link& link, const std::string& why) override;

private:
  using Key = DestinationKey;

  struct Waiting {
    Job job;
    Record record; // as it came
    Fd message;
  };
  struct Destination {
    std::deque<Waiting> waiting;
    std::unique_ptr<Link> link;
    std::uint64_t kick = 0; // the latest that its sender was given
    bool hungry = false;    // waits for another's sender to end
  };
  class MemberWatch;

  void take_job(Frame frame);
  void send_taken_held();
  void send_stale(std::uint64_t job);
  void answer(const Job& job, const Outcome& outcome);
  void log_down(const Key& key, const Outcome& outcome) const;
  void feed(const Key& key);
  void answer_known(const Key& key);
  void drop_if_empty(const Key& key);
  std::unique_ptr<Link> take_link(const Link& link);

  // spawner_holds.cc
  [[nodiscard]] const Outcome* known_failure(const Key& key, std::uint64_t kick) const;
  [[nodiscard]] std::optional<KnownFailures::Standing> hold_of(const Transport& transport) const;
  void log_held(const Transport& transport, const std::string& destination) const;
  [[nodiscard]] std::vector<HeldTransport> held_transports();
  void settle_probe(const Link& link);
  void feed_transport(const std::string& transport);

  // spawner_senders.cc
  [[nodiscard]] bool start(const Key& key);
  void give_oracle(Link& link, const Transport& transport);
  [[nodiscard]] Standing standing_of(const Key& key) const;
  [[nodiscard]] bool make_room(Standing standing);
  void end_link(const Link& link);
  void forget(const Link& link);
  void queue_for_sender(const Key& key);
  void feed_hungry();
  void feed_hungry(Standing standing);
  [[nodiscard]] bool note_success(Link& link);
  [[nodiscard]] bool stands(Link& link, Standing standing);
  void settle_idle(Link& link);
  void arm_idle_timer();
  void end_idle();
  [[nodiscard]] Record sender_record();

  net::Loop& loop_;
  std::string snapshot_path_;
  Snapshot snapshot_;
  Roster roster_{200};
  Permits permits_; // before all that holds links
  std::map<Key, Destination> destinations_;
  KnownFailures failures_;
  TransportHolds holds_;
  WallTime wall_time_;
  // Destinations that wait for another's sender to end, by standing, each in order.
  std::array<std::deque<Key>, kStandings.size()> hungry_;
  std::set<std::string> tls_used_;             // transports whose senders have met TLS
  std::vector<Link*> idle_;                    // senders without a job, the longest idle first
  std::vector<std::unique_ptr<Link>> leaving_; // of an older configuration, with jobs in hand
  std::deque<std::uint64_t> untold_;           // jobs whose `taken` is held back
  std::size_t held_ = 0;                       // descriptors of waiting jobs
  std::size_t most_held_;
  uv_timer_t* idle_timer_; // freed by uv_close
  std::unique_ptr<MemberWatch> template_watch_;
  std::unique_ptr<MemberWatch> oracle_watch_;
  Channel manager_;
  Channel senders_;
  Channel oracle_;
  SenderReport report_;
};

} // namespace waypost::deliver
