// ControlServer: the socket run/control (lib/mail/control.h), one connection a command.
//
// The caller is known by what the kernel says of it (SO_PEERCRED, SO_PEERGROUPS). Connections are
// bounded; a caller that never asks or never reads costs one of them, and no more.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <sys/types.h>
#include <uv.h>

#include "lib/net/channel.h"
#include "queue/manager/control_answer.h"
#include "queue/manager/loop_handles.h"

namespace waypost::queue {

class Service;

class ControlServer {
public:
  // `personal`: only the owner and root can connect, and nobody needs to be looked up.
  ControlServer(uv_loop_t* loop, Fd listening, Service& service, bool personal);
  ~ControlServer();

private:
  class Session;
  void accept();
  void forget(Session* session);

  uv_loop_t* loop_;
  Service& service_;
  Readable listening_;
  std::optional<gid_t> admins_; // wayadmin, where it exists
  std::list<std::shared_ptr<Session>> sessions_;
};

} // namespace waypost::queue
