#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/mail/envelope.h"

using namespace waypost;
using namespace std::string_literals;

namespace {

struct Kept : EnvelopeSink {
  std::vector<EnvelopeSender> senders;
  std::vector<EnvelopeRecipient> recipients;
  Result<> on_sender(const EnvelopeSender& sender) override {
    senders.push_back(sender);
    return {};
  }
  Result<> on_recipient(const EnvelopeRecipient& recipient) override {
    recipients.push_back(recipient);
    return {};
  }
};

} // namespace

Test(envelope, every_field_at_every_split) {
  const std::string bytes =
      "Fa@example.org\0RHDRS\0VQQ314159\0B8BITMIME\0U\0Asmtp:alice\0P192.0.2.1\0"
      "Tb@example.net\0NSUCCESS,DELAY\0Orfc822;b@example.net\0Tc@example.net\0Troot\0NNEVER\0\0"s;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Kept kept;
    EnvelopeParser parser(kept);
    const auto first = parser.feed(std::string_view(bytes).substr(0, cut));
    cr_assert(first.has_value());
    cr_expect_eq(*first, cut == bytes.size());
    if (cut < bytes.size())
      cr_assert(parser.feed(std::string_view(bytes).substr(cut)).value_or(false));
    cr_assert_eq(kept.senders.size(), 1);
    cr_assert_eq(kept.recipients.size(), 3);
    const EnvelopeSender& sender = kept.senders[0];
    cr_expect(sender.sender.text() == "a@example.org" && sender.ret == DsnReturn::headers);
    cr_expect(sender.envid == "QQ314159" && sender.body == BodyType::eight_bit_mime && sender.utf8);
    cr_expect(sender.login == "smtp:alice" && sender.peer == "192.0.2.1");
    cr_expect(kept.recipients[0].notify.success && kept.recipients[0].notify.delay);
    cr_expect_not(kept.recipients[0].notify.failure);
    cr_expect(kept.recipients[0].orcpt == "rfc822;b@example.net");
    cr_expect_not(kept.recipients[1].notify.given);
    cr_expect(kept.recipients[2].notify.never());
  }
}

Test(envelope, stored_form_leaves_out_login_and_peer_and_parses_again) {
  EnvelopeSender sender;
  sender.sender = *Address::parse("a@example.org");
  sender.ret = DsnReturn::full;
  sender.envid = "x";
  sender.utf8 = true;
  sender.login = "smtp:a";
  EnvelopeRecipient recipient{*Address::parse("b@example.org"), *Notify::parse("FAILURE"),
                              "rfc822;b"};
  const std::string stored = encode(sender) + encode(recipient);
  cr_expect_eq(stored, "Fa@example.org\0RFULL\0Vx\0U\0Tb@example.org\0NFAILURE\0Orfc822;b\0"s);
  Kept kept;
  EnvelopeParser parser(kept);
  cr_assert(parser.feed(stored).has_value());
  cr_assert(parser.finish().has_value());
  cr_expect_eq(kept.recipients.size(), 1);
}

Test(envelope, malformed_is_an_error) {
  const std::vector<std::string> rows{
      "\0"s,
      "Ta@b\0\0"s,
      "Fa@b\0\0"s,
      "Fa@b\0T\0\0"s,
      "Fa@b\0Xq\0"s,
      "Fa@b\0Tc@d\0Rfull\0"s,
      "Fa@b\0Va=b\0"s,
      "Fa@b\0Va+2b\0"s,
      "Fa@b\0Va+0Ab\0"s,
      "Fa@b\0Tc@d\0Orfc822\0"s,
      "Fa@b\0Tc@d\0Orfc822;a=b\0"s,
      "Fa@b\0RALL\0"s,
      "Fa@b\0Tc@d\0NSOMETIMES\0"s,
      "Fa@b\0Tc@d\0NNEVER,DELAY\0"s,
      "Fa@b\0Tc@d\0O\0"s,
      "Fa@b\0V\0"s,
      "Fa@b\0Va b\0"s,
      "Fa@b\0Tc@d\0\0x"s,
      "Fa\r@b\0"s,
      "Fa@b\0Tc\nd@e\0"s,
      "F" + std::string(3000, 'a'),
  };
  for (const std::string& row : rows) {
    Kept kept;
    EnvelopeParser parser(kept);
    cr_expect_not(parser.feed(row).has_value(), "%s", row.c_str());
  }
}

Test(envelope, a_cut_one_is_never_whole) {
  Kept kept;
  EnvelopeParser parser(kept);
  const auto fed = parser.feed("Fa@b\0Tc@d\0"s);
  cr_assert(fed.has_value());
  cr_expect_not(*fed);
}
