// RemovalSync: `remove_sync = "batch"`. A second after a message went, the folders in which names
// went are flushed, once each, on a work thread.
//
// A removal that power takes back is delivered a second time; the file system itself would flush it
// within its commit interval (ext4: 5 s), and batch makes that a second. Nothing waits for it.
#pragma once

#include <bitset>

#include "queue/manager/turn_host.h"

namespace waypost::queue {

class RemovalSync {
public:
  explicit RemovalSync(TurnHost& host) : host_(host) {}
  void removed(const MessageId& id);

private:
  void flush();

  TurnHost& host_;
  std::bitset<MessageId::kFolders> touched_; // since the last flush began
  bool waiting_ = false;
};

} // namespace waypost::queue
