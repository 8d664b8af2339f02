#include "queue/manager/service.h"

#include <csignal>
#include <malloc.h>
#include <sys/resource.h>

#include "lib/mail/snapshot.h"
#include "lib/mail/wiring.h"
#include "lib/sys/log.h"
#include "lib/sys/shortage.h"
#include "queue/manager/control_server.h"
#include "queue/manager/loaded_word.h"

namespace waypost::queue {
namespace {

constexpr int kTemporary = 111;
constexpr BootMs kDrainTime = 10'000;
constexpr std::uint32_t kOwnDescriptors = 300; // folders, channels, control connections, jobs

Result<Snapshot> snapshot_or_defaults(const std::string& path) {
  Result<Snapshot> snapshot = read_snapshot(path);
  if (snapshot || passes(snapshot.error())) return snapshot;
  // Route says `wait` to everything without a snapshot; the queue itself needs no more than this.
  Log("no_snapshot").add("reason", snapshot.error().text).warning();
  Snapshot defaults;
  defaults.settings = read_settings(path);
  return defaults;
}

// A turn holds a descriptor: as many turns as the machine lets us have.
ManagerLimits limits() {
  ManagerLimits most;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return most;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const rlim_t room =
      files.rlim_cur > 2 * kOwnDescriptors ? files.rlim_cur - kOwnDescriptors : kOwnDescriptors;
  most.turns = static_cast<std::uint32_t>(std::min<rlim_t>(most.turns, room));
  return most;
}

} // namespace

void Service::Peer::open(Fd in, Fd out, std::size_t most) {
  channel_.emplace(service_.loop_, std::move(in), std::move(out), most, *this);
}

void Service::Peer::on_closed(const std::optional<Error>& error) {
  service_.broken(std::string(name_) + ": " + (error ? error->text : "has closed its channel"));
}

Service::Service(uv_loop_t* loop, Fs& fs, const Clock& clock, Home home)
    : loop_(loop),
      fs_(fs),
      clock_(clock),
      home_(std::move(home)),
      routes_(*this, "waypost-route", &Service::route_frame),
      notices_(*this, "waypost-bounce", &Service::notice_frame),
      jobs_(*this, "waypost-deliver", &Service::job_frame),
      locals_(*this, "waypost-lspawn", &Service::local_frame),
      overlays_(*this, "waypost-overlay", &Service::overlay_frame) {}

Service::~Service() = default;

Result<> Service::start() {
  Result<SpoolDirs> dirs = SpoolDirs::open(fs_, home_.spool);
  if (!dirs) return std::unexpected(dirs.error());
  Result<DropBox> box = DropBox::open(fs_, home_.spool);
  if (!box) return std::unexpected(box.error());
  Result<Snapshot> snapshot = snapshot_or_defaults(home_.snapshot());
  if (!snapshot) return std::unexpected(snapshot.error());
  // Before the first scan: what is named between the two is seen twice, never missed.
  Result<Fd> inotify = FolderWatch::open(dirs->fresh());
  if (!inotify) return std::unexpected(inotify.error());
  alarm_ = std::make_unique<BootAlarm>(loop_, [this] { manager_->wake(); });
  open_channels();
  manager_ = std::make_unique<Manager>(fs_, clock_, std::move(*dirs), std::move(*box),
                                       home_.personal ? 0600 : 0660, std::move(*snapshot), limits(),
                                       *this);
  watch_ = std::make_unique<FolderWatch>(
      loop_, std::move(*inotify), [this](const std::string& name) { manager_->on_name(name); },
      [this] {
        Log("names_missed").warning();
        const Result<> scanned = manager_->scan_new();
        if (!scanned) broken(scanned.error().text);
      });
  const Result<> loaded = manager_->load();
  if (!loaded) return loaded;
  control_ = std::make_unique<ControlServer>(loop_, Fd(wiring::kControl), *this, home_.personal);
  watch_signals();
  say_loaded(wiring::kStarter, [this](BootMs wait, std::function<void()> then) {
    manager_->later(wait, std::move(then));
  });
  return {};
}

void Service::open_channels() {
  routes_.open(Fd(wiring::kRouteAnswers), Fd(wiring::kRouteQueries), kMaxRouteAnswer);
  notices_.open(Fd(wiring::kNoticeAnswers), Fd(wiring::kNoticeRequests), kMaxNoticeFrame);
  jobs_.open(Fd(wiring::kJobs), Fd(), kMaxJobFrame);
  locals_.open(Fd(wiring::kLocalJobs), Fd(), kMaxLocalFrame);
  overlays_.open(Fd(wiring::kOverlays), Fd(), kMaxOverlayFrame);
}

void Service::watch_signals() {
  signals_.push_back(std::make_unique<SignalWatch>(loop_, SIGHUP, [this] { reread(); }));
  signals_.push_back(std::make_unique<SignalWatch>(loop_, SIGTERM, [this] { drain(); }));
  // Nobody writes into the lifeline: readable means that waypost-start is gone.
  lifeline_ = std::make_unique<Readable>(loop_, Fd(wiring::kLifeline), [] { ::_exit(kTemporary); });
}

// Records of old and new configuration leave in their order, so the other programs never mix them.
void Service::reread() {
  Result<Snapshot> snapshot = read_snapshot(home_.snapshot());
  if (!snapshot && passes(snapshot.error())) return broken(snapshot.error().text);
  if (!snapshot) {
    Log("reload_refused").add("reason", snapshot.error().text).error();
    return;
  }
  manager_->reload(std::move(*snapshot));
}

void Service::drain() {
  if (std::exchange(draining_, true)) return;
  Log("draining").add("jobs", manager_->jobs_under_way()).info();
  manager_->drain();
  manager_->later(kDrainTime, [] {
    Log("drained").add("reason", "time is up").warning();
    ::_exit(0);
  });
  leave_when_idle();
}

void Service::leave_when_idle() {
  if (!draining_ || !manager_->idle()) return;
  Log("drained").info();
  ::_exit(0); // every state of the spool is one that kill -9 may leave
}

void Service::broken(const std::string& why) {
  Log("broken").add("reason", why).error();
  ::_exit(kTemporary);
}

void Service::send_query(const RouteQuery& query) {
  routes_.channel().send(to_record(query));
}

void Service::send_job(const Job& job, Fd message) {
  jobs_.channel().send(to_record(job), {}, std::move(message));
}

void Service::send_notice_request(const NoticeRequest& request) {
  notices_.channel().send(to_record(request), request.original);
}

void Service::send_reload() {
  Record reload;
  reload.add("type", "reload");
  routes_.channel().send(reload);
  // A first job would start it, and it reads the snapshot then.
  if (locals_started_) locals_.channel().send(reload);
  jobs_.channel().send(std::move(reload));
}

void Service::work(std::function<void()> blocking, std::function<void()> then) {
  run_apart(loop_, std::move(blocking), std::move(then));
}

void Service::wake_at(BootMs when) {
  alarm_->set(when);
}

void Service::at_rest() {
  ::malloc_trim(0); // a burst of mail must not be paid for all night
}

void Service::route_frame(Frame frame) {
  const Result<RouteAnswer> answer = route_answer(frame.record);
  if (!answer) return broken("waypost-route: " + answer.error().text);
  manager_->on_route_answer(*answer);
}

void Service::notice_frame(Frame frame) {
  const std::string id(frame.record.get("id"));
  if (frame.record.get("type") != "notice") return broken("waypost-bounce: not a notice");
  if (frame.record.has("error"))
    return manager_->on_notice(id, fail(std::string(frame.record.get("error"))));
  manager_->on_notice(id, std::move(frame.bytes));
}

void Service::job_frame(Frame frame) {
  const std::string_view type = frame.record.get("type");
  if (type == "taken") {
    manager_->on_taken();
  } else if (type == "stale" || type == "untried") {
    const auto job = frame.record.number("job");
    if (!job) return broken("waypost-deliver: a job without its number");
    using Untried = Manager::Untried;
    manager_->on_untried(*job, type == "stale" ? Untried::stale : Untried::sender_left);
  } else if (type == "result") {
    const Result<JobResult> result = job_result(frame.record);
    if (!result) return broken("waypost-deliver: " + result.error().text);
    manager_->on_result(*result);
  } else if (type == "senders") {
    Result<SenderState> state = sender_state(frame.record);
    if (!state) return broken("waypost-deliver: " + state.error().text);
    manager_->on_senders(std::move(*state));
  } else {
    return broken("waypost-deliver: a record of no known type");
  }
  leave_when_idle();
}

} // namespace waypost::queue
