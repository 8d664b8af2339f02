// Two channels on one loop, talking to each other over a socket or over pipes.
#include <criterion/criterion.h>

#include <array>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "lib/net/channel.h"

using namespace waypost;

namespace {

// Keeps what arrives, and stops the loop when it has `wanted` frames or the channel is closed.
struct Collector : ChannelHandler {
  uv_loop_t* loop = nullptr;
  std::vector<Frame> frames;
  std::size_t wanted = 1;
  bool closed = false;
  std::string error;
  std::function<void()> each;
  std::function<void()> drained;

  void on_drained() override {
    if (drained) drained();
  }
  void on_frame(Frame frame) override {
    frames.push_back(std::move(frame));
    if (each) each();
    if (frames.size() >= wanted) ::uv_stop(loop);
  }
  void on_closed(const std::optional<Error>& why) override {
    closed = true;
    if (why) error = why->text;
    ::uv_stop(loop);
  }
};

struct Pair {
  explicit Pair(std::size_t most = 1 << 20) {
    ::uv_loop_init(&loop);
    std::array<int, 2> ends{};
    cr_assert_eq(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    left_seen.loop = right_seen.loop = &loop;
    raw_right = ends[1];
    kept_right = Fd(::dup(ends[1]));
    left = std::make_unique<Channel>(&loop, Fd(ends[0]), Fd(), most, left_seen);
    right = std::make_unique<Channel>(&loop, Fd(ends[1]), Fd(), most, right_seen);
  }
  ~Pair() {
    left.reset();
    right.reset();
    ::uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(::uv_loop_close(&loop), 0);
  }
  void run() { ::uv_run(&loop, UV_RUN_DEFAULT); }

  uv_loop_t loop{};
  Collector left_seen, right_seen;
  std::unique_ptr<Channel> left, right;
  int raw_right = -1;
  Fd kept_right; // the other side, also when its channel is gone
};

Record hello(std::string_view word) {
  Record record;
  record.add("type", "hello").add("word", word);
  return record;
}

Fd file_with(std::string_view text) {
  Fd file(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  cr_assert_eq(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  return file;
}

std::string text_of(const Fd& file) {
  std::array<char, 100> text{};
  const ssize_t n = ::pread(file.get(), text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(n)};
}

} // namespace

Test(channel, carries_records_in_order) {
  Pair pair;
  pair.right_seen.wanted = 1000;
  for (int i = 0; i < 1000; ++i)
    pair.left->send(hello(std::to_string(i)));
  pair.run();
  cr_assert_eq(pair.right_seen.frames.size(), 1000);
  for (std::size_t i = 0; i < 1000; ++i) {
    cr_expect_eq(pair.right_seen.frames[i].record.get("word"), std::to_string(i), "frame %zu", i);
  }
  cr_expect_eq(pair.left->queued(), 0);
}

Test(channel, gives_each_frame_its_own_descriptor) {
  Pair pair;
  pair.right_seen.wanted = 200;
  for (int i = 0; i < 200; ++i) {
    const std::string word = std::to_string(i);
    pair.left->send(hello(word), {}, i % 3 == 0 ? file_with(word) : Fd());
  }
  pair.run();
  for (std::size_t i = 0; i < 200; ++i) {
    const Frame& frame = pair.right_seen.frames[i];
    cr_expect_eq(frame.descriptor.valid(), i % 3 == 0, "frame %zu", i);
    if (frame.descriptor.valid())
      cr_expect_eq(text_of(frame.descriptor), std::to_string(i), "frame %zu", i);
  }
}

Test(channel, carries_raw_bytes_larger_than_a_socket_buffer) {
  Pair pair(std::size_t{16} << 20);
  std::string bytes(std::size_t{8} << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 7);
  pair.left->send(hello("large"), bytes, file_with("beside"));
  pair.left->send(hello("after"));
  pair.right_seen.wanted = 2;
  pair.run();
  cr_assert_eq(pair.right_seen.frames.size(), 2);
  cr_expect(pair.right_seen.frames[0].bytes == bytes);
  cr_expect_eq(text_of(pair.right_seen.frames[0].descriptor), "beside");
  cr_expect_eq(pair.right_seen.frames[1].record.get("word"), "after");
}

Test(channel, refuses_a_frame_longer_than_its_bound) {
  Pair pair(100);
  pair.left->send(hello(std::string(101, 'x')));
  pair.run();
  cr_expect(pair.right_seen.closed);
  cr_expect_neq(pair.right_seen.error, "");
  cr_expect_eq(pair.right_seen.frames.size(), 0);
}

Test(channel, refuses_garbage_and_a_promised_descriptor_that_is_missing) {
  const std::array<std::string, 5> garbage{"hello", "3:abc;", "4:a=b,,", "00:,",
                                           std::string("5:fd=1\0,", 8)};
  for (const std::string& bytes : garbage) {
    Pair pair;
    const int raw = ::dup(pair.raw_right);
    cr_assert_eq(::write(raw, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::close(raw);
    pair.right.reset();
    pair.run();
    cr_expect(pair.left_seen.closed, "%s", bytes.c_str());
    cr_expect_neq(pair.left_seen.error, "", "%s", bytes.c_str());
  }
}

Test(channel, tells_of_the_other_sides_end_after_all_frames) {
  Pair pair;
  pair.right_seen.wanted = 100;
  for (int i = 0; i < 3; ++i)
    pair.left->send(hello("last words"));
  ::uv_run(&pair.loop, UV_RUN_NOWAIT);
  pair.left.reset();
  pair.run();
  cr_expect_eq(pair.right_seen.frames.size(), 3);
  cr_expect(pair.right_seen.closed);
  cr_expect_eq(pair.right_seen.error, "");
}

Test(channel, may_be_destroyed_by_its_own_handler) {
  Pair pair;
  pair.right_seen.wanted = 1;
  pair.right_seen.each = [&] { pair.right.reset(); };
  pair.left->send(hello("one"));
  pair.left->send(hello("two"));
  pair.run();
  cr_expect_eq(pair.right_seen.frames.size(), 1);
}

Test(channel, what_is_sent_when_drained_leaves_without_another_event) {
  Pair pair;
  int more = 3;
  pair.left_seen.drained = [&] {
    if (more-- > 0) pair.left->send(hello("next"));
  };
  pair.left->send(hello("first"));
  pair.right.reset(); // so that nothing but our own sending can wake the loop
  std::array<char, 1000> bytes{};
  ::uv_run(&pair.loop, UV_RUN_NOWAIT);
  std::string got;
  for (ssize_t n = 0;
       (n = ::recv(pair.kept_right.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0;) {
    got.append(bytes.data(), static_cast<std::size_t>(n));
  }
  std::size_t frames = 0;
  for (std::size_t at = got.find("word="); at != std::string::npos; at = got.find("word=", at + 1))
    ++frames;
  cr_expect_eq(frames, 4);
}

Test(channel, reads_nothing_while_paused) {
  Pair pair;
  pair.right->pause();
  pair.left->send(hello("one"));
  for (int i = 0; i < 5; ++i)
    ::uv_run(&pair.loop, UV_RUN_NOWAIT);
  cr_expect_eq(pair.right_seen.frames.size(), 0);
  pair.right->resume();
  pair.run();
  cr_expect_eq(pair.right_seen.frames.size(), 1);
}

Test(channel, works_over_two_pipes) {
  uv_loop_t loop{};
  ::uv_loop_init(&loop);
  std::array<int, 2> there{};
  std::array<int, 2> back{};
  cr_assert_eq(::pipe2(there.data(), O_CLOEXEC), 0);
  cr_assert_eq(::pipe2(back.data(), O_CLOEXEC), 0);
  Collector left_seen;
  Collector right_seen;
  left_seen.loop = right_seen.loop = &loop;
  {
    Channel left(&loop, Fd(back[0]), Fd(there[1]), 1 << 20, left_seen);
    Channel right(&loop, Fd(there[0]), Fd(back[1]), 1 << 20, right_seen);
    right_seen.each = [&] { right.send(hello("answer")); };
    left_seen.wanted = 1;
    right_seen.wanted = 2; // so that only the answer stops the loop
    left.send(hello("question"), std::string(300'000, 'q'));
    ::uv_run(&loop, UV_RUN_DEFAULT);
  }
  cr_assert_eq(left_seen.frames.size(), 1);
  cr_expect_eq(left_seen.frames[0].record.get("word"), "answer");
  ::uv_run(&loop, UV_RUN_DEFAULT);
  cr_expect_eq(::uv_loop_close(&loop), 0);
}

// epoll knows no regular files: as when the kernel has no memory for one descriptor more.
Test(channel, what_cannot_be_watched_is_told_by_the_loop) {
  for (const bool socket : {true, false}) {
    uv_loop_t loop{};
    ::uv_loop_init(&loop);
    Collector seen;
    seen.loop = &loop;
    std::array<int, 2> ends{};
    cr_assert_eq(::pipe2(ends.data(), O_CLOEXEC), 0);
    const Fd feeds_the_pipe(socket ? ends[1] : ::dup(ends[1]));
    Fd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    auto channel = socket
                       ? std::make_unique<Channel>(&loop, std::move(file), Fd(), 100, seen)
                       : std::make_unique<Channel>(&loop, Fd(ends[0]), std::move(file), 100, seen);
    channel->resume();
    cr_expect(!seen.closed, "not from within the constructor");
    ::uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect(seen.closed && seen.error.starts_with("watch a channel"), "%s", seen.error.c_str());
    channel.reset();
    ::uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(::uv_loop_close(&loop), 0);
    ::close(socket ? ends[0] : ends[1]);
  }
}
