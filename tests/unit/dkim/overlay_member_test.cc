// waypost-overlay in the tree: a request is answered by the configuration that the manager asks by,
// or by none.
#include <criterion/criterion.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

#include "dkim/overlay_member.h"
#include "lib/net/loop.h"
#include "tests/unit/dkim/rfc_messages.h"

using namespace waypost;
using namespace waypost::dkim;

namespace {

class Manager final : public ChannelHandler {
public:
  void on_frame(Frame frame) override {
    const auto told = overlay_answer(frame.record, frame.bytes);
    cr_assert(told.has_value());
    answer = *told;
    answered = true;
  }
  void on_closed(const std::optional<Error>&) override {}
  OverlayAnswer answer;
  bool answered = false;
};

class Scene {
public:
  Scene() {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    path_ = ::mkdtemp(name);
    keys_.emplace(fs_, path_ + "/dkim");
    cr_assert(keys_->add("home.test", "ed", *Key::parse(test::kEd25519KeyOf8463)).has_value());
    int ends[2];
    cr_assert(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    channel_.emplace(loop_.uv(), Fd(ends[0]), Fd(), kMaxOverlayFrame, manager_);
    member_.emplace(loop_.uv(), Fd(ends[1]), snapshot_path(), *keys_);
  }
  ~Scene() { std::filesystem::remove_all(path_); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void compile(std::uint64_t generation, bool signs) const {
    Snapshot snapshot;
    snapshot.settings.generation = generation;
    snapshot.settings.hostname = "host.test";
    Transport direct;
    direct.name = "direct";
    snapshot.transports = {direct};
    if (signs) snapshot.domains = {{"home.test", {}, {"ed"}}};
    std::ofstream(snapshot_path(), std::ios::binary) << encode_snapshot(snapshot);
  }
  // `message` is all that comes, of `length` bytes.
  OverlayAnswer ask(std::uint64_t generation, std::string_view message, std::uint64_t length) {
    int pipe[2];
    cr_assert(::pipe2(pipe, O_CLOEXEC) == 0);
    Fd read_end(pipe[0]);
    Fd write_end(pipe[1]);
    cr_assert(::write(write_end.get(), message.data(), message.size()) ==
              static_cast<ssize_t>(message.size()));
    write_end.reset();
    const OverlayRequest request{1, generation, "1j0q8gopq5c4boo2", "alice", "", length};
    manager_.answered = false;
    channel_->send(to_record(request), {}, std::move(read_end));
    loop_.run_until([&] { return manager_.answered; });
    return manager_.answer;
  }
  OverlayAnswer ask(std::uint64_t generation) {
    constexpr std::string_view kMessage = "From: x@home.test\r\n\r\nhi\r\n";
    return ask(generation, kMessage, kMessage.size());
  }
  void forget_snapshot() const { std::filesystem::remove(snapshot_path()); }

private:
  [[nodiscard]] std::string snapshot_path() const { return path_ + "/snapshot"; }

  std::string path_;
  RealFs fs_;
  std::optional<KeyFolder> keys_;
  net::Loop loop_;
  Manager manager_;
  std::optional<Channel> channel_;
  std::optional<OverlayMember> member_;
};

} // namespace

// Else mail would leave unsigned that shall be signed.
Test(overlay_member, answers_by_no_older_configuration) {
  Scene scene;
  const OverlayAnswer none = scene.ask(5);
  cr_expect(!none.again.empty() && none.signature.empty(), "there is no snapshot");
  scene.compile(5, true);
  const OverlayAnswer mended = scene.ask(5);
  cr_expect(mended.signature.contains("d=home.test"), "%s", mended.again.c_str());
  scene.forget_snapshot();
  cr_expect(scene.ask(5).again.empty(), "what was read holds");
  cr_expect(!scene.ask(6).again.empty(), "the next one cannot be read");
  scene.compile(5, true);
  cr_expect(scene.ask(6).again.contains("an older one"));
  scene.compile(7, false);
  const OverlayAnswer later = scene.ask(6);
  cr_expect(later.again.empty() && later.signature.empty(), "the manager is about to read it");
  scene.compile(8, true);
  cr_expect(scene.ask(8).signature.contains("d=home.test"));
}

Test(overlay_member, a_message_that_is_not_all_there_is_asked_for_again) {
  Scene scene;
  scene.compile(1, true);
  cr_expect(scene.ask(1, "From: x@home.test\r\n\r\n", 22).again.contains("not all there"));
  cr_expect(scene.ask(1, "From: x@home.test\r\n\r\n", 20).again.contains("not all there"));
  cr_expect(scene.ask(1, "From: x@home.test\r\n\r\n", 21).signature.contains("d=home.test"));
  std::string fields;
  while (fields.size() < 60'000) // as much as a pipe holds
    fields += "a:\n";
  const OverlayAnswer many = scene.ask(1, fields, fields.size());
  cr_expect(many.again.empty() && many.why_unsigned.empty(), "nobody signs it: it has no author");
}
