#include <array>
#include <criterion/criterion.h>

#include "lib/mail/overlay_request.h"
#include "lib/mail/sender_rewriting.h"

using namespace waypost;

namespace {

constexpr const char* kId = "1j0q8gopq5c4boo2";

OverlayAnswer sample() {
  OverlayAnswer answer;
  answer.number = 7;
  answer.sender = "me@a.test";
  answer.skip = 12;
  answer.headers = std::string("From: a\0b\r\n", 11);
  answer.signature = "DKIM-Signature: x\r\n";
  answer.why_unsigned = "no key";
  return answer;
}

} // namespace

Test(overlay_request, comes_back_as_it_went) {
  const OverlayRequest request{3, 1'763'765, kId, "alice", "root@host", 1'234};
  const auto back = overlay_request(to_record(request));
  cr_assert(back.has_value());
  cr_expect(back->number == 3 && back->generation == 1'763'765 && back->id == kId &&
            back->account == "alice");
  cr_expect(back->sender == "root@host" && back->length == 1'234);
  cr_expect(overlay_request(to_record(OverlayRequest{1, 2, kId, "", "", 0}))->sender.empty());
}

Test(overlay_answer, comes_back_as_it_went_nul_and_all) {
  const OverlayAnswer answer = sample();
  const auto back = overlay_answer(to_record(answer), answer.headers + answer.signature);
  cr_assert(back.has_value());
  cr_expect(back->number == 7 && back->sender == "me@a.test" && back->skip == 12);
  cr_expect(back->headers == answer.headers && back->signature == answer.signature);
  cr_expect(back->why_unsigned == "no key" && back->again.empty() && back->why_unsent.empty());
}

Test(overlay_answer, that_is_no_answer_is_refused) {
  const auto record_of = [](const std::string& text) { return *Record::decode(text); };
  using namespace std::string_literals;
  cr_expect(!overlay_answer(record_of("type=overlay\0"s), ""));
  cr_expect(!overlay_answer(record_of("type=other\0number=1\0"s), ""));
  cr_expect(!overlay_answer(record_of("type=overlay\0number=1\0headers=5\0"s), "four"));
  cr_expect(!overlay_answer(record_of("type=overlay\0number=1\0"s), ""));
  cr_expect(!overlay_answer(record_of("type=overlay\0number=1\0headers=0\0sender=a b\0"s), ""));
  cr_expect(!overlay_answer(to_record(sample()), std::string(kMaxOverlay + 1, 'x')));
  cr_expect(overlay_answer(record_of("type=overlay\0number=1\0again=why\0"s), "")->again == "why");
  cr_expect(!overlay_request(record_of("type=overlay\0number=1\0generation=1\0id=x\0length=1\0"s)));
  cr_expect(
      !overlay_request(record_of("type=overlay\0number=1\0id=1j0q8gopq5c4boo2\0length=1\0"s)));
}

Test(sender_rewriting, what_becomes_of_an_address) {
  Snapshot snapshot;
  snapshot.settings.hostname = "Host.test";
  snapshot.settings.local_domains = {"xn--bcher-kva.test", "localhost"};
  snapshot.settings.from_rewrite = "me@a.test";
  snapshot.accounts = {{"bob", "@b.test"}};
  struct Row {
    const char* account;
    const char* address;
    const char* becomes;
  };
  for (const Row& row : std::to_array<Row>({
           {"alice", "alice@host.test", "me@a.test"},
           {"alice", "root", "me@a.test"},
           {"alice", "root@HOST.test.", "me@a.test"},
           {"alice",
            "x@b\xC3\xBC"
            "cher.test",
            "me@a.test"},
           {"alice", "x@localhost", "me@a.test"},
           {"alice", "x@other.test", ""},
           {"alice", "x@sub.host.test", ""},
           {"alice", "me@a.test", ""},
           {"alice", "", ""},
           {"alice", "x@[127.0.0.1]", ""},
           {"alice", "no address", ""},
           {"bob", "bob@host.test", "bob@b.test"},
           {"bob", "\"b b\"@host.test", "\"b b\"@b.test"},
           {"bob", "bob", "bob@b.test"},
           {"smtp:eve", "eve@host.test", ""},
       })) {
    const std::string to = SenderRewriting(snapshot, row.account).address(row.address);
    cr_expect(to == row.becomes, "%s, %s: %s", row.account, row.address, to.c_str());
  }
}
