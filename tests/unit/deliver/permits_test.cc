// Limits by best MX and by address over several senders.

#include <criterion/criterion.h>
#include <memory>

#include "deliver/permits.h"

using namespace waypost;
using namespace waypost::deliver;

namespace {

Record words(const std::string& text) {
  Record record;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    const std::size_t equals = word.find('=');
    record.add(at == 0 ? "type" : word.substr(0, equals), at == 0 ? word : word.substr(equals + 1));
    at = end + 1;
  }
  return record;
}

// A sender as deliver hears it; what it is told stands in `told` until it is looked at.
class Sender {
public:
  Sender(Permits& permits, std::uint32_t limit = 2, const std::string& transport = "direct")
      : seat_(std::make_unique<PermitSeat>(permits, transport, limit, [this](const Record& record) {
          told_ += (told_.empty() ? "" : " ") + std::string(record.get("type"));
          if (record.has("address")) told_ += "@" + std::string(record.get("address"));
        })) {}
  bool say(const std::string& text) { return seat_->take(words(text)); }
  std::string told() { return std::exchange(told_, {}); }
  void die() { seat_.reset(); }

private:
  std::string told_;
  std::unique_ptr<PermitSeat> seat_;
};

void expect_told(Sender& sender, const char* expected, const char* what) {
  const std::string got = sender.told();
  cr_expect(got == expected, "%s: told '%s'", what, got.c_str());
}

} // namespace

Test(permits, a_sender_alone_is_told_so_once) {
  Permits permits;
  Sender a(permits);
  Sender b(permits);
  Sender other(permits, 2, "otherip");
  a.say("hosts mx=mx.a address=1");
  b.say("hosts mx=mx.b address=2");
  other.say("hosts mx=mx.a address=1");
  expect_told(a, "alone", "a");
  expect_told(b, "alone", "another MX, another address");
  expect_told(other, "alone", "another transport");
}

Test(permits, domains_with_one_mx_share_its_connections) {
  Permits permits;
  Sender a(permits);
  Sender b(permits);
  a.say("hosts mx=mx.x address=1 address=2");
  expect_told(a, "alone", "at first");
  b.say("hosts mx=mx.x address=3");
  expect_told(a, "shared", "when the second comes");
  expect_told(b, "shared", "the second");
  b.say("open");
  b.say("want address=3");
  expect_told(b, "", "before the first has said what it has");
  a.say("open address=1");
  expect_told(b, "permit@3", "one of two is left, whatever the address");
  a.say("want address=2");
  expect_told(a, "", "none is left");
  b.say("closed address=3");
  expect_told(a, "permit@2", "it came back");
}

Test(permits, domains_that_share_an_address_share_only_that) {
  Permits permits;
  Sender a(permits);
  Sender b(permits);
  a.say("hosts mx=mx.a address=1 address=9");
  b.say("hosts mx=mx.b address=2 address=9");
  a.say("open address=9");
  b.say("open");
  a.told();
  b.told();
  a.say("want address=9");
  expect_told(a, "permit@9", "the second of two");
  b.say("want address=9");
  expect_told(b, "", "none is left at 9");
  b.say("want address=2");
  expect_told(b, "permit@2", "its own address is free");
}

Test(permits, who_has_more_yields_one) {
  Permits permits;
  Sender a(permits, 4);
  Sender b(permits, 4);
  a.say("hosts mx=mx.x address=1");
  b.say("hosts mx=mx.x address=1");
  a.say("open address=1 address=1 address=1 address=1");
  b.say("open");
  a.told();
  b.told();
  b.say("want address=1");
  const std::string told = a.told();
  cr_expect(told == "yield" || told == "yield@1", "told '%s'", told.c_str());
  a.say("closed address=1");
  expect_told(b, "permit@1", "what was yielded");
  a.say("want address=1");
  b.say("want address=1");
  expect_told(b, "", "the first asked before the second");
  expect_told(a, "yield", "three against one");
  a.say("closed address=1");
  expect_told(a, "permit@1", "in order of asking");
}

Test(permits, what_a_dead_sender_held_comes_back) {
  Permits permits;
  Sender a(permits);
  Sender b(permits);
  a.say("hosts mx=mx.x address=1");
  b.say("hosts mx=mx.x address=1");
  a.say("open address=1 address=1");
  b.say("open");
  a.say("want address=1");
  b.say("want address=1");
  b.told();
  a.die();
  expect_told(b, "permit@1", "a's two are free, and its own want is forgotten");
  b.say("want address=1");
  expect_told(b, "permit@1", "the second");
}

Test(permits, a_sender_gets_no_more_than_its_limit_whatever_it_says) {
  Permits permits;
  Sender a(permits);
  Sender b(permits);
  cr_expect(!a.say("want address=1"), "before it has said where");
  cr_expect(!a.say("closed address=1"));
  a.say("hosts mx=mx.x address=1");
  b.say("hosts mx=mx.x address=1");
  a.say("open address=1 address=1 address=1 address=1 address=1");
  b.say("open");
  cr_expect(a.say("closed address=7"), "what was cut off may be closed");
  b.say("want address=1");
  b.told();
  a.say("closed address=1");
  expect_told(b, "permit@1", "only two of a's five were counted");
  cr_expect(b.say("want address=1") && b.say("want address=1"));
  cr_expect(!b.say("want address=1"), "three wants at once");
}

Test(permits, new_hosts_keep_what_is_open) {
  Permits permits;
  Sender a(permits);
  Sender b(permits);
  a.say("hosts mx=mx.x address=1");
  b.say("hosts mx=mx.x address=1");
  a.say("open address=1 address=1");
  b.say("open");
  b.say("want address=1");
  a.say("hosts mx=mx.x address=1 address=2");
  expect_told(a, "alone shared yield shared", "asked anew");
  cr_expect(a.say("open address=1 address=1"));
  expect_told(b, "shared", "still none");
  a.say("closed address=1");
  expect_told(b, "permit@1", "now");
}
