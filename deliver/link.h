// Link: waypost-deliver's end of one sender: its channel, and the jobs that it has in hand.
//
// A sender talks with the world and is not believed: a result counts only for a job that this
// sender was given, and for recipients of it that are still open. Whatever else comes ends the
// sender.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "deliver/permits.h"
#include "deliver/roster.h"
#include "lib/mail/job.h"
#include "lib/net/channel.h"

namespace waypost::deliver {

class Link;

// What a link tells its owner, which may destroy it from within the last three.
class LinkOwner {
public:
  LinkOwner() = default;
  LinkOwner(const LinkOwner&) = delete;
  LinkOwner& operator=(const LinkOwner&) = delete;
  virtual ~LinkOwner() = default;
  // A valid result, to be passed on as it came.
  virtual void on_result(Link& link, const JobResult& result, Record record) = 0;
  virtual void on_tls_used(Link& link) = 0;
  // Its destination has failed as a whole; has answered a message after that (sender_records.h).
  virtual void on_down(Link& link, const Outcome& outcome) = 0;
  virtual void on_up(Link& link) = 0;
  // On its proxy, on permits; false when it makes no sense.
  virtual bool on_proxy_record(Link& link, const Record& record) = 0;
  virtual bool on_hosts_record(Link& link, const Record& record) = 0;
  // The sender does nothing more; the jobs that it still has it has not begun.
  virtual void on_leaving(Link& link) = 0;
  virtual void on_sender_gone(Link& link, const std::string& why) = 0;
};

class Link final : public ChannelHandler {
public:
  Link(uv_loop_t* loop, Fd channel, LinkOwner& owner, std::string transport,
       std::string destination, Standing standing);

  void give(const Job& job, Record record, Fd message);
  void say(Record record) { channel_.send(std::move(record)); }
  void say(Record record, Fd beside) { channel_.send(std::move(record), {}, std::move(beside)); }
  [[nodiscard]] std::size_t running() const { return jobs_.size(); }
  // It has ended a job.
  [[nodiscard]] bool worked() const { return worked_; }
  [[nodiscard]] std::vector<std::uint64_t> jobs() const;
  // The jobs in hand, each as a result that defers what is open; for when the sender is gone.
  [[nodiscard]] std::vector<JobResult> abandoned(const std::string& why) const;

  void on_frame(Frame frame) override;
  void on_closed(const std::optional<Error>& error) override;

  const std::string transport;
  const std::string destination;
  Standing standing; // as the roster has counted it
  std::uint64_t idle_since_ms = 0;
  std::unique_ptr<PermitSeat> permits;

private:
  Result<JobResult> checked(const Record& record);
  void nonsense(const std::string& what);

  std::map<std::uint64_t, std::vector<std::uint32_t>> jobs_; // open recipients, ascending
  bool worked_ = false;
  LinkOwner& owner_;
  Channel channel_;
};

} // namespace waypost::deliver
