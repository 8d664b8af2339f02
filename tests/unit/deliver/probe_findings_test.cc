#include "deliver/probe_findings.h"

#include <criterion/criterion.h>

#include "deliver/policy.h"
#include "deliver/probe_report.h"
#include "lib/mail/transcript.h"

using namespace waypost;
using namespace waypost::deliver;

namespace {

using Level = ProbeFinding::Level;
using Step = ProbeFinding::Step;

std::string dialogue(std::initializer_list<std::pair<char, const char*>> lines) {
  std::string text;
  for (const auto& [who, words] : lines)
    append_transcript_line(text, {1, static_cast<Speaker>(who), words});
  return text;
}

Transport transport_of_type(TransportType type) {
  Transport transport;
  transport.name = "t";
  transport.type = type;
  transport.host = "smtp.example";
  return transport;
}

ProbeTry failed_try(const std::string& said, Outcome outcome) {
  ProbeTry one;
  one.host = {"mx.example", *net::IpAddress::parse("192.0.2.1"), 10, 25, false};
  one.dialogue = said;
  one.failure = HostFailure{std::move(outcome)};
  return one;
}

ProbeFindings with(const Transport& transport, ProbeTry one) {
  ProbeFindings found;
  found.transport = &transport;
  found.destination = "example.test";
  found.hosts.addresses = {one.host};
  found.tries.push_back(std::move(one));
  return found;
}

} // namespace

Test(probe_findings, a_failure_belongs_to_the_step_that_the_dialogue_had_come_to) {
  const Transport direct = transport_of_type(TransportType::direct);
  const struct {
    std::string said;
    Outcome outcome;
    Step step;
    int status;
  } rows[] = {
      {dialogue({{'*', "mx.example: Connection refused"}}), connect_failure("Connection refused"),
       Step::connect, 111},
      {dialogue({{'*', "connected to mx.example"}, {'<', "554 no"}}),
       host_refusal(Stage::greeting, Reply{554, "no", {}}), Step::greeting, 111},
      {dialogue(
           {{'*', "connected to mx.example"}, {'<', "220 hi"}, {'>', "EHLO x"}, {'<', "421 bye"}}),
       host_refusal(Stage::ehlo, Reply{421, "bye", {}}), Step::ehlo, 111},
      {dialogue(
           {{'*', "connected to mx.example"}, {'<', "220 hi"}, {'>', "EHLO x"}, {'>', "STARTTLS"}}),
       tls_failure("certificate: expired"), Step::tls, 111},
      {dialogue({{'*', "connected to mx.example"}, {'<', "220 hi"}, {'>', "AUTH PLAIN (8 bytes)"}}),
       login_refusal(Reply{535, "wrong", {}}), Step::auth, 100},
  };
  for (const auto& row : rows) {
    const ProbeFindings found = with(direct, failed_try(row.said, row.outcome));
    const std::vector<ProbeFinding> all = findings_of(found);
    const ProbeFinding& last = all.back();
    cr_expect(last.level == Level::trouble && last.step == row.step, "%s", last.found.c_str());
    cr_expect(!last.means.empty() && !last.act.empty());
    cr_expect_eq(probe_status(found), row.status);
  }
}

Test(probe_findings, what_a_fallback_left_behind_is_not_taken_for_the_last_connection) {
  const Transport direct = transport_of_type(TransportType::direct);
  const std::string said = dialogue({{'*', "connected to mx.example"},
                                     {'<', "220 first"},
                                     {'>', "STARTTLS"},
                                     {'*', "once more without TLS"},
                                     {'*', "connected to mx.example"},
                                     {'<', "421 second"}});
  const ProbeFindings found =
      with(direct, failed_try(said, host_refusal(Stage::greeting, Reply{421, "second", {}})));
  const std::vector<ProbeFinding> all = findings_of(found);
  cr_expect(all.back().step == Step::greeting);
}

Test(probe_findings, a_server_that_is_ready_is_told_with_what_it_lacks) {
  Transport smart = transport_of_type(TransportType::smtp);
  ProbeTry one = failed_try(
      dialogue({{'*', "connected to mx"}, {'<', "220 hi\x1b[31m"}, {'>', "EHLO x"}}), {});
  one.failure.reset();
  const ProbeFindings found = with(smart, std::move(one));
  cr_expect_eq(probe_status(found), 0);
  const std::string text = probe_text(found, true);
  cr_expect(text.find("STARTTLS is not offered") != std::string::npos);
  cr_expect(text.find('\x1b') == std::string::npos &&
            probe_json(found).find('\x1b') == std::string::npos);
}

Test(probe_findings, a_transport_that_logs_in_needs_a_server_that_offers_it) {
  Transport service = transport_of_type(TransportType::submission);
  service.credential = "ses";
  ProbeTry one =
      failed_try(dialogue({{'*', "connected to mx"}, {'<', "220 hi"}, {'>', "EHLO x"}}), {});
  one.failure.reset();
  const std::vector<ProbeFinding> all = findings_of(with(service, std::move(one)));
  cr_expect(all.back().level == Level::trouble && all.back().step == Step::auth);
}

Test(probe_findings, a_domain_without_hosts_says_what_becomes_of_its_mail) {
  const Transport direct = transport_of_type(TransportType::direct);
  ProbeFindings found;
  found.transport = &direct;
  found.destination = "null.test";
  found.hosts.outcome = null_mx("null.test");
  const std::vector<ProbeFinding> all = findings_of(found);
  cr_expect(all.size() == 1 && all.front().step == Step::dns &&
            all.front().level == Level::trouble);
  cr_expect_eq(probe_status(found), 100);
}
