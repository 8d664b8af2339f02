#include "queue/manager/control_server.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <grp.h>
#include <optional>
#include <sys/socket.h>
#include <vector>

#include "lib/mail/control.h"
#include "queue/manager/service.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostSessions = 200;
constexpr std::ptrdiff_t kMostOfUser = 10; // so that no user takes the places of the others
constexpr std::size_t kFull = 256 * 1024;  // bytes that the caller has not read yet

std::optional<gid_t> admin_group() {
  std::array<char, 4096> buffer;
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r("wayadmin", &entry, buffer.data(), buffer.size(), &found) != 0) return {};
  return found == nullptr ? std::nullopt : std::optional(found->gr_gid);
}

bool in_group(int socket, gid_t group, gid_t wanted) {
  if (group == wanted) return true;
  std::vector<gid_t> groups(64);
  auto length = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  int got = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length);
  if (got < 0 && errno == ERANGE) {
    groups.resize(length / sizeof(gid_t));
    got = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length);
  }
  if (got < 0) return false;
  groups.resize(length / sizeof(gid_t));
  return std::ranges::find(groups, wanted) != groups.end();
}

std::optional<ControlCaller> caller_of(int socket, std::optional<gid_t> admins) {
  ucred who{};
  socklen_t length = sizeof who;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0) return std::nullopt;
  ControlCaller caller;
  caller.uid = who.uid;
  caller.sees_all =
      who.uid == 0 || who.uid == ::geteuid() || (admins && in_group(socket, who.gid, *admins));
  return caller;
}

} // namespace

class ControlServer::Session final : public ChannelHandler,
                                     public ControlSink,
                                     public std::enable_shared_from_this<Session> {
public:
  Session(ControlServer& server, Fd socket, const ControlCaller& caller)
      : server_(server),
        caller_(caller),
        channel_(server.loop_, std::move(socket), Fd(), kMaxControlRequest, *this) {}

  void on_frame(Frame frame) override {
    if (answer_ && frame.record.get("command") == "stop") {
      answer_->stop();
      return waiting_ ? void() : go_on_later();
    }
    if (answer_) return server_.forget(this); // one request a connection
    const std::weak_ptr<Session> weak = weak_from_this();
    answer_ = answer_control(
        frame.record, caller_, server_.service_.manager(),
        [weak] {
          if (const auto self = weak.lock()) self->go_on();
        },
        [service = &server_.service_] { service->reread(); });
    go_on();
  }
  void on_closed(const std::optional<Error>&) override { server_.forget(this); }
  void on_drained() override {
    if (ended_) return server_.forget(this);
    if (answer_ && !waiting_) go_on_later();
  }
  [[nodiscard]] uid_t uid() const { return caller_.uid; }
  void send(Record record, std::string_view bytes) override {
    channel_.send(std::move(record), bytes);
  }
  [[nodiscard]] bool full() const override { return channel_.queued() > kFull; }

private:
  void go_on() {
    if (ended_) return;
    const ControlAnswer::State state = answer_->slice(*this);
    ended_ = state == ControlAnswer::State::ended;
    waiting_ = state == ControlAnswer::State::waiting;
    if (state == ControlAnswer::State::more && channel_.queued() == 0) go_on_later();
  }
  // Between two slices the queue has its turn.
  void go_on_later() {
    server_.service_.manager().later(0, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->go_on();
    });
  }

  ControlServer& server_;
  ControlCaller caller_;
  Channel channel_;
  std::unique_ptr<ControlAnswer> answer_;
  bool ended_ = false;
  bool waiting_ = false;
};

ControlServer::ControlServer(uv_loop_t* loop, Fd listening, Service& service, bool personal)
    : loop_(loop),
      service_(service),
      listening_(loop, std::move(listening), [this] { accept(); }),
      admins_(personal ? std::nullopt : admin_group()) {
  // A caller that has gone again must not make accept() wait.
  ::fcntl(listening_.fd(), F_SETFL, O_NONBLOCK);
}

ControlServer::~ControlServer() = default;

void ControlServer::accept() {
  Fd socket(::accept4(listening_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return;
  const std::optional<ControlCaller> caller = caller_of(socket.get(), admins_);
  if (!caller || sessions_.size() >= kMostSessions) return; // closed: the command says so
  const auto his = std::ranges::count_if(
      sessions_, [&](const auto& session) { return session->uid() == caller->uid; });
  if (his >= kMostOfUser && !caller->sees_all) return;
  sessions_.push_back(std::make_shared<Session>(*this, std::move(socket), *caller));
}

void ControlServer::forget(Session* session) {
  std::erase_if(sessions_, [&](const auto& one) { return one.get() == session; });
}

} // namespace waypost::queue
