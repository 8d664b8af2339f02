// OverlayMember: waypost-overlay in the tree: takes messages from the manager, one after another,
// and says how each shall leave (lib/mail/overlay_request.h).
//
// A message is read to its end as it comes by its pipe, which blocks: the manager never waits for
// us while it feeds one. Keys are read anew for each message, so one that was mended is used at
// once. The snapshot is read when a request is of another generation; where that cannot be had
// nothing is answered by an older one, by which the mail might leave unsigned.
#pragma once

#include <string>
#include <uv.h>

#include "dkim/key_folder.h"
#include "lib/mail/overlay_request.h"
#include "lib/mail/snapshot.h"
#include "lib/net/channel.h"

namespace waypost::dkim {

class OverlayMember final : public ChannelHandler {
public:
  // `keys` outlives the member.
  OverlayMember(uv_loop_t* loop, Fd manager, std::string snapshot, const KeyFolder& keys);
  void on_frame(Frame frame) override;
  void on_closed(const std::optional<Error>& error) override;

private:
  [[nodiscard]] Result<> follow(std::uint64_t generation);
  [[nodiscard]] OverlayAnswer answer(const OverlayRequest& request, int message);

  std::string snapshot_path_;
  const KeyFolder& keys_;
  Snapshot snapshot_; // of generation 0 until one was read
  Channel channel_;
};

} // namespace waypost::dkim
