#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/mail/job.h"
#include "lib/mail/route_query.h"

using namespace waypost;

namespace {

Job sample() {
  Job job;
  job.job = 17;
  job.generation = 1763765333123456;
  job.id = "0123456789abcdef";
  job.account = "alice";
  job.transport = "relay";
  job.destination = "smtp.example.net:25";
  job.attempt = 4;
  job.sender.sender = *Address::parse("a@example.org");
  job.sender.ret = DsnReturn::headers;
  job.sender.envid = "QQ";
  job.sender.utf8 = true;
  job.offset = 512;
  job.length = 1000;
  job.eight_bit = true;
  job.skip = 10;
  job.headers = "X: y\r\n";
  job.signature = "DKIM-Signature: z\r\n";
  job.prefer = "192.0.2.1";
  job.avoid = "ipv6";
  job.recipients = {{0, {*Address::parse("b@example.net"), *Notify::parse("NEVER"), "rfc822;b"}},
                    {7, {*Address::parse("c@example.net"), {}, {}}}};
  return job;
}

} // namespace

Test(job, travels_whole) {
  const auto record = Record::decode(to_record(sample()).encode());
  const auto job = job_of(*record);
  cr_assert(job.has_value(), "%s", job.error().text.c_str());
  cr_expect_eq(to_record(*job).encode(), to_record(sample()).encode());
  cr_expect_eq(job->recipients.size(), 2);
  cr_expect(job->recipients[0].recipient.notify.never());
}

// A header's bytes are any bytes, and what is signed must leave as it was signed.
Test(job, overlays_travel_with_every_byte) {
  Job before = sample();
  before.headers = std::string("X: a\0b\\0\\", 9) + "\\\r\n";
  before.signature = std::string("DKIM-Signature: \0\xff\r\n", 20);
  const auto job = job_of(*Record::decode(to_record(before).encode()));
  cr_assert(job.has_value());
  cr_expect(job->headers == before.headers && job->signature == before.signature);
}

Test(job, a_missing_or_wild_number_is_an_error) {
  for (const char* key : {"job", "generation", "offset", "length", "attempt", "rcpt"}) {
    const Record whole = to_record(sample());
    for (const char* value : {"", "x", "-1", "99999999999999999999"}) {
      Record changed;
      for (std::size_t i = 0; i < whole.size(); ++i) {
        const auto field = whole.field(i);
        changed.add(field.key, field.key == key ? value : field.value);
      }
      cr_expect_not(job_of(changed).has_value(), "%s=%s", key, value);
    }
  }
  Record no_recipients;
  no_recipients.add("type", "job")
      .add_number("job", 1)
      .add_number("generation", 1)
      .add_number("attempt", 1);
  no_recipients.add_number("offset", 1).add_number("length", 1).add("sender", "");
  cr_expect_not(job_of(no_recipients).has_value());
}

Test(job, overlay_cannot_reach_beyond_the_message) {
  Job job = sample();
  job.skip = job.length + 1;
  cr_expect_not(job_of(to_record(job)).has_value());
}

Test(route_query, query_and_answers_travel_whole) {
  RouteQuery query;
  query.query = 5;
  query.account = "alice";
  query.from = "example.org";
  query.to = "Bücher.example";
  query.attempt = 2;
  query.classes = {FailureClass::blocked, FailureClass::tls};
  query.refused = {"direct", "ses"};
  query.hand = "relay";
  query.refusal = FailureClass::tls;
  const auto again = route_query(*Record::decode(to_record(query).encode()));
  cr_assert(again.has_value());
  cr_expect(*again == query);

  RouteAnswer answer;
  answer.query = 5;
  answer.generation = 9;
  answer.transport = "ses";
  answer.type = "submission";
  answer.destination = "email.example.net:587";
  answer.rule = "waypost.toml:41";
  answer.recipients = 50;
  cr_expect(*route_answer(to_record(answer)) == answer);
  RouteAnswer wait;
  wait.query = 6;
  wait.wait = "no configuration has been compiled";
  cr_expect(*route_answer(to_record(wait)) == wait);
  RouteAnswer bounce;
  bounce.query = 7;
  bounce.bounce = true;
  cr_expect(*route_answer(to_record(bounce)) == bounce);
}

Test(route_query, an_answer_without_a_transport_is_an_error_never_direct) {
  Record record;
  record.add_number("query", 1).add_number("generation", 1);
  cr_expect_not(route_answer(record).has_value());
}
