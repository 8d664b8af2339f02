// The pieces of the deliver room that need no server: dots, words, rosters, EHLO, starts.

#include <criterion/criterion.h>

#include "deliver/body.h"
#include "deliver/ehlo.h"
#include "deliver/mx.h"
#include "deliver/policy.h"
#include "deliver/reply_words.h"
#include "deliver/roster.h"
#include "deliver/start.h"

using namespace waypost;
using namespace waypost::deliver;
using namespace std::string_literals;

namespace {

std::string stuffed(const std::string& text, std::size_t piece) {
  DotStuffing stuffing;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece)
    stuffing.append(out, std::string_view(text).substr(at, piece));
  stuffing.finish(out);
  return out;
}

} // namespace

Test(body, doubles_dots_and_settles_line_ends_in_any_pieces) {
  struct Row {
    std::string in;
    std::string out;
  };
  const std::vector<Row> rows = {
      {"", ".\r\n"},
      {"a\r\n", "a\r\n.\r\n"},
      {"a", "a\r\n.\r\n"},
      {".", "..\r\n.\r\n"},
      {".\r\n", "..\r\n.\r\n"},
      {"a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
      {"a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},     // bare LF
      {"a\r.\rb\r", "a\r\n..\r\nb\r\n.\r\n"},   // bare CR
      {"a\r\r\n.\r\n", "a\r\n\r\n..\r\n.\r\n"}, // CR CR LF
      {"a\n\r\n.x", "a\r\n\r\n..x\r\n.\r\n"},   // LF CR LF
      {"a\r\n.\n\r.", "a\r\n..\r\n\r\n..\r\n.\r\n"},
      {"x\0y\r\n\xff"s, "x\0y\r\n\xff\r\n.\r\n"s},
  };
  for (const Row& row : rows) {
    for (const std::size_t piece : {1, 2, 3, 1000}) {
      const std::string out = stuffed(row.in, piece);
      cr_expect(out == row.out, "'%s' in pieces of %zu: '%s'", row.in.c_str(), piece, out.c_str());
    }
  }
}

Test(ehlo, reads_what_is_offered) {
  const Capabilities offered = capabilities_of(
      {250,
       "host greets you\npipelining\nSIZE 1000\n8BITMIME\nSMTPUTF8\nDSN\nSTARTTLS\nX-A b",
       {}});
  cr_expect(offered.pipelining && offered.eight_bit_mime && offered.smtputf8 && offered.dsn);
  cr_expect(offered.starttls && offered.size);
  cr_expect_eq(offered.size_limit, 1000);
  const Capabilities none = capabilities_of({250, "PIPELINING SIZE 5", {}});
  cr_expect(none == Capabilities(), "the first line is the host's name");
  for (const char* const size : {"x\nSIZE", "x\nSIZE 0", "x\nSIZE many", "x\nSIZE -1"}) {
    const Capabilities one = capabilities_of({250, size, {}});
    cr_expect(one.size && one.size_limit == 0, "%s", size);
  }
}

Test(ehlo, reads_limits) {
  struct Row {
    const char* line;
    std::uint32_t mail;
    std::uint32_t rcpt;
    std::uint32_t domains;
  };
  for (const Row& row :
       {Row{"LIMITS MAILMAX=5 RCPTMAX=100 RCPTDOMAINMAX=1", 5, 100, 1},
        Row{"limits rcptmax=7", 0, 7, 0},
        Row{"LIMITS UNKNOWN=3 MAILMAX=999999 FLAG", 999'999, 0, 0}, Row{"LIMITS", 0, 0, 0},
        Row{"LIMITS MAILMAX=0 RCPTMAX=01 RCPTDOMAINMAX=1000000", 0, 0, 0},
        Row{"LIMITS MAILMAX= RCPTMAX RCPTDOMAINMAX=-1", 0, 0, 0},
        Row{"LIMITS MAILMAX=x RCPTMAX=1x", 0, 0, 0}}) {
    const Capabilities offered = capabilities_of({250, std::string("host\n") + row.line, {}});
    cr_expect(offered.mail_max == row.mail && offered.rcpt_max == row.rcpt &&
                  offered.rcpt_domain_max == row.domains,
              "%s: %u %u %u", row.line, offered.mail_max, offered.rcpt_max,
              offered.rcpt_domain_max);
  }
}

Test(policy, classes_of_replies) {
  struct Row {
    Stage stage;
    int code;
    const char* text;
    FailureClass klass;
  };
  const std::vector<Row> rows = {
      {Stage::rcpt, 550, "5.1.1 no such user", FailureClass::mailbox},
      {Stage::rcpt, 550, "User unknown", FailureClass::mailbox},
      {Stage::rcpt, 452, "4.2.2 over quota", FailureClass::mailbox},
      {Stage::rcpt, 451, "4.7.1 Greylisted, see http://x", FailureClass::greylisted},
      {Stage::rcpt, 450, "4.2.0 <a@b>: Recipient address rejected: Greylisted",
       FailureClass::greylisted},
      {Stage::rcpt, 554,
       "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
       FailureClass::blocked},
      {Stage::mail, 421, "4.7.0 Too many messages from your IP", FailureClass::rate},
      {Stage::mail, 421, "4.7.28 unusual rate of mail", FailureClass::rate},
      {Stage::mail, 530, "5.7.0 Must issue a STARTTLS command first", FailureClass::tls},
      {Stage::mail, 530, "5.7.0 Authentication required", FailureClass::auth},
      {Stage::mail, 550, "5.7.23 SPF validation failed", FailureClass::auth},
      {Stage::mail, 451, "4.1.8 Domain of sender address does not resolve", FailureClass::dns},
      {Stage::final_dot, 554, "5.6.0 bad header", FailureClass::content},
      {Stage::final_dot, 550, "5.7.1 refused by filter", FailureClass::content},
      {Stage::final_dot, 552, "too big", FailureClass::content},
      {Stage::final_dot, 451, "local error", FailureClass::other},
      {Stage::rcpt, 454, "4.7.1 Relay access denied", FailureClass::auth},
      {Stage::greeting, 554, "no service here", FailureClass::other},
  };
  for (const Row& row : rows) {
    Reply reply{row.code, row.text, EnhancedCode::parse(row.text).value_or(EnhancedCode{})};
    const FailureClass klass = classify(row.stage, reply);
    cr_expect_eq(klass, row.klass, "%d %s: %.*s", row.code, row.text,
                 static_cast<int>(name(klass).size()), name(klass).data());
  }
}

Test(policy, trouble_of_our_own_making_never_bounces) {
  net::DnsAnswer answer;
  answer.status = net::DnsStatus::no_name;
  const Outcome ours = lookup_failure("relay.test", answer, true);
  cr_expect_eq(ours.disposition, Disposition::deferred);
  const EnhancedCode own_trouble{4, 3, 0};
  cr_expect(ours.status == own_trouble, "no server had a part in it");
  cr_expect_eq(lookup_failure("example.com", answer, false).disposition, Disposition::failed);
  const Reply refusal{554, "go away", {}};
  cr_expect_eq(host_refusal(Stage::greeting, refusal).disposition, Disposition::deferred);
  cr_expect_eq(tls_failure("no").disposition, Disposition::deferred);
  cr_expect_eq(bad_destination("x", true).disposition, Disposition::deferred);
}

Test(roster, a_success_counts_for_an_hour) {
  Roster roster(4);
  cr_expect(!roster.proven("a", 0));
  roster.succeeded("a", 1000);
  cr_expect(roster.proven("a", 1000 + Roster::kProvenMs));
  cr_expect(!roster.proven("a", 1001 + Roster::kProvenMs));
}

Test(mx, sorts_and_leaves_out) {
  std::minstd_rand random(1);
  const std::vector<net::MxHost> sorted =
      sorted_mx({{20, "c"}, {10, "a"}, {10, "b"}, {20, "a"}, {5, ""}}, 3, random);
  cr_assert_eq(sorted.size(), 3);
  cr_expect_eq(sorted[2].host, "c");
  cr_expect(!is_null_mx({{0, ""}, {1, "a"}}));
  cr_expect(is_null_mx({{0, ""}}));
  cr_expect(!is_null_mx({}));
}

Test(start, travels_as_three_records) {
  Start start;
  start.destination = "example.com";
  start.prepared = true;
  start.settings.generation = 1;
  start.settings.hostname = "me.test";
  start.settings.postmaster = "postmaster@me.test";
  start.settings.retry_s = {60};
  start.settings.expire_after_s = 60;
  start.transport.name = "direct";
  start.transport.helo = "me.test";
  StartReader reader;
  for (int round = 0; round < 2; ++round) {
    std::optional<Start> read;
    for (const Record& record : to_records(start)) {
      const Result<std::optional<Start>> taken = reader.take(record);
      cr_assert(taken.has_value(), "%s", taken ? "" : taken.error().text.c_str());
      if (*taken) read = **taken;
    }
    cr_assert(read.has_value());
    cr_expect_eq(read->destination, "example.com");
    cr_expect(read->prepared && !read->proven);
    cr_expect_eq(read->transport.helo, "me.test");
  }
  cr_expect(!reader.take(Record().add("type", "job")).has_value());
}
