#include "queue/bounce/delivery_status.h"

#include <criterion/criterion.h>

#include "requests.h"

using namespace waypost;
using namespace waypost::queue;
using testing::failed;
using testing::has;
using testing::request;

Test(delivery_status, of_one_failed_recipient) {
  NoticeRequest one = request();
  one.envid = "QQ+2B1";
  one.recipients[0].recipient.orcpt = "rfc822;Bob+2Bx@example.net";
  const std::string expected = "Original-Envelope-Id: QQ+1\r\n"
                               "Reporting-MTA: dns; mail.example.org\r\n"
                               "Arrival-Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
                               "X-Waypost-Id: 0123456789abcdef\r\n"
                               "\r\n"
                               "Original-Recipient: rfc822; Bob+x@example.net\r\n"
                               "Final-Recipient: rfc822; bob@example.net\r\n"
                               "Action: failed\r\n"
                               "Status: 5.1.1\r\n"
                               "Remote-MTA: dns; mx.example.net\r\n"
                               "Diagnostic-Code: smtp; 550 5.1.1 no such user here\r\n"
                               " look elsewhere\r\n"
                               "Last-Attempt-Date: Tue, 14 Nov 2023 22:15:00 +0000\r\n";
  const std::string got = delivery_status(one, false);
  cr_expect(got == expected, "%s", got.c_str());
}

Test(delivery_status, a_delay_says_until_when_it_is_tried) {
  NoticeRequest one = request(NoticeKind::delay);
  one.expires = 1'700'500'000'000'000;
  one.recipients[0].outcome = {
      Disposition::deferred, FailureClass::unreachable, 0, {}, "connection refused", true};
  const std::string got = delivery_status(one, false);
  cr_expect(has(got, "Action: delayed\r\nStatus: 4.4.1\r\n"), "%s", got.c_str());
  cr_expect(has(got, "Diagnostic-Code: X-Waypost; connection refused\r\n"), "%s", got.c_str());
  cr_expect(has(got, "Will-Retry-Until: Mon, 20 Nov 2023 17:06:40 +0000\r\n"), "%s", got.c_str());
}

Test(delivery_status, status_fits_the_action) {
  const struct {
    NoticeKind kind;
    EnhancedCode given;
    FailureClass klass;
    const char* expected;
  } rows[] = {
      {NoticeKind::failure, {5, 7, 1}, FailureClass::blocked, "Status: 5.7.1\r\n"},
      {NoticeKind::failure, {4, 4, 1}, FailureClass::unreachable, "Status: 4.4.1\r\n"},
      {NoticeKind::failure, {}, FailureClass::dns, "Status: 5.4.3\r\n"},
      {NoticeKind::failure, {2, 0, 0}, FailureClass::none, "Status: 5.0.0\r\n"},
      {NoticeKind::delay, {5, 7, 1}, FailureClass::blocked, "Status: 4.7.1\r\n"},
      {NoticeKind::delay, {4, 2, 2}, FailureClass::mailbox, "Status: 4.2.2\r\n"},
      {NoticeKind::success, {2, 1, 5}, FailureClass::none, "Status: 2.1.5\r\n"},
      {NoticeKind::success, {}, FailureClass::none, "Status: 2.0.0\r\n"},
      {NoticeKind::relayed, {5, 0, 0}, FailureClass::none, "Status: 2.0.0\r\n"},
  };
  for (const auto& row : rows) {
    NoticeRequest one = request(row.kind);
    one.recipients[0].outcome.status = row.given;
    one.recipients[0].outcome.klass = row.klass;
    cr_expect(has(delivery_status(one, false), row.expected), "%s in %s", row.expected,
              delivery_status(one, false).c_str());
  }
}

Test(delivery_status, each_kind_has_its_action) {
  cr_expect(has(delivery_status(request(NoticeKind::success), false), "Action: delivered\r\n"));
  cr_expect(has(delivery_status(request(NoticeKind::relayed), false), "Action: relayed\r\n"));
}

Test(delivery_status, remote_text_makes_no_field_of_its_own) {
  NoticeRequest one = request();
  one.recipients[0].outcome.reply = "no\r\n\r\nFinal-Recipient: rfc822; x@y\x1b[2J\xe2\x80\xa8";
  one.recipients[0].host = "mx\r\nStatus: 2.0.0";
  one.envid = "a+0D+0AAction: delivered";
  one.recipients[0].recipient.orcpt = "rfc822;x+0D+0AStatus: 2.0.0";
  const std::string got = delivery_status(one, false);
  cr_expect(!has(got, "\r\nStatus: 2.0.0") && !has(got, "\r\nAction: delivered"), "%s",
            got.c_str());
  cr_expect(!has(got, "\r\nFinal-Recipient: rfc822; x@y") && !has(got, "\x1b"), "%s", got.c_str());
  cr_expect(has(got, "\\x1b[2J\\xe2\\x80\\xa8"), "%s", got.c_str());
}

Test(delivery_status, international_addresses) {
  NoticeRequest one = request();
  one.recipients = {failed("j\u00fcrgen@example.net"), failed("bob@example.net")};
  const std::string global = delivery_status(one, true);
  cr_expect(has(global, "Final-Recipient: utf-8; j\u00fcrgen@example.net\r\n"), "%s",
            global.c_str());
  cr_expect(has(global, "Final-Recipient: rfc822; bob@example.net\r\n"));
  cr_expect(has(delivery_status(one, false), "rfc822; j\\xc3\\xbcrgen@example.net\r\n"));
}

Test(delivery_status, a_malformed_orcpt_is_left_out) {
  for (const char* orcpt : {"rfc822", ";x", "rfc822;a+ZZ", "rfc822;a+4"}) {
    NoticeRequest one = request();
    one.recipients[0].recipient.orcpt = orcpt;
    cr_expect(!has(delivery_status(one, false), "Original-Recipient"), "%s", orcpt);
  }
}

Test(delivery_status, a_whole_reply_of_64_kib_is_kept_for_one_recipient) {
  NoticeRequest one = request();
  one.recipients[0].outcome.reply.clear();
  for (int i = 0; i < 2000; ++i)
    one.recipients[0].outcome.reply += "a line of a reply of 30 bytes\n";
  one.recipients[0].outcome.reply += "the last line";
  cr_expect(has(delivery_status(one, false), "the last line\r\n"));
}

Test(delivery_status, a_reply_is_cut_where_many_are_told_of_and_nobody_is_left_out) {
  NoticeRequest one = request();
  one.recipients[0].outcome.reply.assign(64 << 10, 'x');
  one.recipients.assign(1000, one.recipients[0]);
  const std::string got = delivery_status(one, false);
  cr_expect(got.size() < 10'000'000, "%zu", got.size());
  std::size_t groups = 0;
  for (std::size_t at = got.find("\r\nDiagnostic-Code: "); at != std::string::npos;
       at = got.find("\r\nDiagnostic-Code: ", at + 1))
    ++groups;
  cr_expect_eq(groups, 1000u);
}

Test(delivery_status, a_long_address_stands_on_one_line) {
  NoticeRequest one = request();
  const std::string address = std::string(980, 'a') + "@example.net";
  one.recipients = {failed(address)};
  one.recipients[0].recipient.orcpt = "rfc822;" + std::string(400, 'b') + "@example.net";
  const std::string got = delivery_status(one, false);
  cr_expect(has(got, "Final-Recipient: rfc822;\r\n " + address + "\r\n"), "%s", got.c_str());
  cr_expect(has(got, "Original-Recipient: rfc822;\r\n " + std::string(400, 'b')), "%s",
            got.c_str());
}

Test(delivery_status, an_orcpt_of_type_utf_8_stays_as_it_came) {
  NoticeRequest one = request();
  one.recipients[0].recipient.orcpt = "utf-8;j\\x{FC}rgen@example.net";
  cr_expect(
      has(delivery_status(one, false), "Original-Recipient: utf-8; j\\x{FC}rgen@example.net\r\n"),
      "%s", delivery_status(one, false).c_str());
}
