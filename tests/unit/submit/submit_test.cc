#include <criterion/criterion.h>
#include <sysexits.h>

#include "submit/arguments.h"
#include "submit/letter.h"
#include "submit/logins.h"
#include "submit/report.h"

using namespace waypost;
using namespace waypost::submit;

namespace {

Result<SubmitArguments> parse(std::vector<const char*> words) {
  return parse_submit_arguments("sendmail", words);
}

Outcome outcome(Disposition disposition, FailureClass klass) {
  Outcome made;
  made.disposition = disposition;
  made.klass = klass;
  return made;
}

SubmitConfig config_with(const std::string& from, const std::string& local_mail) {
  SubmitConfig config;
  config.settings.hostname = "host.example";
  config.from = from;
  config.local_mail = local_mail;
  return config;
}

LoginQuery begin(std::vector<std::string> offered) {
  LoginQuery query;
  query.offered = std::move(offered);
  query.tls = true;
  return query;
}

LoginScope scope_with(std::vector<std::string> mechanisms) {
  LoginScope scope;
  scope.user = "user";
  scope.host = "smtp.example";
  scope.tls = TlsPolicy::verified;
  scope.mechanisms = std::move(mechanisms);
  return scope;
}

} // namespace

Test(submit_arguments, its_own_stand_among_those_of_sendmail) {
  const auto parsed =
      parse({"-ti", "--debug", "--config", "/x", "-f", "me@a.test", "--", "--debug"});
  cr_assert(parsed.has_value());
  cr_expect(parsed->debug && parsed->mail.from_header && parsed->mail.ignore_dots);
  cr_expect(*parsed->config == "/x");
  const std::vector<std::string> recipients{"--debug"};
  cr_expect(parsed->mail.recipients == recipients, "behind -- all are recipients");
}

Test(submit_arguments, says_what_is_wrong) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{"--config"},
                                             {"--resend"},
                                             {"--resend", "-t"},
                                             {"--nonsense"},
                                             {"--check", "bob@a.test"},
                                             {"-XV", "bob@a.test"},
                                             {"-j"}})
    cr_expect(!parse(words).has_value(), "%s", words.front());
  const auto resend = parse({"--resend", "a", "--", "-b"});
  cr_assert(resend.has_value());
  cr_expect_eq(resend->files.size(), 2U);
}

Test(submit_report, the_status_says_what_happened) {
  using enum Disposition;
  const struct {
    Disposition disposition;
    FailureClass klass;
    int status;
  } rows[] = {{deferred, FailureClass::auth, EX_NOPERM},
              {deferred, FailureClass::tls, EX_PROTOCOL},
              {deferred, FailureClass::dns, EX_NOHOST},
              {deferred, FailureClass::unreachable, EX_TEMPFAIL},
              {deferred, FailureClass::mailbox, EX_TEMPFAIL},
              {failed, FailureClass::mailbox, EX_NOUSER},
              {failed, FailureClass::content, EX_DATAERR},
              {failed, FailureClass::blocked, EX_UNAVAILABLE}};
  for (const auto& row : rows)
    cr_expect_eq(status_of(outcome(row.disposition, row.klass)), row.status);
  const Outcome gone = outcome(failed, FailureClass::mailbox);
  const Outcome busy = outcome(deferred, FailureClass::rate);
  const Outcome spam = outcome(failed, FailureClass::content);
  cr_expect_eq(status_of_all({}), EX_OK);
  cr_expect_eq(status_of_all({gone, gone}), EX_NOUSER);
  cr_expect_eq(status_of_all({gone, busy}), EX_TEMPFAIL);
  cr_expect_eq(status_of_all({gone, spam}), EX_UNAVAILABLE);
}

Test(submit_letter, local_names_become_addresses) {
  const SubmitConfig config = config_with("me@example.org", "home@example.org");
  cr_expect(whole_sender(*Address::parse("cron"), config).text() == "me@example.org");
  cr_expect(whole_sender(*Address::parse("a@b.test"), config).text() == "a@b.test");
  cr_expect(whole_sender(Address(), config).null());
  cr_expect(whole_recipient(*Address::parse("root"), config)->text() == "home@example.org");
  const SubmitConfig bare = config_with("", "");
  cr_expect(whole_sender(*Address::parse("cron"), bare).text() == "cron@host.example");
  const auto nobody = whole_recipient(*Address::parse("root"), bare);
  cr_expect(!nobody && nobody.error().text.find("local_mail = ") != std::string::npos);
}

Test(submit_letter, an_address_stands_once_and_a_name_without_one_is_no_recipient) {
  RealFs fs;
  SavedHead head;
  for (const char* const one : {"root", "bob@b.test", "cron", "bob@b.test"})
    head.recipients.push_back(*Address::parse(one));
  const auto message = SavedMessage::create(fs, "/dev/null/nowhere", head);
  cr_assert(message.has_value() && !message->unsaved().empty());
  const Letter letter = letter_of(*message, config_with("", "me@a.test"), false);
  cr_expect_eq(letter.job.recipients.size(), 2U);
  const std::vector<std::size_t> numbers{0, 1, 0, 1};
  cr_expect(letter.numbers == numbers);
  const Letter without = letter_of(*message, config_with("", ""), false);
  cr_expect_eq(without.job.recipients.size(), 1U);
  cr_expect(without.unsendable[0].has_value() && !without.unsendable[1].has_value());
}

Test(submit_logins, takes_the_strongest_or_the_configured_mechanism) {
  const std::vector<std::string> offered{"PLAIN", "CRAM-MD5", "SCRAM-SHA-256"};
  Logins strongest(scope_with({}), sasl::secret_of("pencil"));
  cr_expect(strongest.answer(begin(offered))->mechanism == "SCRAM-SHA-256");
  Logins plain(scope_with({"PLAIN"}), sasl::secret_of("pencil"));
  const auto said = plain.answer(begin(offered));
  cr_expect(said->mechanism == "PLAIN");
  cr_expect(*said->initial == "AHVzZXIAcGVuY2ls");
  Logins token(scope_with({"XOAUTH2"}), sasl::secret_of("token"));
  cr_expect(token.answer(begin({"XOAUTH2"}))->mechanism == "XOAUTH2");
}

Test(submit_logins, refuses_what_cannot_be_begun_and_cancels_what_has_not) {
  Logins logins(scope_with({}), sasl::secret_of("pencil"));
  LoginQuery challenge;
  challenge.kind = LoginQuery::Kind::challenge;
  cr_expect(logins.answer(challenge)->kind == LoginAnswer::Kind::cancel);
  cr_expect(logins.answer(begin({"GSSAPI"}))->kind == LoginAnswer::Kind::refused);
  LoginQuery dropped;
  dropped.kind = LoginQuery::Kind::dropped;
  cr_expect(!logins.answer(dropped).has_value());
}
