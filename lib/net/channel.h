// Channel: frames between two of our own programs, over a socket or a pair of pipes, on a libuv
// loop.
//
// A frame is a record (record.h), with raw bytes behind it where it says `bytes=N`, and with a
// descriptor beside it where it says `fd=1` (sockets only; in the order of the frames). What is
// sent in one turn of the loop leaves together, before the loop waits again. The other side is
// another program under another user: a frame longer than `most`, a malformed one, or a descriptor
// too many closes the channel with an error. Nothing blocks; who sends without bound watches
// queued().
//
// The handler outlives the channel. From within its calls it may send, close, and destroy the
// channel.
#pragma once

#include <optional>
#include <string>
#include <uv.h>

#include "lib/mail/record.h"
#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost {

struct Frame {
  Record record;
  std::string bytes; // where the record says bytes=N
  Fd descriptor;     // where the record says fd=1
};

class ChannelHandler {
public:
  ChannelHandler() = default;
  ChannelHandler(const ChannelHandler&) = delete;
  ChannelHandler& operator=(const ChannelHandler&) = delete;
  virtual ~ChannelHandler() = default;
  virtual void on_frame(Frame frame) = 0;
  // The other side has closed (no error) or the channel is of no more use. Called once, and not
  // after close().
  virtual void on_closed(const std::optional<Error>& error) = 0;
  // All that was queued has left.
  virtual void on_drained() {}
};

class Channel {
public:
  // `in` and `out` are two ends of pipes, or `in` is a socket and `out` is empty. Both are made
  // non-blocking.
  Channel(uv_loop_t* loop, Fd in, Fd out, std::size_t most, ChannelHandler& handler);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // Queues a frame. `record` gets `bytes=` and `fd=` as needed; the descriptor is closed here once
  // it has left.
  void send(Record record, std::string_view bytes = {}, Fd descriptor = {});
  [[nodiscard]] std::size_t queued() const; // bytes that have not left yet
  // No more calls to the handler; what was not sent is dropped.
  void close();
  [[nodiscard]] bool closed() const;
  // Stops and resumes reading, for back-pressure.
  void pause();
  void resume();

private:
  class State;
  State* state_; // frees itself when libuv has closed its handles
};

} // namespace waypost
