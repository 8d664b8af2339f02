// Service: the queue manager on its loop: channels to the other programs, alarm, folder watch,
// signals, lifeline. Nothing here decides about mail; garbage on a channel, or its end, ends the
// process with a line in the log, and waypost-start begins anew. waypost-qmgr(8).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <uv.h>

#include "lib/net/channel.h"
#include "lib/sys/home.h"
#include "queue/manager/loop_handles.h"
#include "queue/manager/manager.h"
#include "queue/manager/message_pump.h"

namespace waypost::queue {

class ControlServer;

class Service final : public Outside {
public:
  Service(uv_loop_t* loop, Fs& fs, const Clock& clock, Home home);
  ~Service() override;

  // Everything up to the newline that says that mail moves.
  [[nodiscard]] Result<> start();
  [[nodiscard]] Manager& manager() { return *manager_; }
  // Reads the snapshot again and has everybody read it; what is asked of us afterwards is done by
  // the new one. A bad snapshot changes nothing.
  void reread();

  // ---- Outside
  void send_query(const RouteQuery& query) override;
  void send_job(const Job& job, Fd message) override;
  void send_local_job(const Job& job, const std::string& mailbox, Fd message) override;
  void send_overlay_request(const OverlayRequest& request, Fd message,
                            std::uint64_t offset) override;
  void send_notice_request(const NoticeRequest& request) override;
  void send_reload() override;
  void work(std::function<void()> blocking, std::function<void()> then) override;
  void wake_at(BootMs when) override;
  void at_rest() override;
  void broken(const std::string& why) override;

private:
  // One channel's frames, given to a function; its end is the end of the program.
  class Peer final : public ChannelHandler {
  public:
    Peer(Service& service, const char* name, void (Service::*frame)(Frame))
        : service_(service),
          name_(name),
          frame_(frame) {}
    void open(Fd in, Fd out, std::size_t most);
    void on_frame(Frame frame) override { (service_.*frame_)(std::move(frame)); }
    void on_closed(const std::optional<Error>& error) override;
    Channel& channel() { return *channel_; }

  private:
    Service& service_;
    const char* name_;
    void (Service::*frame_)(Frame);
    std::optional<Channel> channel_;
  };

  void open_channels();
  void watch_signals();
  void route_frame(Frame frame);
  void notice_frame(Frame frame);
  void job_frame(Frame frame);
  void local_frame(Frame frame);
  void overlay_frame(Frame frame);
  void refuse_local_job(std::uint64_t job, const Error& error);
  void drain();
  void leave_when_idle();

  uv_loop_t* loop_;
  Fs& fs_;
  const Clock& clock_;
  Home home_;
  Peer routes_;
  Peer notices_;
  Peer jobs_;
  Peer locals_;
  Peer overlays_;
  std::map<std::uint64_t, std::unique_ptr<MessagePump>> pumps_;         // by job
  std::map<std::uint64_t, std::unique_ptr<MessagePump>> overlay_pumps_; // by request
  std::unique_ptr<Manager> manager_;
  std::unique_ptr<BootAlarm> alarm_;
  std::unique_ptr<FolderWatch> watch_;
  std::unique_ptr<Readable> lifeline_;
  std::unique_ptr<ControlServer> control_;
  std::vector<std::unique_ptr<SignalWatch>> signals_;
  bool locals_started_ = false; // waypost-lspawn, which sleeps until it is needed
  bool draining_ = false;
};

} // namespace waypost::queue
