// MessagePump: feeds one message from its file into a pipe, as the pipe takes it.
//
// No process under a user's uid gets a descriptor of the message's file: it gets this pipe. The
// pump never blocks the loop for more than one piece, stops when the reader has gone, and when it
// cannot read: the reader knows how many bytes must come. Owned; `done` is called once, at the end.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <uv.h>

#include "lib/sys/fd.h"
#include "queue/spool/delivered_to.h"

namespace waypost::queue {

class MessagePump {
public:
  // `head` goes first, then the message. The pipe's end is made non-blocking.
  MessagePump(uv_loop_t* loop, Fd pipe, std::string head, Fd file, MessagePart message,
              std::function<void()> done);
  MessagePump(const MessagePump&) = delete;
  MessagePump& operator=(const MessagePump&) = delete;
  ~MessagePump();

private:
  struct State;
  State* state_; // freed by libuv's close callback
};

} // namespace waypost::queue
