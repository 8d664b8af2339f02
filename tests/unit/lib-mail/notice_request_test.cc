#include "lib/mail/notice_request.h"

#include <criterion/criterion.h>

using namespace std::string_literals;
using waypost::Address;
using waypost::Disposition;
using waypost::FailureClass;
using waypost::NoticeKind;
using waypost::NoticeRecipient;
using waypost::NoticeRequest;
using waypost::Record;

namespace {

constexpr const char* kId = "0123456789abcdef";

NoticeRecipient recipient(const std::string& address) {
  NoticeRecipient one;
  one.recipient.address = *Address::parse(address);
  one.recipient.notify = *waypost::Notify::parse("FAILURE,DELAY");
  one.recipient.orcpt = "rfc822;bob@example.net";
  one.attempted = 1'700'000'001'000'000;
  one.transport = "direct";
  one.host = "mx.example.net";
  one.address = "192.0.2.25";
  one.outcome = {Disposition::failed, FailureClass::mailbox,       550,
                 {5, 1, 1},           "no such user\nsecond line", true};
  return one;
}

NoticeRequest request() {
  NoticeRequest one;
  one.kind = NoticeKind::delay;
  one.id = kId;
  one.name = kId + ".d"s;
  one.hostname = "mail.example.org";
  one.to = "alice@example.org";
  one.arrival = 1'700'000'000'000'000;
  one.expires = 1'700'500'000'000'000;
  one.now = 1'700'000'002'000'000;
  one.envid = "QQ+2B1";
  one.postmaster = "postmaster@example.org";
  one.utf8 = true;
  one.full = true;
  one.lost = true;
  one.unlisted = 70'000;
  one.recipients = {recipient("bob@example.net"), recipient("carol@example.com")};
  one.original = "Subject: hello\r\n\r\n";
  return one;
}

// The record as it would arrive: encoded, decoded, read.
waypost::Result<NoticeRequest> again(const NoticeRequest& one) {
  const auto record = Record::decode(waypost::to_record(one).encode());
  cr_assert(record.has_value());
  return waypost::notice_request(*record);
}

} // namespace

Test(notice_request, survives_the_pipe_in_every_field) {
  const NoticeRequest sent = request();
  const auto got = again(sent);
  cr_assert(got.has_value(), "%s", got ? "" : got.error().text.c_str());
  cr_expect(got->kind == sent.kind);
  cr_expect(got->id == sent.id && got->name == sent.name && got->hostname == sent.hostname);
  cr_expect(got->to == sent.to && got->envid == sent.envid);
  cr_expect(got->arrival == sent.arrival && got->expires == sent.expires && got->now == sent.now);
  cr_expect(got->utf8 && got->full && got->lost && got->unlisted == 70'000);
  cr_expect(got->postmaster == sent.postmaster);
  cr_assert(got->recipients.size() == 2);
  const NoticeRecipient& second = got->recipients[1];
  cr_expect(second.recipient.address.text() == "carol@example.com");
  cr_expect(second.recipient.notify == sent.recipients[1].recipient.notify);
  cr_expect(second.recipient.orcpt == "rfc822;bob@example.net");
  cr_expect(second.attempted == sent.recipients[1].attempted);
  cr_expect(second.transport == "direct" && second.host == "mx.example.net");
  cr_expect(second.address == "192.0.2.25");
  cr_expect(second.outcome == sent.recipients[1].outcome);
}

Test(notice_request, says_how_many_bytes_of_the_original_follow) {
  cr_expect(waypost::to_record(request()).number("bytes") == request().original.size());
}

Test(notice_request, absent_fields_are_empty) {
  NoticeRequest sent = request();
  sent.envid.clear();
  sent.utf8 = sent.full = false;
  sent.expires = 0;
  sent.recipients = {NoticeRecipient{}};
  sent.recipients[0].recipient.address = *Address::parse("root");
  sent.recipients[0].outcome.tried = false;
  const auto got = again(sent);
  cr_assert(got.has_value());
  cr_expect(got->envid.empty() && !got->utf8 && !got->full && got->expires == 0);
  cr_expect(!got->recipients[0].outcome.tried && got->recipients[0].attempted == 0);
  cr_expect(!got->recipients[0].recipient.notify.given);
}

Test(notice_request, refuses_what_is_not_of_its_kind) {
  const struct {
    const char* key;
    const char* value;
  } rows[] = {
      {"kind", "postcard"},
      {"id", "../../etc/passwd"},
      {"name", "b1"},
      {"hostname", "a b"},
      {"sender", ""},
      {"sender", "a@b\r\nBcc: c@d"},
      {"postmaster", "a b"},
      {"unlisted", "-1"},
      {"arrival", "yesterday"},
      {"expires", "-1"},
      {"now", "99999999999999999999"},
  };
  for (const auto& row : rows) {
    Record record;
    record.add(row.key, row.value);
    const Record whole = waypost::to_record(request());
    for (std::size_t i = 0; i < whole.size(); ++i)
      if (whole.field(i).key != row.key) record.add(whole.field(i).key, whole.field(i).value);
    cr_expect(!waypost::notice_request(record).has_value(), "%s=%s", row.key, row.value);
  }
}

Test(notice_request, refuses_a_recipient_that_is_wrong) {
  const struct {
    const char* key;
    const char* value;
  } rows[] = {
      {"to", ""},        {"to", "two@@signs x"}, {"notify", "SOMETIMES"}, {"attempted", "x"},
      {"outcome", "ok"}, {"class", "weather"},   {"code", "5000"},        {"status", "5.x"},
  };
  for (const auto& row : rows) {
    Record record = waypost::to_record(request());
    record.add("rcpt", "2").add("to", "d@example.net").add(row.key, row.value);
    cr_expect(!waypost::notice_request(record).has_value(), "%s=%s", row.key, row.value);
  }
  Record nameless = waypost::to_record(request());
  nameless.add("rcpt", "2").add("outcome", "failed");
  cr_expect(!waypost::notice_request(nameless).has_value());
}

Test(notice_request, refuses_what_lacks_a_field_that_it_needs) {
  for (const char* missing : {"kind", "id", "hostname", "sender"}) {
    const Record whole = waypost::to_record(request());
    Record record;
    for (std::size_t i = 0; i < whole.size(); ++i)
      if (whole.field(i).key != missing) record.add(whole.field(i).key, whole.field(i).value);
    cr_expect(!waypost::notice_request(record).has_value(), "without %s", missing);
  }
  NoticeRequest nobody = request();
  nobody.recipients.clear();
  cr_expect(!again(nobody).has_value());
}

Test(notice_request, thirty_thousand_recipients_with_long_replies_fit_into_a_frame) {
  NoticeRequest sent = request();
  NoticeRecipient one = recipient("somebody.with.a.name@a-department.example.net");
  one.outcome.reply.assign(4000, 'x');
  sent.recipients.assign(30'000, one);
  sent.original.assign(waypost::kMaxReturnedHeader, 'h');
  const auto got = again(sent);
  cr_assert(got.has_value());
  cr_expect(waypost::to_record(sent).encode().size() < waypost::kMaxNoticeFrame);
  cr_expect(got->recipients.back().outcome.reply.size() >= 256);
}

Test(notice_request, a_reply_is_cut_between_characters) {
  NoticeRequest sent = request();
  sent.recipients.assign(30'000, recipient("a@example.net"));
  for (std::size_t shift = 0; shift < 2; ++shift) {
    std::string& reply = sent.recipients[shift].outcome.reply;
    reply.assign(shift, 'x');
    while (reply.size() < 2000)
      reply += "\u00e9";
  }
  const auto got = again(sent);
  cr_assert(got.has_value());
  cr_expect(got->recipients[0].outcome.reply.size() % 2 == 0);
  cr_expect(got->recipients[1].outcome.reply.size() % 2 == 1);
}
