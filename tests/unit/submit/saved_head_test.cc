#include "submit/saved_head.h"

#include <criterion/criterion.h>

using namespace waypost;
using namespace waypost::submit;

namespace {

SavedHead sample() {
  SavedHead head;
  head.sender.sender = *Address::parse("alice@example.org");
  head.sender.ret = DsnReturn::headers;
  head.sender.envid = "a+20b";
  head.sender.body = BodyType::eight_bit_mime;
  head.notify = *Notify::parse("SUCCESS,FAILURE");
  head.recipients = {*Address::parse("bob@example.test"), *Address::parse("root")};
  head.reasons = {"bob@example.test: 550 5.1.1 No\r\nX-Waypost-Recipient: eve@example.test"};
  return head;
}

} // namespace

Test(saved_head, comes_back_as_it_was) {
  const SavedHead head = sample();
  const std::string text = saved_head_text(head);
  const auto parsed = parse_saved_head(text + "Subject: x\r\n\r\nbody\r\n");
  cr_assert(parsed.has_value());
  cr_expect_eq(parsed->length, text.size());
  cr_expect(parsed->head.recipients == head.recipients, "a reason makes no recipient");
  cr_expect(parsed->head.sender.sender == head.sender.sender);
  cr_expect(parsed->head.sender.ret == head.sender.ret);
  cr_expect_eq(parsed->head.sender.envid, head.sender.envid);
  cr_expect(parsed->head.sender.body == head.sender.body);
  cr_expect(parsed->head.notify == head.notify);
  cr_expect_eq(saved_head_text(parsed->head).find("\r\nX-Waypost-Recipient: eve"),
               std::string::npos);
}

Test(saved_head, the_messages_own_fields_say_nothing) {
  const auto parsed =
      parse_saved_head(saved_head_text(sample()) + "X-Waypost-Recipient: eve@example.test\r\n\r\n");
  cr_assert(parsed.has_value());
  cr_expect_eq(parsed->head.recipients.size(), 2U);
}

Test(saved_head, refuses_what_it_has_not_written) {
  const std::string good = saved_head_text(sample());
  const std::string head = "X-Waypost-Saved: 1\r\nX-Waypost-Sender: \r\n";
  for (const std::string& text :
       {std::string(), std::string("Subject: x\r\n\r\n"), good.substr(0, good.size() - 2),
        good.substr(0, good.find("X-Waypost-Message")), head + "X-Waypost-Message: follows\r\n",
        head + "X-Waypost-Recipient: \r\nX-Waypost-Message: follows\r\n",
        head + "X-Waypost-Recipient: a b@c\r\nX-Waypost-Message: follows\r\n",
        head +
            "X-Waypost-Colour: red\r\nX-Waypost-Recipient: a@b\r\nX-Waypost-Message: follows\r\n",
        std::string(
            "X-Waypost-Saved: 2\r\nX-Waypost-Recipient: a@b\r\nX-Waypost-Message: follows\r\n")})
    cr_expect(!parse_saved_head(text).has_value(), "%s", text.c_str());
}
