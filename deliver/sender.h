// Sender: carries the jobs of one (transport, destination), in a process of its own.
//
// Jobs come on the channel, each with its message's descriptor; results go back on it. Connections
// are kept and used again; how many there may be says Concurrency. When the channel closes the
// process ends at once: what has not had its final dot is thrown away by the server, and no reply
// is waited for. One that can log in no more asks for that itself, once it has nothing in hand.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deliver/concurrency.h"
#include "deliver/greeting.h"
#include "deliver/hosts.h"
#include "deliver/oracle_line.h"
#include "deliver/permit_asker.h"
#include "deliver/start.h"
#include "lib/net/channel.h"

namespace waypost::deliver {

class Worker;

// A job that waits for a connection.
struct Work {
  Job job;
  Fd message;
  std::uint64_t arrived_ms = 0;
};

class Sender final : public ChannelHandler, public TlsSource {
public:
  // `prepared`: a TLS context that was made before the fork; may be none.
  Sender(net::Loop& loop, Start start, Fd channel, std::unique_ptr<net::TlsContext> prepared);
  ~Sender() override;

  void on_frame(Frame frame) override;
  void on_closed(const std::optional<Error>& error) override;
  void on_drained() override;
  Result<net::TlsContext*> tls() override;

  // For the workers.
  [[nodiscard]] net::Loop& loop() { return loop_; }
  [[nodiscard]] const Transport& transport() const { return start_.transport; }
  [[nodiscard]] const std::string& destination() const { return start_.destination; }
  [[nodiscard]] const HostList& hosts() const { return hosts_; }
  [[nodiscard]] PermitAsker& permits() { return permits_; }
  // Null when deliver has given none: the transport does not log in, or there was no socket.
  [[nodiscard]] OracleLine* oracle();
  // `connected`: for a worker that need not log in any more.
  [[nodiscard]] std::optional<Work> take(bool connected);
  void report(const JobResult& result);
  // A worker has nothing to do; with a connection it goes before those that have none.
  void wait_for_work(Worker& worker, bool connected);
  // One that waited goes on by itself.
  void stopped_waiting(Worker& worker);
  // A server has taken a message, or refused or deferred one.
  void delivered();
  void answered();
  void slow_down() { concurrency_.slow_down(working(), loop_.now_ms()); }
  // No host could be used. True when the worker's connection was only one too many: others carry
  // mail or are still being made, and the job goes back to wait for them.
  [[nodiscard]] bool one_too_many(Work& work);
  // No host could be used: what was waiting meanwhile need not find that out again.
  void destination_failed(const Outcome& outcome);
  // For type socks: deliver hears how each try went, for it alone sees all destinations.
  void proxy_spoke(const HostAddress& to, const Opened& opened);
  // The transport can reach nobody.
  void way_failed(const Outcome& outcome);

private:
  [[nodiscard]] bool can_log_in() const;
  [[nodiscard]] bool may_connect() const;
  void leave_if_useless();
  void dispatch();
  [[nodiscard]] Worker* next_worker();
  [[nodiscard]] std::size_t working() const {
    return workers_.size() - connected_.size() - spare_.size();
  }
  void refresh_hosts();
  net::Task<> look_up_hosts();
  [[nodiscard]] bool hosts_known() const { return loop_.now_ms() < hosts_until_ms_; }

  net::Loop& loop_;
  Start start_;
  Channel channel_;
  std::unique_ptr<net::TlsContext> tls_;
  bool tls_told_ = false;
  std::optional<OracleLine> oracle_;
  bool never_had_oracle_ = false; // when it was asked for
  bool leaving_ = false;
  bool worked_ = false; // has ended a job
  net::Resolver resolver_;
  HostList hosts_;
  std::uint64_t hosts_until_ms_ = 0;
  std::deque<Work> queue_;
  PermitAsker permits_;
  Concurrency concurrency_;
  std::optional<Outcome> down_; // of a destination that failed as a whole, at
  std::uint64_t down_at_ms_ = 0;
  bool failing_; // deliver knows that it has failed, and not that it has answered since
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> connected_; // without work; the last one has the freshest connection
  std::vector<Worker*> spare_;     // without work and connection
  HostQuery query_;
  net::Task<> lookup_; // last, so that it is dropped before what it uses
};

} // namespace waypost::deliver
