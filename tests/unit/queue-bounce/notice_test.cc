#include "queue/bounce/notice.h"

#include <criterion/criterion.h>

#include "queue/bounce/mime.h"
#include "queue/bounce/original.h"
#include "requests.h"

using namespace std::string_literals;
using namespace waypost;
using namespace waypost::queue;
using testing::failed;
using testing::has;
using testing::request;

namespace {

std::string rendered(const NoticeRequest& one) {
  const auto notice = render_notice(one);
  cr_assert(notice.has_value(), "%s", notice ? "" : notice.error().text.c_str());
  return *notice;
}

// The parts between the boundary that the notice itself declares.
std::vector<std::string> parts(const std::string& notice) {
  const std::string mark = "boundary=\"";
  const std::size_t at = notice.find(mark);
  cr_assert(at != std::string::npos);
  const std::size_t start = at + mark.size();
  const std::string boundary = "--" + notice.substr(start, notice.find('"', start) - start);
  std::vector<std::string> all;
  std::size_t from = notice.find(boundary + "\r\n");
  while (from != std::string::npos && !notice.substr(from + boundary.size()).starts_with("--")) {
    from += boundary.size() + 2;
    const std::size_t end = notice.find("\r\n" + boundary, from);
    all.push_back(notice.substr(from, end - from));
    from = end == std::string::npos ? end : end + 2;
  }
  return all;
}

} // namespace

Test(notice, has_the_header_of_a_notice) {
  const std::string got = rendered(request());
  const std::string head = got.substr(0, got.find("\r\n\r\n"));
  for (const char* field : {
           "Date: Tue, 14 Nov 2023 22:16:40 +0000\r\n",
           "From: Mail Delivery System <MAILER-DAEMON@mail.example.org>\r\n",
           "To: alice@example.org\r\n",
           "Subject: Not delivered: your message to bob@example.net\r\n",
           "Message-ID: <0123456789abcdef.b1@mail.example.org>\r\n",
           "In-Reply-To: <1@example.org>\r\n",
           "Auto-Submitted: auto-replied\r\n",
           "MIME-Version: 1.0\r\n",
           "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=",
       })
    cr_expect(has(head, field), "%s in %s", field, head.c_str());
}

Test(notice, has_three_parts_that_travel_as_7bit) {
  const std::string got = rendered(request());
  const auto all = parts(got);
  cr_assert(all.size() == 3, "%s", got.c_str());
  cr_expect(has(all[0], "Content-Type: text/plain; charset=utf-8\r\n"));
  cr_expect(has(all[1], "Content-Type: message/delivery-status\r\n"));
  cr_expect(has(all[2], "Content-Type: text/rfc822-headers\r\n"));
  cr_expect(all[2].ends_with("Message-ID: <1@example.org>\r\n"), "%s", all[2].c_str());
  cr_expect(seven_bit_safe(got));
}

Test(notice, is_the_same_when_it_is_rendered_again) {
  cr_expect(rendered(request()) == rendered(request()));
}

Test(notice, returns_the_whole_message_when_asked) {
  NoticeRequest one = request();
  one.full = true;
  const auto all = parts(rendered(one));
  cr_expect(has(all[2], "Content-Type: message/rfc822\r\n"));
  cr_expect(all[2].ends_with("\r\n\r\n" + one.original));
}

Test(notice, declares_8bit_where_the_whole_message_needs_it) {
  NoticeRequest one = request();
  one.full = true;
  one.original += "caf\xc3\xa9\r\n";
  const std::string got = rendered(one);
  cr_expect(has(got.substr(0, got.find("\r\n\r\n")), "Content-Transfer-Encoding: 8bit"));
  cr_expect(has(parts(got)[2], "Content-Transfer-Encoding: 8bit\r\n"));
  cr_expect(eight_bit_safe(got));
}

Test(notice, returns_the_header_alone_where_lines_are_too_long_to_travel) {
  NoticeRequest one = request();
  one.full = true;
  one.original += std::string(2000, 'x') + "\r\n";
  const std::string got = rendered(one);
  cr_expect(has(parts(got)[2], "text/rfc822-headers"));
  cr_expect(seven_bit_safe(got));
}

Test(notice, quotes_a_header_that_is_not_ascii) {
  NoticeRequest one = request();
  one.original = "Subject: caf\xe9\r\nX: " + std::string(2000, 'x') + "\r\n\r\nbody";
  const std::string got = rendered(one);
  cr_expect(has(parts(got)[2], "Content-Transfer-Encoding: quoted-printable\r\n"));
  cr_expect(has(parts(got)[2], "Subject: caf=E9\r\n") && !has(got, "body"));
  cr_expect(seven_bit_safe(got));
}

Test(notice, takes_the_international_form_of_each_part_only_when_needed) {
  const std::string utf8 = "Subject: gr\u00fc\u00dfe\r\n\r\nbody\r\n";
  const std::string latin = "Subject: gr\xfc\xdf\x65\r\n\r\nbody\r\n";
  const std::string plain = "Subject: hello\r\n\r\nbody\r\n";
  const struct {
    const char* name;
    std::string to;
    std::string original;
    bool asked; // SMTPUTF8
    bool full;
    std::string status;
    std::string returned;
  } rows[] = {
      {"nothing", "b@x.test", plain, false, false, "message/delivery-status",
       "text/rfc822-headers"},
      {"asked for without need", "b@x.test", plain, true, false, "message/delivery-status",
       "text/rfc822-headers"},
      {"header", "b@x.test", utf8, true, false, "message/delivery-status",
       "message/global-headers"},
      {"header, not asked", "b@x.test", utf8, false, false, "message/delivery-status",
       "text/rfc822-headers"},
      {"latin-1", "b@x.test", latin, true, false, "message/delivery-status", "text/rfc822-headers"},
      {"address", "j\u00fc@x.test", plain, true, false, "message/global-delivery-status",
       "text/rfc822-headers"},
      {"domain", "b@b\u00fc\x63her.test", plain, true, false, "message/global-delivery-status",
       "text/rfc822-headers"},
      {"both", "j\u00fc@x.test", utf8, true, false, "message/global-delivery-status",
       "message/global-headers"},
      {"whole", "j\u00fc@x.test", utf8, true, true, "message/global-delivery-status",
       "message/global"},
      {"whole, plain", "b@x.test", plain, true, true, "message/delivery-status", "message/rfc822"},
  };
  for (const auto& row : rows) {
    NoticeRequest one = request();
    one.recipients = {failed(row.to)};
    one.original = row.original;
    one.utf8 = row.asked;
    one.full = row.full;
    const auto all = parts(rendered(one));
    cr_expect(has(all[1], "Content-Type: " + row.status + "\r\n"), "%s: %s", row.name,
              all[1].c_str());
    cr_expect(has(all[2], "Content-Type: " + row.returned + "\r\n"), "%s: %s", row.name,
              all[2].c_str());
  }
  NoticeRequest one = request();
  one.recipients = {failed("j\u00fcrgen@example.net")};
  cr_expect(has(rendered(one), "Final-Recipient: utf-8; j=C3=BCrgen@example.net\r\n"));
}

Test(notice, quotes_nul_bare_line_ends_and_long_lines_of_a_header) {
  NoticeRequest one = request();
  one.original =
      "X-Nul: a"s + '\0' + "b\r\nX-Bare: c\nd\re\r\nX-Long: " + std::string(5000, 'y') + "\r\n\r\n";
  const std::string got = rendered(one);
  cr_expect(has(got, "X-Nul: a=00b\r\nX-Bare: c=0Ad=0De\r\n"), "%s", got.c_str());
  cr_expect(seven_bit_safe(got));
}

Test(notice, answers_mail_that_says_auto_submitted) {
  NoticeRequest one = request();
  one.original = "Auto-Submitted: auto-generated\r\nSubject: cron\r\n\r\n";
  cr_expect(has(rendered(one), "Auto-Submitted: auto-replied\r\n")); // RFC 3834 2: for responders
}

Test(notice, survives_an_original_that_imitates_its_boundary) {
  NoticeRequest one = request();
  one.full = true;
  const std::string first = rendered(one);
  const std::size_t start = first.find("boundary=\"") + 10;
  const std::string boundary = first.substr(start, first.find('"', start) - start);
  one.original += "--" + boundary + "--\r\n";
  const auto all = parts(rendered(one));
  cr_assert(all.size() == 3);
  cr_expect(all[2].ends_with(one.original));
}

Test(notice, is_well_formed_without_an_original) {
  for (const char* original : {"", "\r\nbody\r\n", "no line end", "Subject: x", "\r\n"}) {
    NoticeRequest one = request();
    one.original = original;
    const std::string got = rendered(one);
    cr_expect(parts(got).size() == 3, "%s", original);
    cr_expect(!has(got, "In-Reply-To"));
  }
}

Test(notice, a_message_id_that_is_not_one_is_not_taken_over) {
  for (const char* id : {"<a b@c>", "a@b", "<>", "<a@b> (x)", "<\xc3\xa9@b>"}) {
    NoticeRequest one = request();
    one.original = "Message-ID: " + std::string(id) + "\r\n\r\n";
    cr_expect(!has(rendered(one), "References"), "%s", id);
  }
}

// The worst that the queue manager asks for: both bounds of lib/mail/notice_request.h reached, and
// everything else as long as it may be.
Test(notice, the_largest_request_is_rendered_and_fits_into_a_frame) {
  for (const bool foreign : {false, true}) {
    NoticeRequest one = request();
    one.recipients.clear();
    std::size_t weight = 0;
    while (one.recipients.size() < kMaxNoticeRecipients) {
      const std::string number = std::to_string(one.recipients.size());
      const std::size_t length = one.recipients.size() < 2000 ? 985 : 1;
      std::string local;
      while (local.size() < length)
        local += foreign ? "\u00fc" : "=";
      NoticeRecipient next = failed(local + number + "@x.test");
      next.host = std::string(250, 'h') + ".test";
      next.outcome.reply.assign(300, '=');
      weight += notice_weight(next.recipient);
      if (weight > kMaxNoticeAddresses) break;
      one.recipients.push_back(std::move(next));
    }
    one.original.assign(kMaxReturnedHeader - 2, '\xff');
    one.original += "\r\n";
    const auto record = Record::decode(to_record(one).encode());
    cr_assert(record.has_value() && to_record(one).encode().size() < kMaxNoticeFrame);
    const std::string got = rendered(one);
    cr_expect(got.size() < kMaxNoticeFrame, "%zu", got.size());
    std::string last = got.substr(got.rfind("Final-Recipient"), 8'000);
    for (std::size_t at = last.find("=\r\n"); at != std::string::npos; at = last.find("=\r\n"))
      last.erase(at, 3); // a soft break of quoted-printable
    const std::string number = std::to_string(one.recipients.size() - 1);
    cr_expect(has(last, number + "@x.test\r\n"), "the last one is listed: %s", last.c_str());
  }
}

Test(notice, of_thirty_thousand_recipients_is_one_that_servers_take) {
  NoticeRequest one = request();
  one.recipients.clear();
  for (int i = 0; i < 30'000; ++i) {
    one.recipients.push_back(failed("user" + std::to_string(i) + "@example.net"));
    one.recipients.back().outcome.reply += std::string(500, '\x01');
  }
  const std::string got = rendered(one);
  cr_expect(has(got, "user29999@example.net"));
  cr_expect(got.size() < 10'000'000, "%zu: more than most servers take", got.size());
}

Test(original, finds_and_unfolds_fields_of_the_header_alone) {
  const std::string message = "A: 1\r\nSubject:  x\r\n\ty\r\nSubject: z\r\n\r\nB: 2\r\n";
  cr_expect(header_field(message, "subject") == "x y");
  cr_expect(header_field(message, "a") == "1");
  cr_expect(header_field(message, "b").empty());
  cr_expect(header_field("", "a").empty());
}
