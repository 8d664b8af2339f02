// OracleScopes: the socket by which an oracle is told for what a line to it is good
// (lib/mail/login.h), as waypost-deliver has it; for programs that have an oracle of their own.
#pragma once

#include "lib/mail/snapshot.h"
#include "lib/net/channel.h"
#include "lib/net/loop.h"

namespace waypost::deliver {

class OracleScopes final : public ChannelHandler {
public:
  OracleScopes(net::Loop& loop, Fd socket);

  // Our end of a new line, for the logins of that transport and nothing else.
  [[nodiscard]] Result<Fd> line_for(const Transport& transport);

  void on_frame(Frame) override {}
  void on_closed(const std::optional<Error>&) override {}

private:
  Channel channel_;
};

} // namespace waypost::deliver
