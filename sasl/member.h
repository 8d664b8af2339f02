// The oracle as a member of the tree: waypost-deliver hands in one end of each new sender's socket
// with the scope that holds for it; the sender asks on the other. Between what is asked, keys are
// derived slice by slice, and tokens come from waypost-token.
//
// What a sender sends that is no query ends its socket, and nothing else.
#pragma once

#include <map>
#include <memory>

#include "lib/net/channel.h"
#include "lib/net/loop.h"
#include "sasl/oracle.h"
#include "sasl/token_line.h"

namespace waypost::sasl {

class Member final : public ChannelHandler {
public:
  // `scopes`: the socket to waypost-deliver. All others outlive this.
  Member(net::Loop& loop, Fd scopes, Vault& vault, const TokenLine& line);
  ~Member() override;

  void on_frame(Frame frame) override;
  void on_closed(const std::optional<Error>& error) override;

private:
  class Seat;

  void work_if_any();
  void answer_what_waits();
  void on_token();

  net::Loop& loop_;
  Vault& vault_;
  const TokenLine& line_;
  std::map<const Seat*, std::unique_ptr<Seat>> seats_;
  uv_idle_t* slices_; // freed by uv_close, as the next
  uv_poll_t* answers_;
  Channel scopes_;
};

} // namespace waypost::sasl
