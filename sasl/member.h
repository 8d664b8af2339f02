// The oracle as a member of the tree: waypost-deliver hands in one end of each new sender's socket
// with the scope that holds for it; the sender asks on the other.
//
// What a sender sends that is no query ends its socket, and nothing else.
#pragma once

#include <map>
#include <memory>

#include "lib/net/channel.h"
#include "lib/net/loop.h"
#include "sasl/oracle.h"

namespace waypost::sasl {

class Member final : public ChannelHandler {
public:
  // `scopes`: the socket to waypost-deliver. `loop` and `vault` outlive this.
  Member(net::Loop& loop, Fd scopes, Vault& vault);
  ~Member() override;

  void on_frame(Frame frame) override;
  void on_closed(const std::optional<Error>& error) override;

private:
  class Seat;

  net::Loop& loop_;
  Vault& vault_;
  std::map<const Seat*, std::unique_ptr<Seat>> seats_;
  Channel scopes_;
};

} // namespace waypost::sasl
