// How a message shall leave: rewritten first, then signed, in whose name.
#include <array>
#include <criterion/criterion.h>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "dkim/overlay_maker.h"
#include "tests/unit/dkim/rfc_messages.h"

using namespace waypost;
using namespace waypost::dkim;

namespace {

// home.test and sub.two.test have keys; what root and others write leaves as from me@home.test.
class World {
public:
  World() {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    path_ = ::mkdtemp(name);
    keys_.emplace(fs_, path_);
    snapshot.settings.hostname = "host.test";
    snapshot.settings.local_domains = {"localhost"};
    snapshot.settings.from_rewrite = "me@home.test";
    snapshot.domains = {{"home.test", {}, {"rsa", "ed"}}, {"two.test", {}, {"ed"}}};
    for (const char* domain : {"home.test", "two.test"}) {
      cr_assert(keys_->add(domain, "ed", *Key::parse(test::kEd25519KeyOf8463)).has_value());
      cr_assert(keys_->add(domain, "rsa", *Key::parse(test::kRsaKeyOf8463)).has_value());
    }
  }
  ~World() { std::filesystem::remove_all(path_); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] OverlayAnswer answer(std::string_view text, const std::string& sender) const {
    Message message(Canonical::relaxed);
    cr_assert(message.take(text).has_value() && message.finish().has_value());
    const OverlayRequest request{1, 2, "1j0q8gopq5c4boo2", "alice", sender, text.size()};
    return OverlayMaker(snapshot, *keys_).answer(request, message, 1'700'000'000);
  }
  [[nodiscard]] std::string key_path(const std::string& domain) const {
    return keys_->path(domain, "ed");
  }

  Snapshot snapshot;

private:
  std::string path_;
  RealFs fs_;
  std::optional<KeyFolder> keys_;
};

} // namespace

Test(overlay_maker, rewrites_senders_and_nothing_else) {
  const World world;
  const OverlayAnswer answer = world.answer("Received: by x\r\n"
                                            "From: \"Cron, Daemon\" <root@host.test>,\r\n"
                                            "\tother@else.test (me)\r\n"
                                            "To: root@host.test\r\n"
                                            "Reply-To: alice (at home)\r\n"
                                            "Subject: root@host.test\r\n"
                                            "\r\nroot@host.test\r\n",
                                            "root@host.test");
  cr_expect(answer.sender == "me@home.test");
  const std::string headers = "Received: by x\r\n"
                              "From: \"Cron, Daemon\" <me@home.test>,\r\n"
                              "\tother@else.test (me)\r\n"
                              "To: root@host.test\r\n"
                              "Reply-To: me@home.test (at home)\r\n";
  cr_expect(answer.headers == headers, "%s", answer.headers.c_str());
  const std::size_t before = headers.size() + std::string_view("root@host.test").size() -
                             std::string_view("me@home.test").size() +
                             std::string_view("alice").size() -
                             std::string_view("me@home.test").size();
  cr_expect_eq(answer.skip, before, "up to the last field that changed");
}

Test(overlay_maker, what_others_wrote_stays) {
  const World world;
  const OverlayAnswer answer = world.answer("From: x@else.test\r\n\r\n", "x@else.test");
  cr_expect(answer.sender.empty() && answer.headers.empty() && answer.skip == 0);
  cr_expect(answer.signature.empty() && answer.why_unsigned.empty(), "and nobody signs it");
  const OverlayAnswer unquoted = world.answer(
      "From: Acme, Inc. <x@else.test>\r\nReply-To: Acme, root <root@host.test>\r\n\r\n",
      "x@else.test");
  cr_expect(unquoted.headers == "From: Acme, Inc. <x@else.test>\r\n"
                                "Reply-To: Acme, root <me@home.test>\r\n",
            "%s", unquoted.headers.c_str());
  const OverlayAnswer broken = world.answer("From: a b c\r\n\r\n", "");
  cr_expect(broken.sender.empty() && broken.headers.empty() && broken.why_unsent.empty());
}

Test(overlay_maker, signs_for_the_author_that_leaves_or_the_nearest_above_him) {
  World world;
  struct Row {
    const char* from;
    const char* sender;
    const char* domain; // "": nobody signs
  };
  for (const Row& row : std::to_array<Row>({
           {"root@host.test", "root@host.test", "home.test"}, // as rewritten
           {"x@two.test", "", "two.test"},
           {"x@a.b.two.test", "y@home.test", "two.test"},
           {"x@nottwo.test", "", ""},
           {"Acme, Inc. <x@two.test>", "", "two.test"},   // without its quotes
           {"x@else.test", "y@sub.two.test", "two.test"}, // not aligned, and better than nothing
           {"x@else.test", "y@host.test", "home.test"},
           {"broken address", "y@two.test", "two.test"},
       })) {
    const OverlayAnswer answer =
        world.answer("From: " + std::string(row.from) + "\r\n\r\n", row.sender);
    const std::string domain = row.domain;
    const bool right =
        domain.empty() ? answer.signature.empty() : answer.signature.contains(" d=" + domain + ";");
    cr_expect(right && answer.why_unsigned.empty(), "%s, %s: %s", row.from, row.sender,
              answer.signature.c_str());
  }
  const OverlayAnswer both = world.answer("From: x@home.test\r\n\r\n", "");
  cr_expect(both.signature.contains("s=rsa;") && both.signature.contains("s=ed;"));
}

Test(overlay_maker, a_key_that_is_named_and_cannot_be_used_is_told) {
  World world;
  cr_assert(::chmod(world.key_path("two.test").c_str(), 0644) == 0);
  const OverlayAnswer open = world.answer("From: x@two.test\r\n\r\n", "");
  cr_expect(open.signature.empty() && open.why_unsigned.contains("others may read it"));
  cr_assert(::unlink(world.key_path("two.test").c_str()) == 0);
  const OverlayAnswer gone = world.answer("From: x@two.test\r\n\r\n", "");
  cr_expect(gone.signature.empty() && gone.why_unsigned.contains("No such file"));
}

Test(overlay_maker, a_header_that_is_too_long_to_be_kept_is_told) {
  const World world;
  const std::string filler = "X-Long: " + std::string(kMaxOverlay / 2, 'x') + "\r\n";
  const OverlayAnswer rewritten = world.answer(filler + "From: root\r\n\r\n", "");
  cr_expect(rewritten.headers.empty() && rewritten.why_unsent.contains("cannot be rewritten"));
  const OverlayAnswer behind = world.answer("From: root\r\n" + filler + "\r\n", "");
  cr_expect(behind.headers == "From: me@home.test\r\n" && behind.why_unsent.empty());
}

Test(overlay_maker, a_message_without_an_author_is_not_signed) {
  const World world;
  const OverlayAnswer answer = world.answer("Subject: x\r\n\r\n", "me@home.test");
  cr_expect(answer.signature.empty() && answer.why_unsigned.empty() && answer.why_unsent.empty());
}

// Whatever a message's header is, the answer fits into a frame, and comes in time.
Test(overlay_maker, headers_without_measure_are_told) {
  World world;
  std::string list = "From: root";
  while (list.size() < kMaxOverlay)
    list += ",\r\n a@host.test";
  const OverlayAnswer authors = world.answer(list + "\r\n\r\n", "");
  cr_expect(authors.why_unsent.contains("longer than 512 KiB"), "%s", authors.why_unsent.c_str());
  std::string names;
  for (int i = 0; i < 99'000; ++i)
    names += "To: x@y.test\r\n";
  const OverlayAnswer recipients = world.answer("From: x@home.test\r\n" + names + "\r\n", "");
  cr_expect(recipients.signature.empty());
  cr_expect(recipients.why_unsigned.contains("its signature is longer than 512 KiB"));
  std::string longest = "From: a@host.test";
  while (longest.size() < 400'000)
    longest += ", a@host.test";
  const OverlayAnswer rewritten = world.answer(longest + "\r\n\r\n", "");
  cr_expect(rewritten.why_unsent.empty() && rewritten.headers.size() > longest.size());
  cr_expect(!rewritten.signature.empty());
  world.snapshot.settings.from_rewrite.clear();
  const OverlayAnswer unsigned_one = world.answer(list + "\r\n\r\n", "");
  cr_expect(unsigned_one.why_unsent.empty() && !unsigned_one.why_unsigned.empty());
  world.snapshot.domains.clear();
  const OverlayAnswer free = world.answer(list + "\r\n\r\n", "");
  cr_expect(free.why_unsent.empty() && free.why_unsigned.empty(), "nothing was asked for");
}
