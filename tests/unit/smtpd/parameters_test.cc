#include <criterion/criterion.h>

#include <string>
#include <string_view>

#include "smtpd/command.h"
#include "smtpd/command_line.h"
#include "smtpd/parameters.h"
#include "smtpd/path.h"

using namespace waypost;
using namespace waypost::smtpd;
using namespace std::string_literals;

Test(command_lines, only_crlf_ends_a_command) {
  using enum CommandLines::Kind;
  struct Row {
    std::string bytes;
    CommandLines::Kind kind;
    const char* line;
  };
  const Row rows[] = {
      {"NOOP\r\n", whole, "NOOP"},
      {"\r\n", whole, ""},
      {"NOOP\n", bare_line_end, ""},
      {"NOOP\rQUIT\r\n", bare_line_end, ""},
      {"NO\0OP\r\n"s, bare_line_end, ""},
      {std::string(CommandLines::kMaxLine - 2, 'x') + "\n", bare_line_end, ""},
      {std::string(CommandLines::kMaxLine, 'x') + "\r\n", too_long, ""},
      {std::string(100'000, 'x') + "\r\n", too_long, ""},
      {"NOOP\r", none, ""},
  };
  for (const Row& row : rows) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, row.bytes.size()}) {
      CommandLines lines;
      CommandLines::Kind kind = none;
      std::string_view rest = row.bytes;
      while (!rest.empty() && kind == none) {
        std::string_view part = rest.substr(0, step);
        rest.remove_prefix(part.size());
        kind = lines.next(part);
      }
      cr_expect(kind == row.kind, "%zu bytes in steps of %zu", row.bytes.size(), step);
      if (kind == whole) cr_expect_eq(lines.line(), row.line);
    }
  }
}

Test(command_lines, after_a_line_that_was_too_long_the_next_one_counts) {
  CommandLines lines;
  const std::string bytes = std::string(5000, 'x') + "\r\nNOOP\r\nQ";
  std::string_view rest = bytes;
  cr_expect(lines.next(rest) == CommandLines::Kind::too_long);
  cr_expect(lines.next(rest) == CommandLines::Kind::whole);
  cr_expect_eq(lines.line(), "NOOP");
  cr_expect(lines.next(rest) == CommandLines::Kind::none);
  cr_expect(rest.empty());
}

Test(command, verbs_and_their_arguments) {
  struct Row {
    const char* line;
    Verb verb;
    bool well_formed;
    const char* argument;
  };
  const Row rows[] = {
      {"EHLO me.test", Verb::ehlo, true, "me.test"},
      {"ehlo  me.test ", Verb::ehlo, true, "me.test"},
      {"EHLO", Verb::ehlo, false, ""},
      {"HELO me", Verb::helo, true, "me"},
      {"MAIL FROM:<a@b> SIZE=1", Verb::mail, true, "<a@b> SIZE=1"},
      {"mail from: <a@b>", Verb::mail, true, "<a@b>"},
      {"MAIL FROM <a@b>", Verb::mail, false, "FROM <a@b>"},
      {"MAIL", Verb::mail, false, ""},
      {"RCPT TO:<a@b>", Verb::rcpt, true, "<a@b>"},
      {"RCPT FROM:<a@b>", Verb::rcpt, false, "FROM:<a@b>"},
      {"DATA", Verb::data, true, ""},
      {"DATA now", Verb::data, false, "now"},
      {"RSET", Verb::rset, true, ""},
      {"RSET x", Verb::rset, false, "x"},
      {"NOOP anything", Verb::noop, true, "anything"},
      {"VRFY bob", Verb::vrfy, true, "bob"},
      {"VRFY", Verb::vrfy, false, ""},
      {"EXPN list", Verb::expn, true, "list"},
      {"HELP", Verb::help, true, ""},
      {"QUIT", Verb::quit, true, ""},
      {"QUIT now", Verb::quit, false, "now"},
      {"AUTH PLAIN", Verb::not_implemented, true, "PLAIN"},
      {"STARTTLS", Verb::not_implemented, true, ""},
      {"BDAT 5 LAST", Verb::not_implemented, true, "5 LAST"},
      {"POST / HTTP/1.1", Verb::other_protocol, true, "/ HTTP/1.1"},
      {"Host: localhost", Verb::other_protocol, true, "localhost"},
      {"", Verb::unknown, true, ""},
      {"MAILFROM:<a@b>", Verb::unknown, true, ""},
      {"DATAX", Verb::unknown, true, ""},
  };
  for (const Row& row : rows) {
    const Command got = parse_command(row.line);
    cr_expect(got.verb == row.verb, "%s", row.line);
    cr_expect_eq(got.well_formed, row.well_formed, "%s", row.line);
    if (row.argument[0] != '\0') cr_expect_eq(got.argument, row.argument, "%s", row.line);
  }
}

Test(path, brackets_quotes_and_source_routes) {
  struct Row {
    std::string_view text, path, rest;
  };
  const Row rows[] = {
      {"<>", "", ""},
      {"<a@b> X=1", "a@b", " X=1"},
      {"<\"a>b\"@c>", "\"a>b\"@c", ""},
      {"<\"a\\\">b\"@c> Y", "\"a\\\">b\"@c", " Y"},
      {"<@x.test,@y.test:a@b>", "a@b", ""},
      {"a@b X=1", "a@b", " X=1"},
  };
  for (const Row& row : rows) {
    std::string_view rest = row.text;
    const auto path = take_path(rest);
    cr_assert(path.has_value(), "%s", row.text.data());
    cr_expect(*path == row.path && rest == row.rest, "%s", row.text.data());
  }
  for (std::string_view bad : {"", "a@b>", "<a@b", "<\"a@b>", "<@x.test>", "<@x:>", " <a@b>"})
    cr_expect(!take_path(bad).has_value(), "%s", bad.data());
}

Test(parameters, mail_takes_what_is_offered) {
  const auto mail = parse_mail("<a@b.test> size=123 BODY=8bitmime RET=HDRS ENVID=q+2B1 SMTPUTF8");
  cr_assert(mail.has_value());
  cr_expect(mail->size == 123 && mail->from.sender.text() == "a@b.test");
  cr_expect(mail->from.body == BodyType::eight_bit_mime && mail->from.ret == DsnReturn::headers);
  cr_expect(mail->from.envid == "q+2B1" && mail->from.utf8);
  cr_expect(parse_mail("<>")->from.sender.null());
  cr_expect(parse_mail("<b\xc3\xbc@c.test> SMTPUTF8").has_value());
  cr_expect(parse_mail("<\"a b\"@c.test>").has_value());
}

Test(parameters, brackets_may_be_missing) {
  const auto mail = parse_mail("a@b.test SIZE=5");
  cr_assert(mail.has_value());
  cr_expect_eq(mail->from.sender.text(), "a@b.test");
  cr_expect_eq(mail->size.value_or(0), 5U);
  cr_expect(parse_mail("\"a <b\"@c.test").has_value());
  const auto rcpt = parse_rcpt("a@b.test NOTIFY=NEVER", false, "");
  cr_assert(rcpt.has_value());
  cr_expect_eq(rcpt->address.text(), "a@b.test");
}

Test(parameters, rcpt_takes_what_is_offered) {
  const auto rcpt = parse_rcpt("<a@b.test> NOTIFY=success,delay ORCPT=rfc822;a@b.test", false, "");
  cr_assert(rcpt.has_value());
  cr_expect(rcpt->notify.success && rcpt->notify.delay && !rcpt->notify.failure);
  cr_expect_eq(rcpt->orcpt, "rfc822;a@b.test");
  cr_expect_eq(parse_rcpt("<a@b>", false, ".fix")->address.text(), "a@b.fix");
}

Test(parameters, what_is_wrong_has_its_code) {
  struct Row {
    std::string text;
    const char* code;
  };
  const Row mails[] = {
      {"", "501 5.5.4"},
      {" SIZE=1", "501 5.5.4"},
      {"a@b.test>", "501 5.5.4"},
      {"a<a@b.test>", "501 5.5.4"},
      {"a@b.test SIZE", "501 5.5.4"},
      {"<a@b.test>SIZE=1", "501 5.5.4"},
      {"<a@b.test> SIZE", "501 5.5.4"},
      {"<a@b.test> SIZE=", "501 5.5.4"},
      {"<a@b.test> SIZE=1x", "501 5.5.4"},
      {"<a@b.test> SIZE=-1", "501 5.5.4"},
      {"<a@b.test> SIZE=123456789012345678901", "501 5.5.4"},
      {"<a@b.test> SIZE=1 SIZE=2", "501 5.5.4"},
      {"<a@b.test> BODY=BINARYMIME", "501 5.5.4"},
      {"<a@b.test> RET=NONE", "501 5.5.4"},
      {"<a@b.test> ENVID=a+b", "501 5.5.4"},
      {"<a@b.test> ENVID=" + std::string(101, 'x'), "501 5.5.4"},
      {"<a@b.test> SMTPUTF8=1", "501 5.5.4"},
      {"<a@b.test> =1", "501 5.5.4"},
      {"<a@b.test> AUTH=<>", "555 5.5.4"},
      {"<a@b.test> NOTIFY=NEVER", "555 5.5.4"},
      {"<a@b.test> XYZ", "555 5.5.4"},
      {"<a@-b>", "553 5.1.7"},
      {"<a b@c>", "553 5.1.7"},
      {"<b\xc3\xbc@c.test>", "553 5.6.7"},
      {"<" + std::string(1001, 'x') + "@c.test>", "553 5.1.7"},
  };
  for (const Row& row : mails) {
    const auto mail = parse_mail(row.text);
    cr_assert(!mail.has_value(), "%s", row.text.c_str());
    cr_expect(mail.error().starts_with(row.code), "%s: %s", row.text.c_str(), mail.error().c_str());
  }
  const Row rcpts[] = {
      {"<>", "553 5.1.3"},      {"<a@b> NOTIFY=NEVER,SUCCESS", "501 5.5.4"},
      {"<a@b> ORCPT=a", "501"}, {"<a@b> ORCPT=rfc822;" + std::string(500, 'x'), "501"},
      {"<a@b> SIZE=1", "555"},  {"<b\xc3\xbc@c.test>", "553 5.6.7"},
      {"<a@b", "501"},
  };
  for (const Row& row : rcpts) {
    const auto rcpt = parse_rcpt(row.text, false, "");
    cr_assert(!rcpt.has_value(), "%s", row.text.c_str());
    cr_expect(rcpt.error().starts_with(row.code), "%s: %s", row.text.c_str(), rcpt.error().c_str());
  }
}
